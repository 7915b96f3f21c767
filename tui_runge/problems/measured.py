"""Measured points, and the problem of fitting them."""

import csv
import io
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from tui_runge.core.scaling import Scaling
from tui_runge.problems.nodes import Interval, uniform
from tui_runge.problems.problem import Points, Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

MOST_POINTS = 100_000
MOST_NAMED = 20
"""Bad cells that a message names; it counts the others."""
PARTS = ("train", "validation")
SPLIT = 1
"""The split's own stream of a seed's random numbers."""
ROUNDING = 2.0**-32
"""Of the network's numbers, which are about 1: other units change their last digits, and a long training would make a
visible difference of those. What is left is finer than any measurement."""
TOO_WIDE = "the numbers span more than can be computed with: give them in other units"
MOST_SCALED = 1e30
"""The largest number that a network is given: its square is finite in float64, and itself in float32."""


class Faults:
    """The bad cells of a table, told all at once."""

    def __init__(self, name: str) -> None:
        self._name, self._count = name, 0
        self._first: list[str] = []

    def add(self, place: str, fault: str) -> None:
        """Note a fault at a place, such as "line 3, column f"."""
        self._count += 1
        if self._count <= MOST_NAMED:
            self._first.append(f"{place}: {fault}")

    def check(self) -> None:
        """Raise ValueError if there was any."""
        if self._count:
            more = f"; and {self._count - MOST_NAMED:,} more" if self._count > MOST_NAMED else ""
            cells = "1 bad cell" if self._count == 1 else f"{self._count:,} bad cells"
            way_out = "mend what is named; a cell of f or df may be empty where nothing was measured"
            raise ValueError(f"{self._name} has {cells}: {'; '.join(self._first)}{more} ({way_out})")


@dataclass(frozen=True, eq=False)
class MeasuredPoints:
    """Measured points in the user's units: float64 arrays (n,), NaN where f or df was not measured.

    Every point has f or df, and at least one has f. `held_out` (n,) marks those kept for validation, and is None where
    they are still to be drawn. `name` says where the points are from.
    """

    x: "Floats"
    f: "Floats"
    df: "Floats"
    held_out: "Mask | None" = None
    name: str = "points"

    @classmethod
    def of(
        cls,
        x: "ArrayLike",
        f: "ArrayLike",
        df: "ArrayLike | None" = None,
        held_out: "ArrayLike | None" = None,
        name: str = "points",
    ) -> Self:
        """Points from equally long columns: arrays, lists or columns of a data frame; rows with neither f nor df go.

        Raises ValueError naming the rows from 1, the values and the rule.
        """
        import numpy as np

        columns = {"x": _column("x", x, name), "f": _column("f", f, name)}
        columns["df"] = np.full_like(columns["x"], np.nan) if df is None else _column("df", df, name)
        parts = None if held_out is None else np.array(held_out, dtype=bool)
        sizes = [len(column) for column in columns.values()] + ([] if parts is None else [len(parts)])
        if len(set(sizes)) > 1:
            raise ValueError(f"{name}: the columns must be equally long, got {', '.join(map(str, sizes))}")
        _check_finite(columns, name)
        measured = ~(np.isnan(columns["f"]) & np.isnan(columns["df"]))
        kept = {role: column[measured] for role, column in columns.items()}
        if np.isnan(kept["f"]).all():
            raise ValueError(f"{name} has no value of f: at least one point must have one")
        if len(kept["x"]) > MOST_POINTS:
            raise ValueError(too_many(name))
        for column in kept.values():
            column.flags.writeable = False
        return cls(**kept, held_out=None if parts is None else parts[measured], name=name)

    def __len__(self) -> int:
        return len(self.x)

    def with_validation(self, others: "MeasuredPoints") -> Self:
        """These points to train on and others to validate on; raises ValueError where they are too many together."""
        import numpy as np

        x, f, df = (np.concatenate((getattr(self, role), getattr(others, role))) for role in ("x", "f", "df"))
        if len(x) > MOST_POINTS:
            raise ValueError(too_many(f"{self.name} with {others.name}"))
        return replace(self, x=x, f=f, df=df, held_out=np.arange(len(x)) >= len(self))

    def part(self, chosen: "Mask") -> Points:
        """The points that a mask (n,) chooses."""
        return Points(self.x[chosen], self.f[chosen], self.df[chosen])

    def to_csv(self) -> str:
        """The table that `parse_points` reads back bit for bit: x, f, df and, where it is settled, part."""
        import numpy as np

        columns: list[list[Any]] = [[None if np.isnan(v) else v for v in c.tolist()] for c in (self.x, self.f, self.df)]
        if self.held_out is not None:
            columns.append([PARTS[held_out] for held_out in self.held_out.tolist()])
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(("x", "f", "df", "part")[: len(columns)])
        writer.writerows(zip(*columns, strict=True))
        return table.getvalue()

    @cached_property
    def sha256(self) -> str:
        """The hash of `to_csv`, in hexadecimal."""
        return sha256(self.to_csv().encode()).hexdigest()


def too_many(name: str) -> str:
    """What to say of more points than can be fitted."""
    return f"{name} has more than {MOST_POINTS:,} points, the most that can be fitted: keep every tenth row, say"


def _column(role: str, values: "ArrayLike", name: str) -> "Floats":
    """A column (n,) of numbers, copied."""
    import numpy as np

    try:
        column = np.array(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name}: column {role} must hold numbers") from error
    if column.ndim != 1:
        raise ValueError(f"{name}: column {role} must have one dimension, got shape {column.shape}")
    return column


def _check_finite(columns: "dict[str, Floats]", name: str) -> None:
    """Raise ValueError for an x that is not finite, or an infinite f or df."""
    import numpy as np

    faults = Faults(name)
    for role, column in columns.items():
        for row in np.flatnonzero(~np.isfinite(column) if role == "x" else np.isinf(column)).tolist():
            faults.add(f"row {row + 1}, column {role}", f"{column[row]} is not a finite number")
    faults.check()


def measured_problem(
    points: MeasuredPoints, *, evaluation_points: int = 500, validation_fraction: float = 0.2, seed: int = 0
) -> Problem:
    """The problem of fitting measured points; the fit is shown on a uniform grid, where f and df are NaN: not known.

    Of points without parts, a share drawn by the seed is held out for validation; with none held out, the network is
    validated on what it is trained on. Raises ValueError where all x are the same, or numbers span too much.
    """
    import numpy as np

    interval = float(points.x.min()), float(points.x.max())
    if interval[0] == interval[1]:
        raise ValueError(f"{points.name}: x must take two values at least, got {interval[0]:.6g} only")
    held_out = _draw(points, validation_fraction, seed) if points.held_out is None else points.held_out
    if np.isnan(points.f[~held_out]).all():
        raise ValueError(f"{points.name} has no value of f to train on: not all may be held out for validation")
    scaling = _scaling(points, interval)

    def grid() -> Points:
        x = uniform(interval, evaluation_points)
        return Points(x, np.full_like(x, np.nan), np.full_like(x, np.nan))

    return Problem(
        label=points.name,
        interval=interval,
        make_training=lambda: points.part(~held_out),
        make_validation=lambda: points.part(held_out if held_out.any() else ~held_out),
        make_evaluation=grid,
        scaling=scaling,
        errors_on="validation" if held_out.any() else "training",
        rounding=ROUNDING,
    )


def _draw(points: MeasuredPoints, fraction: float, seed: int) -> "Mask":
    """The points (n,) held out: this share of those with f, never the last of them, and of those with df alone.

    The order is that of the generator's own integers, which NumPy promises to keep, so that a run resumes under another
    version of it with the same split.
    """
    import numpy as np

    held_out = np.zeros(len(points), dtype=bool)
    numbers = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(SPLIT,))).random_raw(len(points))
    order = np.argsort(numbers, kind="stable")
    with_f = ~np.isnan(points.f[order])
    for group, left in ((order[with_f], 1), (order[~with_f], 0)):
        count = max(round(fraction * len(group)), 1 if fraction > 0 else 0)
        held_out[group[: max(0, min(count, len(group) - left))]] = True
    return held_out


def unit_scaling(interval: Interval, f: "Floats", df: "Floats") -> Scaling:
    """The scaling that takes the interval to [-1, 1] and f (n,) to mean 0 and standard deviation 1; NaN is left out.

    The same in whatever units x and f are. Where f does not vary, the slopes df (n,) say how large it is. Raises
    ValueError where float64 does not hold it.
    """
    import numpy as np

    low, high = interval
    x_center, x_scale = low / 2 + high / 2, high / 2 - low / 2
    f, df = f[~np.isnan(f)], df[~np.isnan(df)]
    f_center = float(f.mean())
    f_scale = _root_mean_square(f - f_center) if f.max() > f.min() else _root_mean_square(df) * x_scale
    numbers = x_center, x_scale, f_center, f_scale or 1.0
    if not (np.isfinite(numbers).all() and x_scale > 0):
        raise ValueError(TOO_WIDE)
    return Scaling(*numbers)


def _root_mean_square(values: "Floats") -> float:
    """The root of the mean square of values (n,), which may be too large or small to square; 0 for none."""
    import numpy as np

    largest = float(np.abs(values).max(initial=0.0))
    return largest * float(np.sqrt(np.mean((values / largest) ** 2))) if largest else 0.0


def _scaling(points: MeasuredPoints, interval: Interval) -> Scaling:
    """The scaling of the points; raises ValueError where the network's numbers would not be finite."""
    import numpy as np

    with np.errstate(all="ignore"):
        scaling = unit_scaling(interval, points.f, points.df)
        scaled = scaling.network_x(points.x), scaling.network_f(points.f), scaling.network_df(points.df)
    for ours, networks in zip((points.x, points.f, points.df), scaled, strict=True):
        if not (np.abs(networks[~np.isnan(ours)]) < MOST_SCALED).all():
            raise ValueError(TOO_WIDE)
    return scaling
