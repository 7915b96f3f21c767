"""The table of a sweep as text: a row a setting, its columns, what fits a width, and the order."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui_runge.core.errors import ERROR_LABELS
from tui_runge.sweeps.chart import value_of
from tui_runge.sweeps.plan import SweepPlan
from tui_runge.sweeps.table import SettingSummary, show_error
from tui_runge.tui.runs_table import cell

NUMBER, QUARTILES, WIDEST = 11, 21, 20
"""Cells of a number, of two with what joins them, and at most of a value that varies."""
BEST = "* "
"""Stands before the smallest of the medians."""


@dataclass(frozen=True)
class Column:
    """A column: its heading, cells, and of a setting its text and what to sort by; a low `rank` gets room first."""

    title: str
    width: int
    rank: int
    text: Callable[[SettingSummary], str]
    order: Callable[[SettingSummary], tuple[float, str]]
    right: bool = True


def columns(plan: SweepPlan, summaries: Sequence[SettingSummary], error: str) -> list[Column]:
    """The columns of a sweep, the chosen error with its quartiles, in their order."""
    values = [_value_column(name, summaries) for name in plan.varied] or [
        Column("setting", 10, 0, lambda each: each.label, lambda each: (0.0, each.label), right=False)
    ]
    others = [_error_column(name, summaries, 5) for name in ERROR_LABELS if name != error]
    counts = [_count_column(name, name, rank) for name, rank in (("running", 3), ("failed", 2))]
    return [
        *values,
        _error_column(error, summaries, 0),
        Column(
            "quartiles", QUARTILES, 1, lambda each: _quartiles(each, error), lambda each: _number(_spread(each, error))
        ),
        *others,
        Column("epochs/s", 9, 4, lambda each: each.rate, lambda each: _number(each.epochs_per_second or math.nan)),
        Column("done", 9, 1, _done, lambda each: _number(each.done)),
        *counts,
    ]


def fitted(shown: Sequence[Column], width: int) -> list[Column]:
    """The columns that fit a width, the most needed ones; the first always does."""
    kept: list[Column] = []
    for column in sorted(shown, key=lambda column: column.rank):
        if not kept or sum(each.width + 1 for each in kept) + column.width <= width:
            kept.append(column)
    return [column for column in shown if column in kept]


def ordered(summaries: Sequence[SettingSummary], column: Column, backwards: bool) -> list[SettingSummary]:
    """The settings by a column; those without a number come last either way."""
    found = sorted(summaries, key=column.order, reverse=backwards)
    return sorted(found, key=lambda each: math.isinf(column.order(each)[0])) if backwards else found


def row(shown: Sequence[Column], texts: Sequence[str]) -> str:
    """Texts below each other's columns."""
    return " ".join(cell(text, column.width, column.right) for column, text in zip(shown, texts, strict=True))


def _value_column(name: str, summaries: Sequence[SettingSummary]) -> Column:
    title = name.replace("_", " ")
    widest = max((len(value_of(each, name)) for each in summaries), default=0)
    width = min(max(widest, len(title) + 1), WIDEST)

    def order(each: SettingSummary) -> tuple[float, str]:
        value = value_of(each, name)
        try:
            return float(value), value
        except ValueError:
            return 0.0, value

    return Column(title, width, 0, lambda each: value_of(each, name), order, right=False)


def _error_column(name: str, summaries: Sequence[SettingSummary], rank: int) -> Column:
    medians = [getattr(each.median, name) for each in summaries]
    best = min((value for value in medians if math.isfinite(value)), default=math.nan)

    def text(each: SettingSummary) -> str:
        value = float(getattr(each.median, name))
        return BEST * (value == best) + show_error(value)

    return Column(ERROR_LABELS[name], NUMBER, rank, text, lambda each: _number(getattr(each.median, name)))


def _count_column(title: str, name: str, rank: int) -> Column:
    return Column(
        title,
        len(title) + 1,
        rank,
        lambda each: str(getattr(each, name) or "·"),
        lambda each: _number(getattr(each, name)),
    )


def _quartiles(each: SettingSummary, name: str) -> str:
    low, high = getattr(each.low, name), getattr(each.high, name)
    return "–" if math.isnan(low) else f"{show_error(low)} … {show_error(high)}"


def _spread(each: SettingSummary, name: str) -> float:
    """The upper quartile over the lower one."""
    low, high = getattr(each.low, name), getattr(each.high, name)
    return float(high / low) if low > 0 else math.nan


def _done(each: SettingSummary) -> str:
    return f"{each.done} of {each.runs}"


def _number(value: float) -> tuple[float, str]:
    """What to sort a number by: one that is not known is the last."""
    return (value if math.isfinite(value) else math.inf), ""
