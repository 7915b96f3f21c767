"""What classical methods made of a problem, and what a network is worth beside them: plain values without SciPy."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_runge.core.errors import Errors
from tui_runge.core.progress import Progress

Floats = NDArray[np.float64]
Curve = Callable[[Floats], Floats]

HIGHEST_DEGREE = 1000
"""Of the Chebyshev series that a network is compared with."""


@dataclass(frozen=True)
class Fitted:
    """An approximation f with its derivative df, functions of the user's x (n,), each giving (n,)."""

    f: Curve
    df: Curve


@dataclass(frozen=True)
class Outcome:
    """What a method made of a problem; `fitted` is None, the errors NaN, where it cannot be, and `note` says why.

    `seconds` are those that the fit took. Errors are on the points that those of a network are.
    """

    name: str
    errors: Errors
    seconds: float
    fitted: Fitted | None = None
    note: str = ""


def network(progress: Progress) -> Outcome:
    """A run's network as if it were one of the methods; its seconds are those of the training."""
    return Outcome("network", progress.errors, progress.seconds, note=progress.run)


@dataclass(frozen=True)
class EqualDegrees:
    """The lowest degrees of a series as accurate in f, and in f'; infinite above `HIGHEST_DEGREE`, NaN if unknown."""

    f: float
    df: float

    def __str__(self) -> str:
        if math.isnan(self.f) or math.isnan(self.df):
            return ""
        how, compared = _worth(self.f)
        how_df, compared_df = _worth(self.df)
        in_df = f"{how_df} {compared_df}"
        if how == how_df:
            in_df = compared_df.replace("a Chebyshev series", "one") if how == "as accurate" else "too"
        return f"{how} in f {compared}, in f′ {in_df}"


def _worth(degree: float) -> tuple[str, str]:
    """How accurate a fit is, and beside what. A series is as exact as float64 lets it be, whatever its degree."""
    if degree == 0:
        return "no more accurate", "than a constant"
    if math.isinf(degree):
        return "more accurate", f"than any Chebyshev series to degree {HIGHEST_DEGREE} in float64"
    return "as accurate", f"as a Chebyshev series of degree {degree:.0f}"


@dataclass(frozen=True)
class Comparison:
    """Classical methods on the same `points` as a run, its network the last, and what that is worth.

    `degree` is that of the polynomials. Where nothing could be computed, `failure` says why.
    """

    outcomes: tuple[Outcome, ...]
    worth: EqualDegrees
    degree: int
    points: int
    failure: str = ""

    @property
    def network(self) -> Outcome:
        """The network's own errors."""
        return self.outcomes[-1]
