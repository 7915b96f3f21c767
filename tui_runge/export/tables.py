"""The tables of an export, as CSV that reads back exactly."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from tui_runge.core.history import HEADER, SERIES, table_row
from tui_runge.core.progress import Progress

ROW = re.compile(rb"(\d{1,10})(,-?(\d[\d.e+-]{0,30}|inf|nan)){%d}\n" % len(SERIES), re.ASCII)
LONGEST = 512
"""Bytes of a line that are looked at: one of losses is shorter, one made to fill a memory is not."""


def fit_table(progress: Progress) -> bytes:
    """The target and the network on the evaluation grid."""
    columns = vars(progress.fit)
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    lines = (",".join(map(repr, row)) for row in rows)
    return ("\n".join((",".join(columns), *lines)) + "\n").encode()


def losses_table(progress: Progress, history: Path | None) -> bytes:
    """The losses of every epoch, from the run's own file `history` or else the curves; empty where neither has all."""
    for lines in (_recorded(history, progress.epoch), _in_memory(progress)):
        with contextlib.suppress(LookupError, OSError):
            return b"".join((HEADER.encode(), *lines))
    return b""


def _recorded(path: Path | None, epochs: int) -> Iterator[bytes]:
    """The lines of a run's own file until an epoch; raises LookupError where one is missing or is none, OSError.

    Later ones are those of an epoch after the run was asked; missing ones could not be written in their time.
    """
    if path is None or not path.is_file():
        raise LookupError
    with path.open("rb") as file:
        file.readline(LONGEST)
        for epoch in range(1, epochs + 1):
            line = file.readline(LONGEST)
            match = ROW.fullmatch(line)
            if match is None or int(match[1]) != epoch:
                raise LookupError
            yield line


def _in_memory(progress: Progress) -> Iterator[bytes]:
    """The lines of the curves, whose buckets hold one epoch each at first; raises LookupError where they hold more."""
    curves = progress.curves
    if curves.span > 1:
        raise LookupError
    for epoch, losses in enumerate(curves.low.T.tolist(), 1):
        yield table_row(epoch, losses).encode()
