"""The x axis of what is shown over the training: its limits, in epochs or seconds, and what happened on the way."""

import math
from typing import TYPE_CHECKING

from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.tui.charts.view import nearest

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress

SHORT_NAMES = {"learning_rate": "rate", "function_weight": "w_f", "derivative_weight": "w_d"}
"""Names of hyperparameters as they fit beside a line."""


class OverEpochs:
    """A chart over the epochs of the training, or its seconds."""

    def x_limits(self, progress: "Progress", by_seconds: bool) -> tuple[float, float]:
        """From 0 to the planned epochs, so that what is drawn stays where it is; or to a time they may take."""
        epochs = float(max(progress.config.epochs, progress.epoch, 2))
        if not by_seconds:
            return (0.0, epochs)
        planned = progress.seconds * epochs / max(progress.epoch, 1)
        return (0.0, 2.0 ** math.ceil(math.log2(max(planned, 0.1))))


def x_of_epoch(progress: "Progress", epoch: float, by_seconds: bool) -> float:
    """Where an epoch stands on the x axis of a chart by epoch."""
    if by_seconds and progress.times.size:
        return float(progress.times[nearest(progress.curves.epochs, epoch)])
    return float(epoch)


def marks(progress: "Progress", by_seconds: bool) -> tuple[tuple[float, str], ...]:
    """The stages, the epoch of the best weights where they are handed in, and the changes of hyperparameters.

    Of several changes in a row, as keys make them, only where the last one led.
    """
    from tui_runge.core.progress import merge_changes

    found = [(float(start), f"stage {number}") for number, start in enumerate(progress.stage_starts, 2)]
    if progress.best_epoch is not None:
        found.append((float(progress.best_epoch), "best"))
    names = [""] * len(found)
    near = progress.config.epochs / 50
    last = float("-inf")
    for change in merge_changes(progress.changes):
        if change.name not in SHORT_NAMES and HYPERPARAMETERS[change.name].live:
            continue
        name = SHORT_NAMES.get(change.name, change.name.replace("_", " "))
        text = f"{name} {HYPERPARAMETERS[change.name].kind.show(change.after)}"
        if names and names[-1] == change.name and change.epoch - last < near:
            found[-1] = (found[-1][0], text)
        else:
            found.append((float(change.epoch), text))
            names.append(change.name)
        last = change.epoch
    return tuple((x_of_epoch(progress, at, by_seconds), text) for at, text in found)
