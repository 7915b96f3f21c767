"""A run's losses as TensorBoard has them; the only module that imports tensorboard."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path

BOARD = "tensorboard"
MISSING = "tensorboard must be installed for --tensorboard: pip install 'runge-tui[tensorboard]'"


def installed() -> bool:
    """Whether TensorBoard's package is there."""
    return importlib.util.find_spec("tensorboard") is not None


def write(lines: Iterable[str], folder: Path) -> None:
    """Write a table of losses by epoch as scalars such as train/total to an event file in a folder; raises OSError."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    head, *rows = (line.strip().split(",") for line in lines)
    tags = [name.replace("_", "/", 1) for name in head[1:]]
    writer = EventFileWriter(str(folder), max_queue_size=1000)
    for epoch, *losses in rows:
        values = [Summary.Value(tag=tag, simple_value=float(loss)) for tag, loss in zip(tags, losses, strict=True)]
        writer.add_event(Event(step=int(epoch), summary=Summary(value=values)))
    writer.close()
