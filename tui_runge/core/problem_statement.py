"""What to fit, as a Python program says it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from tui_runge.core.config import Config
from tui_runge.core.field_types import IntervalText
from tui_runge.core.given_function import GivenFunction

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from tui_runge.core.given_function import ArrayFunction

DEFAULT_INTERVAL = (-1.0, 1.0)


@dataclass(frozen=True)
class ProblemStatement:
    """What to fit, to be given to `train`: a formula, a function with its derivative, or measured points.

    `values` are the fields of a `Config` that say so; how many points are taken of a function its other fields say.
    """

    values: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        f: "str | ArrayFunction",
        df: "ArrayFunction | None" = None,
        interval: str | Iterable[float] | None = None,
    ) -> Self:
        """A function on an interval: a formula such as "sin(x)", or f and its derivative df as functions of arrays.

        Both map an array (n,) to one of the same shape, as `np.sin` does. The interval is two numbers, or a text such
        as "-pi,pi"; by default that of a named function, else -1 to 1. Raises ValueError.
        """
        text = "" if interval is None else _interval_text(interval)
        if isinstance(f, str):
            if df is not None:
                raise ValueError(f"df must be left out for the formula {f!r}, which has a derivative of its own")
            config = Config(target=f, interval=text)
            return cls({"data": "", "function": None, "target": config.target, "interval": config.interval})
        if not callable(f) or not callable(df):
            raise ValueError(
                "f must be a formula, or f and df both functions of an array; of values make Problem.points(x, f, df)"
            )
        from tui_runge.core.formula import parse_interval

        name = getattr(f, "__name__", "f")
        ends = parse_interval(text) if text else DEFAULT_INTERVAL
        return cls({"data": "", "function": GivenFunction(f, df, ends, f"{name if name.isidentifier() else 'f'}(x)")})

    @classmethod
    def points(cls, x: "ArrayLike", f: "ArrayLike", df: "ArrayLike | None" = None) -> Self:
        """Measured points: arrays, lists or columns of a data frame (n,), with NaN where f or df was not measured.

        Raises ValueError naming the rows from 1, the values and the rule.
        """
        from tui_runge.core.measured_points import MeasuredPoints  # here, since the screen's first frame needs none

        return cls({"data": "points", "points": MeasuredPoints.of(x, f, df)})

    def in_config(self, config: Config) -> Config:
        """A configuration with this to fit in place of its own; raises ValueError as `Config` does."""
        return config.with_values(**self.values)


def _interval_text(interval: str | Iterable[float]) -> str:
    """An interval as `Config` has it."""
    if not isinstance(interval, str):
        try:
            low, high = map(float, interval)
        except (TypeError, ValueError):
            raise ValueError(f"interval must be two numbers such as (0, 3), got {interval!r}") from None
        interval = f"{low!r},{high!r}"
    return IntervalText().check("interval", interval)
