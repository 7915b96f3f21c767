"""Ghosts: other runs behind the one that is shown, their curves and what differs from them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.tui.charts.kinds import ChartKind
from tui_runge.tui.charts.spec import Curve

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress

LETTERS = "·+×"
"""What each ghost is drawn with: colours alone do not tell several apart, and ASCII has none of the finer marks."""


def ghost_curves(
    ghosts: "Sequence[Progress]", now: "Progress", kind: ChartKind, log: bool, by_seconds: bool
) -> tuple[Curve, ...]:
    """The ghosts' curves of a chart, those that can be compared."""
    return tuple(
        Curve(_label(ghost, now, name), "ghost", line[0], line[1], line[1], letter=letter, brief=name)
        for ghost, letter, name in zip(ghosts, LETTERS, ghost_names(ghosts), strict=False)
        if (line := kind.ghost(ghost, now, log, by_seconds)) is not None
    )


def ghost_names(ghosts: "Sequence[Progress]") -> list[str]:
    """What each ghost is called: a single one is the run before, others go by the last word of their names."""
    if len(ghosts) == 1:
        return ["before"]
    return [ghost.run.split("-", 2)[-1] or f"ghost {number}" for number, ghost in enumerate(ghosts, 1)]


def _label(ghost: "Progress", now: "Progress", name: str) -> str:
    unlike = ", ".join(f"{label} {was}" for label, was, _ in differences(ghost, now))
    return f"{name}: {unlike}" if unlike else name


def difference(ghost: "Progress", now: "Progress") -> str:
    """What differs, such as derivative weight 1 → 10."""
    unlike = differences(ghost, now)
    return ", ".join(f"{label} {was} → {value}" for label, was, value in unlike) or "the same hyperparameters"


def differences(ghost: "Progress", now: "Progress") -> list[tuple[str, str, str]]:
    """The hyperparameters that had other values in a ghost, what they were there, and what they are now."""
    both = ((name, _values(ghost, name, effective=True), _values(now, name)) for name in HYPERPARAMETERS)
    return [(name.replace("_", " "), was, value) for name, was, value in both if was != value]


def _values(progress: "Progress", name: str, effective: bool = False) -> str:
    """The value a hyperparameter began with and those it took on, only those that an epoch used if that is asked."""
    changes = [change for change in progress.changes if change.name == name]
    values = {0: changes[0].before if changes else getattr(progress.config, name)}
    values |= {change.epoch: change.after for change in changes if not effective or change.epoch < progress.epoch}
    show = HYPERPARAMETERS[name].kind.show
    first, *later = values.items()
    return ", ".join((show(first[1]), *(f"{show(value)} from {epoch}" for epoch, value in later)))
