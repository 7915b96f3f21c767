"""The table of classical methods as text, for the command line and the screen."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui_runge.core.errors import ERROR_LABELS
from tui_runge.runs.numbers import format_error

if TYPE_CHECKING:
    from tui_runge.analysis.outcomes import Outcome

DEFAULT_DEGREE = 20
"""Of the polynomials, unless told otherwise."""
HEADINGS = (*ERROR_LABELS.values(), "seconds")
"""Of the numbers in a row."""
BEST = "* "
"""Before the smallest number of a column."""


def number_rows(outcomes: "Sequence[Outcome]", unknown: str) -> list[tuple[str, ...]]:
    """The numbers of each outcome below `HEADINGS`, the best of a column marked; `unknown` where there is none."""
    columns = [_column([getattr(each.errors, name) for each in outcomes], _error, unknown) for name in ERROR_LABELS]
    columns.append(_column([each.seconds for each in outcomes], lambda seconds: f"{seconds:.4f}", unknown))
    return list(zip(*columns, strict=True))


def _column(values: Sequence[float], show: Callable[[float], str], unknown: str) -> list[str]:
    smallest = min((value for value in values if math.isfinite(value)), default=math.nan)
    return [unknown if math.isnan(value) else BEST * (value == smallest) + show(value) for value in values]


def _error(value: float) -> str:
    return format_error(value, unknown="inf")
