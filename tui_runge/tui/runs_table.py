"""The table of runs as text: its columns, what fits a width, the order and the filter."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, set_cell_size

from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.field_types import EXAMPLE
from tui_runge.runs.numbers import format_duration, format_error
from tui_runge.runs.summary import RunSummary


@dataclass(frozen=True)
class Column:
    """A column: its heading, width in cells, text, and what to sort by.

    Those of the lowest `rank` get room first; one of width 0 is as wide as its widest text.
    """

    title: str
    width: int
    rank: int
    text: Callable[[RunSummary], str]
    order: Callable[[RunSummary], Any]
    right: bool = False

    def cell(self, run: RunSummary, width: int) -> str:
        """Its text in exactly `width` cells."""
        return name_cell(run.name, width) if self.title == "name" else cell(self.text(run), width, self.right)


def _error(name: str, label: str, rank: int) -> Column:
    def value(run: RunSummary) -> float:
        return float(getattr(run.errors, name))

    def order(run: RunSummary) -> float:
        return value(run) if math.isfinite(value(run)) else math.inf

    return Column(label, 10, rank, lambda run: format_error(value(run)), order, right=True)


def remarks(run: RunSummary) -> str:
    """What differs from the defaults; what is wrong with a broken run."""
    return run.problem or run.differs or "defaults"


def target(run: RunSummary) -> str:
    """The function that was fitted, or the name of an example or file of points."""
    return run.config.data.removeprefix(EXAMPLE).rpartition("/")[2] or run.config.target


COLUMNS = (
    Column("name", 24, 0, lambda run: run.name, lambda run: run.name),
    Column("when", 12, 10, lambda run: f"{run.created:%d %b %H:%M}", lambda run: run.created),
    Column("status", 11, 1, lambda run: run.status, lambda run: run.status),
    Column("target", 8, 8, target, target),
    Column("epochs", 9, 4, lambda run: f"{run.epoch:,}", lambda run: run.epoch, right=True),
    *(_error(name, label, rank) for (name, label), rank in zip(ERROR_LABELS.items(), (2, 3, 7, 7), strict=True)),
    Column("time", 8, 9, lambda run: format_duration(run.seconds), lambda run: run.seconds, right=True),
    Column("differs", 24, 6, remarks, remarks),
    Column("note", 0, 5, lambda run: run.note, lambda run: run.note),
)
NOTE = next(column for column in COLUMNS if column.title == "note")
NEWEST = next(n for n, column in enumerate(COLUMNS) if column.title == "when")


def note_width(runs: Sequence[RunSummary]) -> int:
    """The cells that the notes of runs need below their heading; 0 where there are none."""
    widest = max((cell_len(run.note) for run in runs if run.note), default=0)
    return max(widest, len(NOTE.title) + 1) if widest else 0


def fitted(width: int, notes: int) -> list[tuple[Column, int]]:
    """The columns that fit a width, the most needed ones, with the cells of each.

    Notes need `notes` cells: they are shown whole or not at all. What is left goes to the differences.
    """
    cells: dict[str, int] = {}
    for column in sorted(COLUMNS, key=lambda column: column.rank):
        needed = column.width or notes
        if not cells or (needed and sum(cells.values()) + len(cells) + needed < width):
            cells[column.title] = needed
    cells["differs" if "differs" in cells else "name"] += max(0, width - sum(cells.values()) - len(cells))
    return [(column, cells[column.title]) for column in COLUMNS if column.title in cells]


def name_cell(name: str, width: int) -> str:
    """A run's name in exactly `width` cells; cut at its beginning: its end tells runs of a sweep apart."""
    return cell(name if cell_len(name) <= width else "…" + name[1 - width :], width)


def cell(text: str, width: int, right: bool = False) -> str:
    """A text in exactly `width` cells, cut with an ellipsis."""
    used = cell_len(text)
    if used > width:
        return set_cell_size(text, width - 1) + "…"
    gap = " " * (width - used)
    return gap + text if right else text + gap


def matching(runs: Sequence[RunSummary], typed: str) -> list[RunSummary]:
    """The runs that hold every word typed in what the list says of them."""
    words = typed.lower().split()
    if not words:
        return list(runs)
    return [run for run in runs if all(word in searched(run) for word in words)]


def searched(run: RunSummary) -> str:
    """What a filter looks at."""
    return f"{run.name} {remarks(run)} {run.note} {target(run)} {run.status}".lower()
