"""What a sweep varies: a hyperparameter and its values, as a list or a range, in the words of `--vary`."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, Self

from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.field_types import Integer, IntervalText, Real, RealOrAuto, Sizes, Value
from tui_runge.core.text import hint, printable

Spacing = Literal["lin", "log"]
MOST_VALUES = 100_000
"""Values of one hyperparameter."""
DIGITS = 6
"""Significant digits of the values within a range; its ends are as they were given."""
SYNTAX = "NAME=V1,V2,... or NAME=log:LOW..HIGH:COUNT or NAME=lin:LOW..HIGH:COUNT"
WITH_COMMAS = (Sizes, IntervalText)
"""The kinds of hyperparameters whose values may contain commas, and are separated by colons."""


@dataclass(frozen=True)
class Range:
    """All values from `low` to `high`, spaced evenly or by a factor; `whole` where they are whole numbers."""

    low: float
    high: float
    spacing: Spacing
    whole: bool


@dataclass(frozen=True)
class Variation:
    """A hyperparameter with the values that it takes, as the command line spells them.

    They were spaced as `range` says, if it is given. One without a number of values has none: it is to be searched.
    """

    name: str
    values: tuple[str, ...]
    range: Range | None = None

    @property
    def ends(self) -> tuple[str, ...]:
        """The values, or those at the ends of a range."""
        if self.range is None:
            return self.values
        show = HYPERPARAMETERS[self.name].kind.show
        return show(self.range.low), show(self.range.high)

    def show(self) -> str:
        """The text that `parse` reads back, of a range without a number of values."""
        if self.range is not None:
            return f"{self.name}={self.range.spacing}:{'..'.join(self.ends)}"
        return f"{self.name}={_separator(self.name).join(self.values)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """What a person typed; raises ValueError naming the value, the rule and the way out."""
        name, equals, values = text.partition("=")
        if not (equals and values.strip()):
            raise ValueError(f"--vary must be {SYNTAX}, got {printable(text)!r}")
        return cls.of(name.strip(), values.strip())

    @classmethod
    def of(cls, name: str, values: object) -> Self:
        """A hyperparameter, and its values as typed or as a sequence of them; raises ValueError as `parse`."""
        name = _known(name)
        if not isinstance(values, str):
            return cls(name, _checked(name, values))
        spacing, colon, range_text = values.partition(":")
        if colon and spacing in ("lin", "log") and ".." in range_text:
            return cls._spaced(name, "log" if spacing == "log" else "lin", range_text)
        return cls(name, _listed(name, values))

    @classmethod
    def _spaced(cls, name: str, spacing: Spacing, text: str) -> Self:
        kind = HYPERPARAMETERS[name].kind
        if isinstance(kind, RealOrAuto):
            kind = kind.real
        if not isinstance(kind, Real | Integer):
            raise ValueError(f"{name} has no range, since its values are no numbers: list them, as in {SYNTAX}")
        ends, colon, count_text = text.partition(":")
        low, high = (kind.parse(name, end.strip()) for end in ends.split("..", 1))
        if not low < high:
            raise ValueError(f"{name}: a range must begin below its end, got {printable(ends)}")
        if spacing == "log" and low <= 0:
            raise ValueError(f"{name}: a range spaced by a factor must begin above 0, got {printable(ends)}: use lin:")
        between = Range(low, high, spacing, isinstance(kind, Integer))
        if not colon:
            return cls(name, (), between)
        count = Integer(2, MOST_VALUES).parse(f"{name}: the number of values", count_text)
        texts = tuple(map(kind.show, spaced(between, count)))
        if len(set(texts)) < count:
            raise ValueError(f"{name}: {printable(ends)} has not {count} values: ask for at most {len(set(texts))}")
        return cls(name, texts, between)


def spaced(between: Range, count: int) -> list[int | float]:
    """So many values of a range, its ends among them; whole ones are rounded, and may be equal."""
    low, high = between.low, between.high
    steps = [step / (count - 1) for step in range(1, count - 1)]
    if between.spacing == "log":
        ratio = math.log(high) - math.log(low)
        inner = [low * math.exp(ratio * step) for step in steps]
    else:
        inner = [low * (1 - step) + high * step for step in steps]
    if between.whole:
        return [int(low), *map(round, inner), int(high)]
    return [low, *(min(max(float(f"{value:.{DIGITS}g}"), low), high) for value in inner), high]


def _known(name: str) -> str:
    """The hyperparameter that a name means; raises ValueError for one that cannot be varied."""
    known = name.lstrip("-").replace("-", "_")
    if known == "seed":
        raise ValueError("seed is not varied: give --seeds N, which begin at --seed")
    if known not in HYPERPARAMETERS:
        others = [other for other in HYPERPARAMETERS if other != "seed"]
        raise ValueError(f"--vary: unknown hyperparameter {printable(name)!r}{hint(known, others)}")
    return known


def _separator(name: str) -> str:
    """What stands between two values of a hyperparameter."""
    return ":" if isinstance(HYPERPARAMETERS[name].kind, WITH_COMMAS) else ","


def _listed(name: str, text: str) -> tuple[str, ...]:
    """The values of a list as it was typed."""
    kind = HYPERPARAMETERS[name].kind
    separator = _separator(name)
    parts = [part.strip() for part in text.split(separator)]
    if separator == ":" and len(parts) == 1:
        raise ValueError(
            f"{name} has one value, {printable(text)}: separate several by colons, as in "
            f"{printable(':'.join(text.split(',')[:2]))}, or give {HYPERPARAMETERS[name].flag}"
        )
    return _distinct(name, [kind.show(kind.parse(name, part)) for part in parts])


def _checked(name: str, values: object) -> tuple[str, ...]:
    """The values that a program gave, in an iterable."""
    kind = HYPERPARAMETERS[name].kind
    if not isinstance(values, Iterable):
        raise ValueError(f"{name}: the values must be a list of them, or a text such as log:1e-4..1e-2:5, got {values}")
    made: list[Value] = [kind.check(name, value) for value in islice(values, MOST_VALUES + 1)]
    return _distinct(name, [kind.show(value) for value in made])


def _distinct(name: str, texts: Sequence[str]) -> tuple[str, ...]:
    """The values, at least one and none of them twice."""
    if not texts:
        raise ValueError(f"{name}: the values must be one at least, got none")
    if len(texts) > MOST_VALUES:
        raise ValueError(f"{name}: the values must be at most {MOST_VALUES}")
    if len(set(texts)) < len(texts):
        twice = next(text for n, text in enumerate(texts) if text in texts[:n])
        raise ValueError(f"{name}: each value must be given once, got {printable(twice)} again")
    return tuple(texts)
