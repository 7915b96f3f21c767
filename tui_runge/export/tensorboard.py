"""A run's losses as TensorBoard has them; the only module that imports tensorboard."""

import importlib.util
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tui_runge.core.atomic_files import atomic_write

if TYPE_CHECKING:  # the command line asks whether it is installed: NumPy would cost it the start
    from tui_runge.core.progress import Progress

EVENT_FILE = "events.out.tfevents.runge-tui"
"""One name for all: TensorBoard would mix the events of an export before with these."""
NOT_INSTALLED = "tensorboard must be installed for --{}: pip install 'runge-tui[tensorboard]'"

Scalars = dict[str, float]


def is_installed() -> bool:
    """Whether TensorBoard's package is there."""
    return importlib.util.find_spec("tensorboard") is not None


def write_events(progress: "Progress", table: bytes, folder: Path) -> None:
    """Write an event file with scalars such as train/total, from a table of losses by epoch; raises OSError.

    Hyperparameters changed on the way are scalars too. An event's time is that of training, from 0.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / EVENT_FILE) as file:
        events = EventWriter(file)
        for epoch, scalars in (*_changes(progress), *_losses(table)):
            events.write(_seconds(progress, epoch), epoch, scalars)


class EventWriter:
    """Writes the events of an event file."""

    def __init__(self, file: BinaryIO) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter

        self._event, self._summary = Event, Summary
        self._records = RecordWriter(file)
        self._records.write(Event(file_version="brain.Event:2").SerializeToString())

    def write(self, seconds: float, epoch: int, scalars: Scalars) -> None:
        """Write numbers of an epoch by their tags, and the time in seconds that they are of; raises OSError."""
        values = [self._summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
        event = self._event(wall_time=seconds, step=epoch, summary=self._summary(value=values))
        self._records.write(event.SerializeToString())


def _losses(table: bytes) -> Iterator[tuple[int, Scalars]]:
    """The epochs and losses of a table, which may be empty; without those of slopes that nobody measured."""
    head, *rows = (line.split(",") for line in table.decode().splitlines() or [""])
    for epoch, *losses in rows:
        yield int(epoch), loss_scalars(head[1:], map(float, losses))


def loss_scalars(names: Iterable[str], losses: Iterable[float]) -> Scalars:
    """Losses by tags such as train/total, without those of slopes that nobody measured."""
    tags = (name.replace("_", "/", 1) for name in names)
    return {tag: loss for tag, loss in zip(tags, losses, strict=True) if not math.isnan(loss)}


def _changes(progress: "Progress") -> Iterator[tuple[int, Scalars]]:
    """The values before and after each change of a number that acted."""
    from tui_runge.core.progress import felt_changes

    for change in felt_changes(progress):
        for epoch, value in ((change.epoch, change.before), (change.epoch + 1, change.after)):
            if isinstance(value, int | float):
                yield epoch, {f"hyperparameters/{change.name}": value}


def _seconds(progress: "Progress", epoch: int) -> float:
    """The seconds of training at an epoch, as far as known."""
    import numpy as np

    epochs, times = progress.curves.epochs, progress.times
    return float(np.interp(epoch, epochs, times)) if 0 < len(times) == len(epochs) else 0.0
