"""What the numbers of a run say, in sentences for a report."""

import math
from collections.abc import Iterator

import numpy as np

from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.progress import Floats, Progress
from tui_runge.problems import Reference, problem_of

ENDINGS = {
    "epochs": "it had trained all its epochs",
    "stop_error": "its training error of f was as small as was asked for",
    "patience": "its validation loss no longer fell",
    "max_seconds": "its time was up",
    "converged": "no step lowered the loss any more",
    "diverged": "its loss grew without bound",
    "stopped": "it was stopped",
    "restart": "another run was begun",
}
OUTER = 0.5
"""The part of the way from the middle of the interval to its ends from which a point counts as near them."""


def discussion(progress: Progress) -> Iterator[str]:
    """The paragraphs, each of one thought; what cannot be said of a run is left out."""
    yield _ending(progress)
    if progress.epoch:
        yield from filter(None, (_dominant(progress), _where(progress), _generalisation(progress), _trend(progress)))
    yield from _changes(progress)
    reference = problem_of(progress.config).reference
    if reference is not None:
        yield _against(reference, progress)


def _ending(progress: Progress) -> str:
    epochs = f"{progress.epoch:,} epoch{'s' * (progress.epoch != 1)}"
    took = f"The run took {epochs} and {progress.seconds:.2f} s of training."
    if progress.message:
        return f"{took} It diverged: {progress.message}. All numbers are those of the last finite weights."
    reason = ENDINGS.get(progress.ended_by)
    return f"{took} It ended because {reason}." if reason else f"{took} It had not ended yet."


def _dominant(progress: Progress) -> str:
    f, df = progress.errors.mse_f, progress.errors.mse_df
    if not (_positive(f) and _positive(df)):
        return ""
    if df > f:
        return (
            f"The derivative is the harder part: its mean squared error, {df:.2e}, is {df / f:,.0f} times that of the "
            f"function, {f:.2e}. A small wave of the network around f is a large one in its slope."
        )
    return (
        f"The function is the harder part here: its mean squared error, {f:.2e}, is {f / df:,.1f} times that of the "
        f"derivative, {df:.2e}. A shift of the whole curve costs the slopes nothing."
    )


def _where(progress: Progress) -> str:
    fit = progress.fit
    interval = problem_of(progress.config).interval
    places = (_place(interval, fit.x, fit.f_hat - fit.f), _place(interval, fit.x, fit.df_hat - fit.df))
    if not all(places):
        return ""
    return f"The error of f {places[0]}; that of f′ {places[1]}."


def _place(interval: tuple[float, float], x: Floats, error: Floats) -> str:
    """Where an error is largest, and how much of its square lies near the ends of the interval."""
    low, high = interval
    middle, far = (low + high) / 2, OUTER * (high - low) / 2
    squares = error * error
    if not np.isfinite(squares).all() or not squares.sum() > 0:
        return ""
    at = float(x[np.argmax(squares)])
    share = float(squares[np.abs(x - middle) >= far].sum() / squares.sum())
    distance = f"|x − {middle:g}|" if middle else "|x|"
    return f"is largest at x = {at:.3f}, and {100 * share:.0f} % of its square lies where {distance} ≥ {far:g}"


def _generalisation(progress: Progress) -> str:
    train, validation = progress.curves.newest("train_total"), progress.curves.newest("validation_total")
    if not (_positive(train) and _positive(validation)):
        return ""
    ratio = validation / train
    numbers = f"the validation loss, {validation:.2e}, is {ratio:.2f} times the training loss, {train:.2e}"
    if ratio > 2:
        return f"The network over-fits: {numbers}. More training points, or a smaller network, would help."
    return f"There is no over-fitting: {numbers}."


def _trend(progress: Progress) -> str:
    losses, _ = progress.curves.band("train_total")
    tenth = len(losses) // 10
    if not tenth:
        return ""
    before, last = np.median(losses[-2 * tenth : -tenth]), np.median(losses[-tenth:])
    if not (_positive(before) and _positive(last)):
        return ""
    if last < 0.98 * before:
        return (
            f"The loss was still falling at the end: its median over the last tenth of the epochs is "
            f"{100 * (1 - last / before):.0f} % below that of the tenth before. More epochs would lower it further."
        )
    if last > 1.02 * before:
        return (
            f"The loss was rising at the end: its median over the last tenth of the epochs is "
            f"{last / before:.2f} times that of the tenth before. A smaller learning rate, or a schedule that lowers "
            f"it, would help."
        )
    return "The loss had settled: over the last tenth of the epochs its median changed by less than 2 %."


def _changes(progress: Progress) -> Iterator[str]:
    """One sentence for each hyperparameter changed on the way, with the loss before and after."""
    for change in progress.changes:
        show = HYPERPARAMETERS[change.name].kind.show
        name = change.name.replace("_", " ")
        changed = f"After epoch {change.epoch:,} {name} was changed from {show(change.before)} to {show(change.after)}"
        at = int(np.searchsorted(progress.curves.epochs, change.epoch + 1))
        known = 0 < at < progress.curves.epochs.size and change.name != "epochs"
        if not known:
            yield f"{changed}."
            continue
        (function, _), (derivative, _) = (progress.curves.band(f"train_{loss}") for loss in ("function", "derivative"))
        yield (
            f"{changed}; from there to the end MSE(f) went from {function[at - 1]:.2e} to {function[-1]:.2e} and "
            f"MSE(f′) from {derivative[at - 1]:.2e} to {derivative[-1]:.2e} on the training points."
        )


def _against(reference: Reference, progress: Progress) -> str:
    met = [label for name, label in ERROR_LABELS.items() if _rounded(progress, name) <= getattr(reference.errors, name)]
    if len(met) == len(ERROR_LABELS):
        return f"All four errors are as small as the {reference.name}'s, or smaller."
    if not met:
        return f"None of the four errors is as small as the {reference.name}'s."
    missed = [label for label in ERROR_LABELS.values() if label not in met]
    verb = "is" if len(met) == 1 else "are"
    return f"{', '.join(met)} {verb} as small as the {reference.name}'s, or smaller; {', '.join(missed)} not."


def _rounded(progress: Progress, name: str) -> float:
    """An error to the three digits that the report gives; NaN meets nothing."""
    return float(f"{getattr(progress.errors, name):.2e}")


def _positive(value: float) -> bool:
    return 0 < value < math.inf
