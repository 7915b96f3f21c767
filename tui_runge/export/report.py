"""The report of a run, to hand in: Markdown, and the same as one page of HTML."""

import base64
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from tui_runge.analysis.classical_table import BEST, HEADINGS, number_rows
from tui_runge.analysis.outcomes import Comparison
from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.field_types import AUTO
from tui_runge.core.history import DATA, LOSSES
from tui_runge.core.progress import Progress
from tui_runge.core.scaling import IDENTITY
from tui_runge.export.discussion import FIRST_ORDER, discussion
from tui_runge.export.facts import Facts
from tui_runge.export.figures import FIGURES
from tui_runge.export.layout import FILES, FILES_OF_FORMATS, FILES_OF_POINTS
from tui_runge.export.points import known
from tui_runge.export.wording import literal
from tui_runge.problems import ERROR_POINTS, Problem
from tui_runge.problems.expression import derivative_text, interval_notes
from tui_runge.problems.residuals import residual_deviation
from tui_runge.runs.metrics import versions
from tui_runge.runs.numbers import format_error
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


def markdown(
    progress: Progress, files: Sequence[str], comparison: Comparison | None = None, *, lists_files: bool = True
) -> str:
    """The report in Markdown, whose figures and other `files` lie beside it; a comparison with classical methods.

    Where it becomes a file that has the figures in it, it need not list what lies beside.
    """
    blocks = _blocks(progress, files, comparison)
    return "\n\n".join((*blocks, *(_files(progress, files) if lists_files else ()))) + "\n"


def _blocks(progress: Progress, files: Sequence[str], comparison: Comparison | None) -> Iterator[str]:
    facts = Facts(progress, comparison)
    yield f"# {_title(facts)}"
    yield from ("## Method", " ".join(filter(None, _method(facts))))
    if progress.parent:
        past = f"its first {parent_epoch(progress):,} epochs are that run's"
        yield f"The run is a branch of {progress.parent}: {past}."
    yield from ("## Settings", _settings_note(facts), _settings(facts.config))
    yield from ("## Results", _results(facts), *_residual(facts), _losses(progress))
    yield from (f"![{FILES[name]}]({name})" for name in FIGURES if name in files)
    if comparison:
        yield from ("## Classical methods", *_classical(facts, comparison))
    yield from ("## Discussion", *discussion(progress, comparison))
    yield from ("## To reproduce", f"```sh\n{rerun_command(progress, 'again')}\n```")
    yield ", ".join(f"{name} {number}" for name, number in versions().items()) + "."


def _files(progress: Progress, files: Sequence[str]) -> Iterator[str]:
    texts = FILES | (FILES_OF_POINTS if Facts(progress).points else {})
    texts |= {name: text for files in FILES_OF_FORMATS.values() for name, text in files.items()}
    yield from ("## Files", "\n".join(f"- `{name}`: {texts[name]}" for name in files if name in texts))


def _title(facts: Facts) -> str:
    network = "A network" if facts.config.stages == 1 else "A sum of networks"
    label = literal(facts.problem.label)
    if facts.points is not None:
        what = "the slopes of " * (not facts.f.ever_fitted) + f"the measured points {label}"
        return f"{network} fitted to {what}" + " and their slopes" * (facts.f.ever_fitted and facts.df.ever_fitted)
    function = f"f(x) = {label}" if facts.problem.formula else label
    if not facts.f.ever_fitted:
        return f"{network} fitted to the derivative of {function}"
    return f"{network} fitted to {function}" + " and its derivative" * facts.df.ever_fitted


def _method(facts: Facts) -> Iterator[str]:
    """The sentences of the method, some of them empty."""
    config = facts.config
    yield _network(config, made=len(facts.progress.stage_starts) + 1)
    yield _fitted_to(facts)
    yield from _derivative(facts.problem)
    yield from _measured(facts)
    yield f"The loss is L = {_loss(facts)} on {_data(facts)}."
    yield from _terms(facts)
    if config.stages > 1:
        yield (
            "From the second network on, what is left to fit is divided by its root mean square, and the derivative's "
            "weight in the loss which that network minimises by the square of a frequency: the root mean square of "
            "what is left of f′ over that of f, at least 1. The first layer's initial weights grow with it. The losses "
            "given are those of the whole sum, with the weights above."
        )
    yield _steps(facts)
    yield _learning_rate(config)
    if facts.steered:
        yield "This is how it was trained in the end; what was changed on the way, the discussion says."
    if config.keeps_best:
        least = "product of the two validation errors" if config.judges_by_product else "validation loss"
        yield f"The weights handed in are those of the epoch with the lowest {least}."
    yield _judged_on(facts)


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
    if facts.points is not None and facts.f.ever_fitted and facts.df.ever_fitted:
        return (
            f"It was trained on measured values and slopes at once (Czarnecki et al., *Sobolev Training for Neural "
            f"Networks*, 2017); {derivative}"
        )
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
        yield f"Here f′(x) = {literal(derivative_text(problem.formula))}."
        yield from (f"{literal(note)}." for note in interval_notes(problem.formula, problem.interval))


def _measured(facts: Facts) -> Iterator[str]:
    """Of measured points: which they are, how many, which were held out, and their hash."""
    given, points = facts.config.points, facts.points
    if given is None or points is None or points.held_out is None:
        return
    columns = {"f": points.f, "f′": points.df} if points.has_slopes else {"f": points.f}
    rows = f"{len(points):,} rows of {'x, f and f′' if points.has_slopes else 'x and f'}"
    counts = {name: known(values).size for name, values in columns.items()}
    some = [f"{size:,} have {name}" for name, size in counts.items() if size < len(points)]
    yield (
        f"The points {literal(points.name)} are {rows}"
        + f", of which {' and '.join(some)}" * bool(some)
        + f"; their SHA-256 is `{given.sha256}`."
    )
    held_out = int(points.held_out.sum())
    if not held_out:
        yield "None is held out for validation."
    elif given.held_out is None:
        yield f"{held_out:,} of them, drawn by the seed, {'are' if held_out > 1 else 'is'} held out for validation."
    else:
        are, were = ("are", "they were") if held_out > 1 else ("is", "it was")
        yield f"{held_out:,} of them {are} held out for validation, as {were} given."
    if not points.has_slopes:
        yield "No slopes were measured: f̂′ is the network's own."


def _data(facts: Facts) -> str:
    """The points that the loss and the validation loss are taken on."""
    config, problem = facts.config, facts.problem
    if facts.points is None:
        chosen = facts.progress.train_x.size  # while training, if at all
        where = NODES.get(config.nodes, f"{config.nodes} points")
        where = f"{chosen or config.train_points:,} {where} of {_interval(facts)}"
        return f"{where}; {config.validation_points:,} uniform points validate it"
    where = f"the {problem.training.x.size:,} training points in {_interval(facts)}, each term on those that have it"
    if problem.errors_on == "training":
        return f"{where}; they validate it too"
    return f"{where}; the {problem.validation.x.size:,} held-out points validate it"


def _terms(facts: Facts) -> Iterator[str]:
    """What else is to be said of the loss: its units, smoothing and noise."""
    config, scaling, problem = facts.config, facts.problem.scaling, facts.problem
    if scaling != IDENTITY:
        yield (
            f"It is taken in the network's units, {_in_units('x', scaling.x_center, scaling.x_scale)} and "
            f"{_in_units('f', scaling.f_center, scaling.f_scale)}; all that is given here, the model too, is in those "
            f"of x and f."
        )
    if config.derivative_weight == AUTO:
        when = "of the last epoch: it follows the losses" if config.weight_follows_losses else "throughout"
        yield f"The weight of MSE(f̂′, f′) was left to the program, by the sizes of f and f′; this is the one {when}."
    if config.smoothing:
        show = HYPERPARAMETERS["smoothing"].kind.show
        yield (
            f"What is minimised has {show(config.smoothing)} times the mean of f̂″² at the training points besides, "
            f"which penalises curvature: the training loss contains it, the validation loss does not."
        )
    if config.noise and problem.truth is not None:
        yield (
            f"Normal noise was added to the training values of f and f′, with {100 * config.noise:g} % of the largest "
            f"of each as its standard deviation."
        )


def _in_units(symbol: str, center: float, scale: float) -> str:
    """A number less a center, divided by a scale, as a formula."""
    sign = "−" if center > 0 else "+"
    shifted = f"({symbol} {sign} {abs(center):.6g})" if center else symbol
    return f"{shifted} / {scale:.6g}".replace("e-", "e−")


def _steps(facts: Facts) -> str:
    """What an epoch is, and on how many points a step is made."""
    config = facts.config
    batch = config.batch_size
    if config.optimizer not in BATCH_STEPS or not 0 < batch < facts.problem.training.x.size:
        return f"{STEPS[config.optimizer]} Every step takes all points, in {config.dtype}."
    return BATCH_STEPS[config.optimizer].format(batch=f"{batch:,}", dtype=config.dtype)


def _judged_on(facts: Facts) -> str:
    """The points that the errors are taken on."""
    if facts.points is None:
        return f"The errors are taken on {facts.config.evaluation_points:,} uniform points."
    if facts.problem.errors_on == "validation":
        return "The errors are taken on the held-out points."
    return "The errors are taken on the training points, since none is held out."


def _loss(facts: Facts) -> str:
    """The terms of the loss that have a weight."""
    config, derivative = facts.config, facts.derivative_weight
    if config.derivative_weight == AUTO:
        derivative = float(f"{derivative:.3g}")
    terms = ((config.function_weight, "MSE(f̂, f)"), (derivative, "MSE(f̂′, f′)"))
    show = HYPERPARAMETERS["function_weight"].kind.show
    return " + ".join(f"{show(weight)} · {term}" for weight, term in terms if weight)


STEPS = {
    "adam": "Every epoch is one step of Adam.",
    "adamw": "Every epoch is one step of AdamW, Adam with decoupled weight decay.",
    "sgd": "Every epoch is one step of gradient descent with momentum.",
    "gd": "Every epoch is one step of plain gradient descent.",
    "lbfgs": "Every epoch is one iteration of L-BFGS, which searches along a line for its step.",
    "lm": "Every epoch is one step of Levenberg-Marquardt; one that does not lower the loss is made again with more "
    "damping.",
    "adam-lm": "In the first half of the epochs planned for a network, every one is a step of Adam; in the other, one "
    "of Levenberg-Marquardt.",
}
"""What an epoch is, by the names of `Config.optimizer`."""
NODES = {
    "edges": "points, denser near the ends,",
    "adaptive": "points, some added where the residual was largest,",
}
"""The training points by `Config.nodes`, where its name does not say it."""
PASS = "a pass over the training points in batches of {batch}, drawn anew, in {dtype}"
BATCH_STEPS = {
    "adam": f"Every epoch is {PASS}: one step of Adam for each batch.",
    "adamw": f"Every epoch is {PASS}: one step of AdamW, Adam with decoupled weight decay, for each batch.",
    "sgd": f"Every epoch is {PASS}: one step of gradient descent with momentum for each batch.",
    "gd": f"Every epoch is {PASS}: one step of plain gradient descent for each batch.",
}
"""The same for the optimizers that take batches, where the training points are more than one."""
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
    idle = facts.config.idle
    names = dict.fromkeys(change.name.replace("_", " ") for change in facts.changes if change.name not in idle)
    changed = f" Changed on the way, and given as in the end: {', '.join(names)}." if names else ""
    return f"Values in bold differ from the report's; what has no effect beside the others is left out.{changed}"


def _interval(facts: Facts) -> str:
    low, high = (f"{end:g}".replace("-", "−") for end in facts.problem.interval)
    return f"[{low}, {high}]"


def _settings(config: Config) -> str:
    rows = ["| hyperparameter | value | report |", "| --- | --- | --- |"]
    for name, knob in HYPERPARAMETERS.items():
        if name in config.idle:
            continue
        value, usual = (_code(knob.kind.show(each)) for each in (getattr(config, name), knob.default))
        rows.append(f"| {name.replace('_', ' ')} | {value if value == usual else f'**{value}**'} | {usual} |")
    return "\n".join(rows)


def _code(value: str) -> str:
    """A value as it is, though its stars mean something else in Markdown, and its bars in a table."""
    return f"`{value}`" if "*" in value and "|" not in value and "`" not in value else literal(value)


def _results(facts: Facts) -> str:
    reference = facts.problem.reference
    where = {"grid": "error", "validation": "error on the held-out points", "training": "error on the training points"}
    rows = [f"| {where[facts.problem.errors_on]} | here |", "| --- | --- |"]
    if reference:
        rows = [f"| error | here | {reference.name} |", "| --- | --- | --- |"]
    for name, label in ERROR_LABELS.items():
        goal = f" {getattr(reference.errors, name):.2e} |" if reference else ""
        rows.append(f"| {label} | {format_error(getattr(facts.progress.errors, name))} |{goal}")
    return "\n".join(rows)


def _residual(facts: Facts) -> Iterator[str]:
    """Of measured points, the standard deviation of the residual."""
    deviation = residual_deviation(facts.progress)
    if math.isfinite(deviation):
        yield f"The residual's standard deviation over all points that have f is {deviation:.4g}, in the units of f."


def _losses(progress: Progress) -> str:
    rows = ["| final loss | training | validation |", "| --- | --- | --- |"]
    for loss in LOSSES:
        train, validation = (format_error(progress.loss(f"{data}_{loss}")) for data in DATA)
        rows.append(f"| {loss} | {train} | {validation} |")
    return "\n".join(rows)


def _classical(facts: Facts, comparison: Comparison) -> Iterator[str]:
    """What classical methods make of the training points, in a table with the network."""
    if comparison.failure:
        yield f"What classical methods make of the training points could not be computed: {comparison.failure}"
        return
    degree, count = comparison.degree, comparison.points
    text = f"The same {count:,} training points" if count != 1 else "The same training point"
    text += f", fitted by classical methods; the polynomials are of degree {degree}"
    if facts.problem.sample is not None:
        text += f", and those that interpolate take f at {degree + 1} nodes of their own"
    yield f"{text}. The smallest of each column is bold; seconds are those that the fit took."
    if facts.judged_where_trained:
        yield "Errors are taken on training points alone, where what interpolates is exact by construction."
    rows = [
        f"| {' | '.join((f'error on the {ERROR_POINTS[facts.problem.errors_on]}', *HEADINGS, 'note'))} |",
        f"| --- |{' --- |' * (len(HEADINGS) + 1)}",
    ]
    for outcome, numbers in zip(comparison.outcomes, number_rows(comparison.outcomes, "–"), strict=True):
        shown = [f"**{number.removeprefix(BEST)}**" if number.startswith(BEST) else number for number in numbers]
        note = "this run" if outcome.name == "network" else literal(outcome.note)
        rows.append(f"| {' | '.join((outcome.name, *shown, note))} |")
    yield "\n".join(rows)


def html(text: str, figures: Mapping[str, bytes]) -> str:
    """The page of a report in Markdown, complete in itself: its figures are in it."""
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    for name, png in figures.items():
        body = body.replace(f'src="{name}"', f'src="data:image/png;base64,{base64.b64encode(png).decode()}"')
    title = escape(re.sub(r"\\(.)", r"\1", text.partition("\n")[0].removeprefix("# ")))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{STYLE}</style>\n</head>\n'
        f"<body>\n{body}</body>\n</html>\n"
    )
