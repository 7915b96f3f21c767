"""Measured points (x, f, f'), as a person gives them."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

MOST_POINTS = 100_000
MOST_NAMED = 20
"""Bad cells that a message names; it counts the others."""
PARTS = ("train", "validation")


class BadCellsError(ValueError):
    """A table has cells that cannot be read; the message names the first `MOST_NAMED` of them."""

    def __init__(self, name: str, count: int, first: Sequence[str]) -> None:
        super().__init__(name, count, first)
        self._name, self._count, self._first = name, count, first

    def __str__(self) -> str:
        return self.text(MOST_NAMED)

    def text(self, most: int) -> str:
        """What is wrong with the first of them, `most` at most, how many more there are, and the way out."""
        named = self._first[:most]
        more = f"; and {self._count - len(named):,} more" if self._count > len(named) else ""
        cells = "1 bad cell" if self._count == 1 else f"{self._count:,} bad cells"
        way_out = "mend what is named; a cell of f or df may be empty where nothing was measured"
        return f"{self._name} has {cells}: {'; '.join(named)}{more} ({way_out})"


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
        """Raise BadCellsError if there was any."""
        if self._count:
            raise BadCellsError(self._name, self._count, self._first)


@dataclass(frozen=True, eq=False)
class MeasuredPoints:
    """Measured points in the user's units: float64 arrays (n,), NaN where f or df was not measured.

    Every point has f or df, and at least one has f. `held_out` (n,) marks those kept for validation, and is None where
    they are still to be drawn. `name` says where the points are from. Equal are those of the same numbers and name.
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

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, MeasuredPoints) and self._identity == other._identity)

    def __hash__(self) -> int:
        return hash(self._identity)

    @cached_property
    def _identity(self) -> tuple[str, str]:
        return self.name, self.sha256

    @property
    def has_slopes(self) -> bool:
        """Whether df is known at any point."""
        import numpy as np

        return not bool(np.isnan(self.df).all())

    def with_validation(self, others: "MeasuredPoints") -> Self:
        """These points to train on and others to validate on; raises ValueError where they are too many together."""
        import numpy as np

        x, f, df = (np.concatenate((getattr(self, role), getattr(others, role))) for role in ("x", "f", "df"))
        if len(x) > MOST_POINTS:
            raise ValueError(too_many(f"{self.name} with {others.name}"))
        return replace(self, x=x, f=f, df=df, held_out=np.arange(len(x)) >= len(self))

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
