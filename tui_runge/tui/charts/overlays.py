"""Ghosts: other runs behind the one that is shown, their curves and what differs from them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_runge.runs.comparison import differences, values_over_time
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
    values = ", ".join(f"{label} {was}" for label, was, _ in _differences(ghost, now))
    return f"{name}: {values}" if values else name


def difference(ghost: "Progress", now: "Progress") -> str:
    """What differs between a ghost and the run shown, such as derivative weight 1 → 10."""
    texts = [f"{label} {was} → {value}" for label, was, value in _differences(ghost, now)]
    return ", ".join(texts) or "the same hyperparameters"


def _differences(ghost: "Progress", now: "Progress") -> list[tuple[str, str, str]]:
    """The label of each hyperparameter that differs, its values in the ghost, and its values now.

    Of the ghost only those count that an epoch was trained with.
    """
    before = values_over_time(ghost.config, ghost.changes, end=ghost.epoch)
    values = differences(before, values_over_time(now.config, now.changes))
    return [(name.replace("_", " "), was, value) for name, (was, value) in values.items()]
