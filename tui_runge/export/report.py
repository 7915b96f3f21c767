"""The report of a run, to hand in: Markdown, and the same as one page of HTML."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.history import DATA, LOSSES
from tui_runge.core.progress import Progress
from tui_runge.export.discussion import FIRST_ORDER, Facts, discussion
from tui_runge.export.figures import FIGURES
from tui_runge.export.layout import FILES
from tui_runge.problems import Problem, problem_of
from tui_runge.problems.expression import derivative_text, interval_notes
from tui_runge.runs.metrics import versions
from tui_runge.runs.reproduce import parent_epoch, rerun_command

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
    facts = Facts(progress)
    yield f"# {_title(facts)}"
    yield from ("## Method", " ".join(filter(None, _method(facts))))
    if progress.parent:
        past = f"its first {parent_epoch(progress):,} epochs are that run's"
        yield f"The run is a branch of {progress.parent}: {past}."
    yield from ("## Settings", _settings_note(facts), _settings(facts.config))
    yield from ("## Results", _results(progress), _losses(progress))
    yield from (f"![{FILES[name]}]({name})" for name in FIGURES)
    yield from ("## Discussion", *discussion(progress))
    yield from ("## To reproduce", f"```sh\n{rerun_command(progress, 'again')}\n```")
    yield ", ".join(f"{name} {number}" for name, number in versions().items()) + "."
    yield from ("## Files", "\n".join(f"- `{name}`: {FILES[name]}" for name in files if name in FILES))


def _title(facts: Facts) -> str:
    network = "A network" if facts.config.stages == 1 else "A sum of networks"
    if not facts.f.ever_fitted:
        return f"{network} fitted to the derivative of f(x) = {facts.problem.label}"
    return f"{network} fitted to f(x) = {facts.problem.label}" + " and its derivative" * facts.df.ever_fitted


def _method(facts: Facts) -> Iterator[str]:
    """The sentences of the method, some of them empty."""
    config = facts.config
    yield _network(config, made=len(facts.progress.stage_starts) + 1)
    yield _fitted_to(facts)
    yield from _derivative(facts.problem)
    yield (
        f"The loss is L = {_loss(config)} on {config.train_points:,} {config.nodes} points of "
        f"{_interval(facts)}; {config.validation_points:,} uniform points validate it."
    )
    if config.stages > 1:
        yield (
            "From the second network on, what is left to fit is divided by its root mean square, and the derivative's "
            "weight in the loss which that network minimises by the square of a frequency: the root mean square of "
            "what is left of f′ over that of f, at least 1. The first layer's initial weights grow with it. The losses "
            "given are those of the whole sum, with the weights above."
        )
    yield f"{STEPS[config.optimizer]} Every step takes all points, in {config.dtype}."
    yield _learning_rate(config)
    if facts.steered:
        yield "This is how it was trained in the end; what was changed on the way, the discussion says."
    yield f"The errors are taken on {config.evaluation_points:,} uniform points."


def _network(config: Config, made: int) -> str:
    layers = "–".join(map(str, (1, *config.hidden, 1)))
    if config.stages == 1:
        return f"The model f̂ is a feed-forward network, {layers} with {config.activation}."
    count = f"{made} of the {config.stages} networks asked for" if made < config.stages else f"{made} networks"
    return (
        f"The model f̂ is the sum of {count}, each a feed-forward network, {layers} with {config.activation}; each is "
        f"fitted to what those before it leave (Wang & Lai, *Multi-stage neural networks: function approximator of "
        f"machine precision*, 2023). The epochs are shared out among the networks: one is trained at a time."
    )


def _fitted_to(facts: Facts) -> str:
    derivative = "f̂′ is the exact derivative of f̂ in its input."
    if not facts.df.ever_fitted:
        return f"It was trained on the values of f alone; {derivative}"
    if not facts.f.ever_fitted:
        return f"It was trained on the values of f′ alone; {derivative}"
    return (
        f"It was trained on a function and its derivative at once (Czarnecki et al., *Sobolev Training for Neural "
        f"Networks*, 2017); {derivative}"
    )


def _derivative(problem: Problem) -> Iterator[str]:
    """f′ as a formula, and what is to be said of kinks and jumps."""
    if problem.formula:
        yield f"Here f′(x) = {derivative_text(problem.formula)}."
        yield from (f"{note}." for note in interval_notes(problem.formula, problem.interval))


def _loss(config: Config) -> str:
    """The terms of the loss that have a weight."""
    terms = ((config.function_weight, "MSE(f̂, f)"), (config.derivative_weight, "MSE(f̂′, f′)"))
    show = HYPERPARAMETERS["function_weight"].kind.show
    return " + ".join(f"{show(weight)} · {term}" for weight, term in terms if weight)


STEPS = {
    "adam": "Every epoch is one step of Adam.",
    "adamw": "Every epoch is one step of AdamW, Adam with decoupled weight decay.",
    "sgd": "Every epoch is one step of gradient descent with momentum.",
    "lbfgs": "Every epoch is one iteration of L-BFGS, which searches along a line for its step.",
    "lm": "Every epoch is one step of Levenberg-Marquardt; one that does not lower the loss is made again with more "
    "damping.",
    "adam-lm": "In the first half of the epochs planned for a network, every one is a step of Adam; in the other, one "
    "of Levenberg-Marquardt.",
}
"""What an epoch is, by the names of `Config.optimizer`."""
SCHEDULES = {
    "constant": "",
    "cosine": "times a factor that falls from 1 to 0 along half a cosine",
    "onecycle": "times a factor that rises to 1 in the first 0.3 of the epochs and falls to nearly 0 in the others",
    "plateau": "times a tenth for each time that the loss had not fallen for more than 10 epochs",
}
"""What is done to the learning rate, by the names of `Config.schedule`."""


def _learning_rate(config: Config) -> str:
    """The learning rate, where the method uses it."""
    if config.optimizer not in (*FIRST_ORDER, "adam-lm"):
        return ""
    rate = f"The learning rate is {HYPERPARAMETERS['learning_rate'].kind.show(config.learning_rate)}"
    return ", ".join(filter(None, (rate, SCHEDULES[config.schedule]))) + "."


def _settings_note(facts: Facts) -> str:
    names = dict.fromkeys(change.name.replace("_", " ") for change in facts.changes)
    changed = f" Changed on the way, and given as in the end: {', '.join(names)}." if names else ""
    return f"Values in bold differ from the report's.{changed}"


def _interval(facts: Facts) -> str:
    low, high = (f"{end:g}".replace("-", "−") for end in facts.problem.interval)
    return f"[{low}, {high}]"


def _settings(config: Config) -> str:
    rows = ["| hyperparameter | value | report |", "| --- | --- | --- |"]
    for name, knob in HYPERPARAMETERS.items():
        value, usual = (_code(knob.kind.show(each)) for each in (getattr(config, name), knob.default))
        rows.append(f"| {name.replace('_', ' ')} | {value if value == usual else f'**{value}**'} | {usual} |")
    return "\n".join(rows)


def _code(value: str) -> str:
    """A value as it is, though its stars mean something else in Markdown."""
    return f"`{value}`" if "*" in value else value


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
        train, validation = (f"{progress.loss(f'{data}_{loss}'):.2e}" for data in DATA)
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
