"""The tables of an export, as CSV that reads back exactly."""

import contextlib
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from pathlib import Path

import numpy as np

from tui_runge.analysis.outcomes import Comparison
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.gradient_samples import COLUMNS
from tui_runge.core.history import HEADER, SERIES, table_row
from tui_runge.core.measured_points import PARTS
from tui_runge.core.progress import Floats, Progress
from tui_runge.export.points import measured_points, model_at
from tui_runge.runs.numbers import exact_number

ROW = re.compile(rb"(\d{1,10})(,-?(\d[\d.e+-]{0,30}|inf|nan)){%d}\n" % len(SERIES), re.ASCII)
PREDICTION = ("x", "f_hat", "df_hat")
"""The columns of what the network says at places of x."""
LONGEST = 512
"""Bytes of a line that are looked at: one of losses is shorter, one made to fill a memory is not."""


def fit_table(progress: Progress) -> bytes:
    """The target and the network on the evaluation grid, or at measured points, in their order and with their parts.

    The latter is a table that can be read as points again.
    """
    points = measured_points(progress)
    if points is None:
        columns = vars(progress.fit)
        return _table(columns, *(map(repr, column.tolist()) for column in columns.values()))
    f_hat, df_hat = model_at(progress, points.x)
    assert points.held_out is not None
    parts = (PARTS[held_out] for held_out in points.held_out.tolist())
    return _table((*vars(progress.fit), "part"), *map(_cells, (points.x, points.f, points.df, f_hat, df_hat)), parts)


def curve_table(progress: Progress) -> bytes:
    """The network on the evaluation grid, where measured points were fitted; empty where a function was."""
    fit = progress.fit
    if not progress.config.data:
        return b""
    return _table(PREDICTION, *map(_cells, (fit.x, fit.f_hat, fit.df_hat)))


def rows(*columns: Floats) -> Iterator[str]:
    """The rows of a table of numbers, each column (n,), as they read back exactly; without line ends."""
    return map(",".join, zip(*map(_cells, columns), strict=True))


def classical_table(comparison: Comparison) -> bytes:
    """The errors and the seconds of each classical method and of the network, and the note on it."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("method", *ERROR_LABELS, "seconds", "note"))
    for outcome in comparison.outcomes:
        numbers = np.array([*astuple(outcome.errors), outcome.seconds])
        writer.writerow((outcome.name, *_cells(numbers), outcome.note))
    return file.getvalue().encode()


def gradients_table(progress: Progress) -> bytes:
    """The gradients of the two losses, of the epochs that were sampled; empty where none was."""
    samples = progress.gradients
    if not samples.epochs.size:
        return b""
    epochs = (f"{epoch:.0f}" for epoch in samples.epochs.tolist())
    return _table(COLUMNS, epochs, *map(_cells, (samples.function, samples.derivative, samples.cosine)))


def _table(names: Iterable[str], *columns: Iterable[str]) -> bytes:
    lines = map(",".join, zip(*columns, strict=True))
    return ("\n".join((",".join(names), *lines)) + "\n").encode()


def _cells(column: Floats) -> Iterator[str]:
    """The numbers of a column as they read back exactly; empty where one is not known."""
    return map(exact_number, column.tolist())


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
