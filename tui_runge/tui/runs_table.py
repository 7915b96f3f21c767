"""The table of runs as text: its columns, what fits a width, the order and the filter."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, set_cell_size

from tui_runge.core.errors import ERROR_LABELS
from tui_runge.runs.numbers import format_duration, format_error
from tui_runge.runs.summary import RunSummary


@dataclass(frozen=True)
class Column:
    """A column: its heading, width in cells, text, and what to sort by.

    The columns of the highest `rank` are left out first where space is short.
    """

    title: str
    width: int
    rank: int
    text: Callable[[RunSummary], str]
    order: Callable[[RunSummary], Any]
    right: bool = False


def _error(name: str, label: str, rank: int) -> Column:
    def value(run: RunSummary) -> float:
        return float(getattr(run.errors, name))

    def order(run: RunSummary) -> float:
        return value(run) if math.isfinite(value(run)) else math.inf

    return Column(label, 10, rank, lambda run: format_error(value(run)), order, right=True)


def remarks(run: RunSummary) -> str:
    """What differs from the defaults; what is wrong with a broken run."""
    return run.problem or run.differs or "defaults"


COLUMNS = (
    Column("name", 24, 0, lambda run: run.name, lambda run: run.name),
    Column("when", 12, 9, lambda run: f"{run.created:%d %b %H:%M}", lambda run: run.created),
    Column("status", 11, 1, lambda run: run.status, lambda run: run.status),
    Column("target", 8, 7, lambda run: run.config.target, lambda run: run.config.target),
    Column("epochs", 9, 4, lambda run: f"{run.epoch:,}", lambda run: run.epoch, right=True),
    *(_error(name, label, rank) for (name, label), rank in zip(ERROR_LABELS.items(), (2, 3, 6, 6), strict=True)),
    Column("time", 8, 8, lambda run: format_duration(run.seconds), lambda run: run.seconds, right=True),
    Column("differs", 24, 5, remarks, remarks),
    Column("note", 16, 10, lambda run: run.note, lambda run: run.note),
)
STRETCHED = ("differs", "note")
NEWEST = next(n for n, column in enumerate(COLUMNS) if column.title == "when")


def fitted(width: int) -> list[tuple[Column, int]]:
    """The columns that fit a width, the most needed ones, with the cells of each; what is left goes to the words."""
    shown = list(COLUMNS)
    while len(shown) > 1 and sum(column.width + 1 for column in shown) > width:
        shown.remove(max(shown, key=lambda column: column.rank))
    spare = max(0, width - sum(column.width + 1 for column in shown))
    wide = [column for column in shown if column.title in STRETCHED] or shown[:1]
    return [(column, column.width + (spare // len(wide) if column in wide else 0)) for column in shown]


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
    return f"{run.name} {remarks(run)} {run.note} {run.config.target} {run.status}".lower()
