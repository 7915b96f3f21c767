"""The report of a run, to hand in: Markdown, and the same as one page of HTML."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.history import DATA, LOSSES
from tui_runge.core.progress import Progress
from tui_runge.export.discussion import discussion
from tui_runge.export.figures import FIGURES
from tui_runge.export.layout import FILES
from tui_runge.problems import problem_of
from tui_runge.runs.metrics import versions
from tui_runge.runs.reproduce import rerun_command

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border-bottom: 1px solid #8888; padding: .2rem .8rem .2rem 0; text-align: left; }
img { max-width: 100%; background: white; }
pre { overflow-x: auto; border: 1px solid #8888; padding: .6rem; white-space: pre-wrap; }
@media print { body { max-width: none; margin: 0; } img { max-width: 60%; } h2, img, table { break-inside: avoid; } }
"""


def markdown(progress: Progress, files: Sequence[str]) -> str:
    """The report in Markdown, whose figures and other `files` lie beside it."""
    return "\n\n".join(_blocks(progress, files)) + "\n"


def _blocks(progress: Progress, files: Sequence[str]) -> Iterator[str]:
    config = progress.config
    network = "–".join(map(str, (1, *config.hidden, 1)))
    yield f"# A network fitted to f(x) = {problem_of(config).label} and its derivative"
    yield from ("## Method", _method(config, network))
    if progress.parent:
        yield f"The run is a branch of {progress.parent}: it shares that run's past up to there."
    yield from ("## Settings", "Values in bold differ from the report's.", _settings(config))
    yield from ("## Results", _results(progress), _losses(progress))
    yield from (f"![{FILES[name]}]({name})" for name in FIGURES)
    yield from ("## Discussion", *discussion(progress))
    yield from ("## To reproduce", f"```sh\n{rerun_command(progress, 'again')}\n```")
    yield ", ".join(f"{name} {number}" for name, number in versions().items()) + "."
    yield from ("## Files", "\n".join(f"- `{name}`: {FILES[name]}" for name in files if name in FILES))


def _method(config: Config, network: str) -> str:
    show = {name: knob.kind.show(getattr(config, name)) for name, knob in HYPERPARAMETERS.items()}
    return (
        f"A feed-forward network f̂, {network} with {config.activation}, was trained on a function and its derivative "
        f"at once (Czarnecki et al., *Sobolev Training for Neural Networks*, 2017); f̂′ is the exact derivative of the "
        f"network in its input. The loss is L = {show['function_weight']} · MSE(f̂, f) + {show['derivative_weight']} · "
        f"MSE(f̂′, f′) on {config.train_points:,} {config.nodes} points of "
        f"{_interval(config)}; {config.validation_points:,} "
        f"uniform points validate it. Every epoch is one step of {config.optimizer} on all points, in {config.dtype}. "
        f"The errors are taken on {config.evaluation_points:,} uniform points."
    )


def _interval(config: Config) -> str:
    low, high = (f"{end:g}".replace("-", "−") for end in problem_of(config).interval)
    return f"[{low}, {high}]"


def _settings(config: Config) -> str:
    rows = ["| hyperparameter | value | report |", "| --- | --- | --- |"]
    for name, knob in HYPERPARAMETERS.items():
        value, usual = knob.kind.show(getattr(config, name)), knob.kind.show(knob.default)
        rows.append(f"| {name.replace('_', ' ')} | {value if value == usual else f'**{value}**'} | {usual} |")
    return "\n".join(rows)


def _results(progress: Progress) -> str:
    reference = problem_of(progress.config).reference
    rows = (
        [f"| error | here | {reference.name} |", "| --- | --- | --- |"]
        if reference
        else ["| error | here |", "| --- | --- |"]
    )
    for name, label in ERROR_LABELS.items():
        goal = f" {getattr(reference.errors, name):.2e} |" if reference else ""
        rows.append(f"| {label} | {getattr(progress.errors, name):.2e} |{goal}")
    return "\n".join(rows)


def _losses(progress: Progress) -> str:
    rows = ["| final loss | training | validation |", "| --- | --- | --- |"]
    for loss in LOSSES:
        train, validation = (f"{progress.curves.newest(f'{data}_{loss}'):.2e}" for data in DATA)
        rows.append(f"| {loss} | {train} | {validation} |")
    return "\n".join(rows)


def html(text: str, figures: Mapping[str, bytes]) -> str:
    """The page of a report in Markdown, complete in itself: its figures are in it."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    for name, png in figures.items():
        body = body.replace(f'src="{name}"', f'src="data:image/png;base64,{base64.b64encode(png).decode()}"')
    title = escape(text.partition("\n")[0].removeprefix("# "))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{STYLE}</style>\n</head>\n'
        f"<body>\n{body}</body>\n</html>\n"
    )
