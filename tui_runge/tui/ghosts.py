"""Other runs behind the one that is shown: their curves, and what differs from them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tui_runge.config import KNOBS
from tui_runge.tui.plot import Floats
from tui_runge.tui.spec import Curve, is_loss

if TYPE_CHECKING:
    from tui_runge.progress import Progress

LETTERS = "·+×"
"""What each ghost is drawn with: colours alone do not tell several apart, and ASCII has none of the finer marks."""


def curves(ghosts: "Sequence[Progress]", now: "Progress", chart: int, log: bool, by_seconds: bool) -> tuple[Curve, ...]:
    """The ghosts' curves of a chart: the training loss, or the fit where it is of the same target."""
    return tuple(
        Curve(_label(ghost, now, name), "ghost", x, y, y, letter=letter, brief=name)
        for ghost, letter, name in zip(ghosts, LETTERS, called(ghosts), strict=False)
        if is_loss(chart) or ghost.config.target == now.config.target
        for x, y in [_points(ghost, chart, log, by_seconds)]
    )


def called(ghosts: "Sequence[Progress]") -> list[str]:
    """What each ghost is called: a single one is the run before, others go by the last word of their names."""
    if len(ghosts) == 1:
        return ["before"]
    return [ghost.run.split("-", 2)[-1] or f"ghost {number}" for number, ghost in enumerate(ghosts, 1)]


def _label(ghost: "Progress", now: "Progress", name: str) -> str:
    unlike = ", ".join(f"{label} {was}" for label, was, _ in differences(ghost, now))
    return f"{name}: {unlike}" if unlike else name


def _points(ghost: "Progress", chart: int, log: bool, by_seconds: bool) -> tuple[Floats, Floats]:
    if not is_loss(chart):
        return ghost.fit.x, ghost.fit.df_hat if chart == 4 else ghost.fit.f_hat
    x = ghost.times if by_seconds else ghost.curves.epochs
    return x, _middle(ghost.curves.low[chart], ghost.curves.high[chart], log)


def _middle(low: Floats, high: Floats, log: bool) -> Floats:
    """The middle of a band, of the logarithm where that is what is shown."""
    if not log:
        return (low + high) / 2
    with np.errstate(invalid="ignore", over="ignore"):
        return np.sqrt(low) * np.sqrt(high)


def difference(ghost: "Progress", now: "Progress") -> str:
    """What differs, such as derivative weight 1 → 10."""
    unlike = differences(ghost, now)
    return ", ".join(f"{label} {was} → {its}" for label, was, its in unlike) or "the same hyperparameters"


def differences(ghost: "Progress", now: "Progress") -> list[tuple[str, str, str]]:
    """The hyperparameters that had other values in a ghost, what they were there, and what they are now."""
    both = ((name, _values(ghost, name, felt=True), _values(now, name)) for name in KNOBS)
    return [(name.replace("_", " "), was, its) for name, was, its in both if was != its]


def _values(progress: "Progress", name: str, felt: bool = False) -> str:
    """The value a hyperparameter began with and those it took on, if any epoch felt them where that is asked."""
    changes = [change for change in progress.changes if change.name == name]
    values = {0: changes[0].before if changes else getattr(progress.config, name)}
    values |= {change.epoch: change.after for change in changes if not felt or change.epoch < progress.epoch}
    show = KNOBS[name].kind.show
    first, *later = values.items()
    return ", ".join((show(first[1]), *(f"{show(value)} from {epoch}" for epoch, value in later)))
