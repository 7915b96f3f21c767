"""The chart of a sweep as numbers: an error over one of the varied hyperparameters, a line for each value of others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tui_runge.core.errors import ERROR_LABELS
from tui_runge.sweeps.table import SettingSummary, setting_label

MOST_LINES = 6
"""Lines that can be told apart."""
WIDE = 20.0
"""The largest of the values over the smallest, from which three values or more are shown on a logarithmic axis."""


@dataclass(frozen=True)
class ErrorLine:
    """The medians and quartiles of an error at ascending places of the axis; the label is what else is set."""

    label: str
    x: tuple[float, ...]
    median: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class ErrorChart:
    """An error over the values of a hyperparameter.

    `ticks` are the places of all its values, each with the value as it is spelt. Places are the numbers, on a `log`
    axis their log10, and 0, 1, 2 ... where the values are no numbers. Lines that there is no room for are `left_out`.
    """

    error: str
    axis: str
    log: bool
    ticks: tuple[tuple[float, str], ...]
    lines: tuple[ErrorLine, ...]
    left_out: int = 0

    @property
    def top(self) -> float:
        """Where a bar ends that has no end, since runs diverged: above all others."""
        numbers = (value for line in self.lines for value in (*line.median, *line.high))
        return 2 * max((value for value in numbers if value < math.inf), default=1.0)

    @property
    def limits(self) -> tuple[float, float]:
        """The ends of the axis, with room for the outermost values."""
        places = [place for place, _ in self.ticks]
        room = 0.06 * (max(places) - min(places)) or 0.5
        return min(places) - room, max(places) + room


def error_chart(summaries: Sequence[SettingSummary], error: str, axis: str = "", log: Sequence[str] = ()) -> ErrorChart:
    """The chart of an error over a varied hyperparameter, by default the first.

    The axis is logarithmic where it is among `log`, or its values are far apart.

    Where more than `MOST_LINES` settings of the others are left, the lines are those of the smallest errors.
    """
    if not summaries:
        return ErrorChart(error, axis, False, (), ())
    names = [name for name, _ in summaries[0].setting]
    axis = axis or (names[0] if names else "")
    values = list(dict.fromkeys(value_of(summary, axis) for summary in summaries))
    places, is_log = _places(values, log=axis in log)
    groups: dict[str, list[SettingSummary]] = {}
    for summary in summaries:
        others = [pair for pair in summary.setting if pair[0] != axis]
        groups.setdefault(setting_label(tuple(others)) if others else "", []).append(summary)
    if len(values) == len(summaries):
        groups = {"": list(summaries)}  # each value stands once, also where others vary together with it
    lines = [
        _line(label, group, error, axis, dict(zip(values, places, strict=True))) for label, group in groups.items()
    ]
    best = sorted(lines, key=_smallest)[:MOST_LINES]
    shown = tuple(_apart([line for line in lines if line in best], places))
    ticks = tuple(sorted(zip(places, values, strict=True)))
    return ErrorChart(error, axis, is_log, ticks, shown, len(lines) - len(shown))


def chart_title(chart: ErrorChart) -> str:
    """What the chart shows, such as MSE(f′) by derivative weight."""
    return ERROR_LABELS[chart.error] + (f" by {chart.axis.replace('_', ' ')}" if chart.axis else "")


def value_of(summary: SettingSummary, axis: str) -> str:
    """The value that a setting has of a varied hyperparameter."""
    return dict(summary.setting).get(axis, "")


def _places(values: Sequence[str], *, log: bool) -> tuple[list[float], bool]:
    """The place of each value on the axis, and whether that is logarithmic."""
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return [float(place) for place in range(len(values))], False
    positive = all(number > 0 for number in numbers)
    if positive and (log or (len(numbers) > 2 and max(numbers) >= WIDE * min(numbers))):
        return [math.log10(number) for number in numbers], True
    return numbers, False


def _line(label: str, group: Sequence[SettingSummary], error: str, axis: str, places: dict[str, float]) -> ErrorLine:
    points = sorted(
        (
            places[value_of(summary, axis)],
            *(getattr(part, error) for part in (summary.median, summary.low, summary.high)),
        )
        for summary in group
    )
    x, median, low, high = zip(*points, strict=True)
    return ErrorLine(label, x, median, low, high)


def _smallest(line: ErrorLine) -> float:
    return min((value for value in line.median if not math.isnan(value)), default=math.inf)


def _apart(lines: Sequence[ErrorLine], places: Sequence[float]) -> list[ErrorLine]:
    """The lines moved aside a little, so that their bars do not cover each other."""
    step = 0.012 * (max(places) - min(places))
    middle = (len(lines) - 1) / 2
    return [
        ErrorLine(line.label, tuple(x + (n - middle) * step for x in line.x), line.median, line.low, line.high)
        for n, line in enumerate(lines)
    ]
