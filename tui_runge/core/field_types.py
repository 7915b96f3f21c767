"""The kinds of value a hyperparameter can have: how each is checked, read from text, shown and stepped by a key."""

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Value = int | float | str | tuple[int, ...]
Step = Callable[[Value, int], Value]


class ValueType(Protocol):
    """A set of values. `check` and `parse` raise ValueError naming the value and the rule."""

    @property
    def rule(self) -> str:
        """What a value must be, to stand after "must be"."""

    def check(self, name: str, value: object) -> Value:
        """The value in its canonical type."""

    def parse(self, name: str, text: str) -> Value:
        """The value a person typed."""


class FieldType(ValueType, Protocol):
    """The values of a hyperparameter, which are shown, and stepped by keys."""

    @property
    def metavar(self) -> str:
        """What stands for a value in a usage line."""

    def show(self, value: Value) -> str:
        """The text that `parse` reads back."""

    def step(self, value: Value, direction: int) -> Value:
        """The next value up (direction 1) or down (-1); the same value at the end of the range."""


def one_two_five(value: float, direction: int) -> float:
    """The next number up or down of the series 1, 2, 5, 10, 20, 50, ...; value must be > 0."""
    exponent = math.floor(math.log10(value))
    series = [float(f"{m}e{e}") for e in range(exponent - 1, exponent + 2) for m in (1, 2, 5)]
    if direction > 0:
        return min((number for number in series if number > value * (1 + 1e-9)), default=math.inf)
    return max(number for number in series if number < value * (1 - 1e-9))


def double(value: float, direction: int) -> float:
    """Twice or half the value."""
    return value * 2 if direction > 0 else value // 2


def one(value: float, direction: int) -> float:
    """One more or one less."""
    return value + direction


@dataclass(frozen=True)
class Real:
    """A finite number > `above`, or >= `at_least`, and < `below`; keys walk the series 1, 2, 5, 0 below `smallest`."""

    above: float | None = None
    at_least: float | None = None
    smallest: float = 1e-12
    below: float = math.inf

    @property
    def metavar(self) -> str:
        return "NUMBER"

    @property
    def rule(self) -> str:
        low = f"> {self.above:g}" if self.above is not None else f">= {self.at_least:g}"
        return low if self.below == math.inf else f"{low} and < {self.below:g}"

    def _allows(self, value: float) -> bool:
        is_high_enough = (self.above is None or value > self.above) and (
            self.at_least is None or value >= self.at_least
        )
        return is_high_enough and value < self.below

    def check(self, name: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number {self.rule}, got {value}")
        if not self._allows(value):
            raise ValueError(f"{name} must be {self.rule}, got {value:g}")
        return float(value)

    def parse(self, name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"{name} must be a finite number {self.rule}, got {text!r}") from None
        return self.check(name, value)

    def show(self, value: Value) -> str:
        assert isinstance(value, int | float)
        short = f"{value:.12g}"
        return short if float(short) == value else repr(value)

    def step(self, value: Value, direction: int) -> Value:
        assert isinstance(value, int | float)
        if value < self.smallest:
            stepped = self.smallest if direction > 0 else 0.0
        else:
            stepped = one_two_five(value, direction)
            stepped = stepped if stepped >= self.smallest else 0.0
        return stepped if self._allows(stepped) and math.isfinite(stepped) else value


AUTO = "auto"
"""What is typed and shown for a number that the program chooses."""


@dataclass(frozen=True)
class RealOrAuto:
    """A number as `real` has it, or auto, which keys find below its smallest."""

    real: Real

    @property
    def metavar(self) -> str:
        return self.real.metavar

    @property
    def rule(self) -> str:
        return f"{self.real.rule}, or {AUTO}"

    def check(self, name: str, value: object) -> float | str:
        if isinstance(value, str) and value != AUTO:
            raise ValueError(f"{name} must be a finite number {self.rule}, got {value!r}")
        return AUTO if value == AUTO else self.real.check(name, value)

    def parse(self, name: str, text: str) -> float | str:
        try:
            value: float | str = float(text)
        except ValueError:
            value = text
        return self.check(name, value)

    def show(self, value: Value) -> str:
        return AUTO if value == AUTO else self.real.show(value)

    def step(self, value: Value, direction: int) -> Value:
        if value == AUTO:
            return 0.0 if direction > 0 else AUTO
        stepped = self.real.step(value, direction)
        return AUTO if direction < 0 and stepped == value else stepped


@dataclass(frozen=True)
class Integer:
    """A whole number from `low` to `high`."""

    low: int
    high: int
    stride: Callable[[float, int], float] = double

    @property
    def metavar(self) -> str:
        return "N"

    @property
    def rule(self) -> str:
        return f"from {self.low} to {self.high}"

    def check(self, name: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{name} must be a whole number {self.rule}, got {value}")
        if value < self.low:
            raise ValueError(f"{name} must be >= {self.low}, got {value}")
        if value > self.high:
            raise ValueError(f"{name} must be <= {self.high}, got {value}")
        return value

    def parse(self, name: str, text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ValueError(f"{name} must be a whole number {self.rule}, got {text!r}") from None
        return self.check(name, value)

    def show(self, value: Value) -> str:
        return str(value)

    def step(self, value: Value, direction: int) -> Value:
        assert isinstance(value, int)
        stepped = int(self.stride(value, direction))
        return stepped if self.low <= stepped <= self.high else value


@dataclass(frozen=True)
class Choice:
    """One of a few names; keys go round."""

    options: tuple[str, ...]

    @property
    def metavar(self) -> str:
        return "NAME"

    @property
    def rule(self) -> str:
        return f"one of {', '.join(self.options)}"

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise ValueError(f"{name} must be {self.rule}, got {value!r}")
        return value

    parse = check

    def show(self, value: Value) -> str:
        return str(value)

    def step(self, value: Value, direction: int) -> Value:
        assert isinstance(value, str)
        return self.options[(self.options.index(value) + direction) % len(self.options)]


@dataclass(frozen=True)
class Function:
    """A function of x: one of a few names, or a formula, kept in its canonical text; keys go round the names.

    What reads formulas is imported at the first of them: the screen's first frame need not wait for it.
    """

    names: tuple[str, ...]

    @property
    def metavar(self) -> str:
        return "TEXT"

    @property
    def rule(self) -> str:
        return f"one of {', '.join(self.names)}, or a formula in x such as exp(-x^2) sin(8x)"

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{name} must be {self.rule}, got {value!r}")
        if (text := value.strip()) in self.names:
            return text
        from tui_runge.core.formula import canonical

        try:
            return canonical(text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}{self._hint(text)}") from None

    parse = check

    def _hint(self, text: str) -> str:
        """What to add where a text that is no formula may have been meant for one of the names."""
        if near := difflib.get_close_matches(text[:80].lower(), self.names, 1, cutoff=0.7):
            return f"; did you mean {near[0]}?"
        return f"; named are {', '.join(self.names)}" if text.isidentifier() else ""

    def show(self, value: Value) -> str:
        return str(value)

    def step(self, value: Value, direction: int) -> Value:
        """The next name; from a formula the first one up, or the last one down."""
        assert isinstance(value, str)
        if value not in self.names:
            return self.names[0 if direction > 0 else -1]
        return self.names[(self.names.index(value) + direction) % len(self.names)]


OWN = "own"
"""What is typed and shown for the interval that a function brings along."""


@dataclass(frozen=True)
class IntervalText:
    """An interval such as -pi,pi, kept in its canonical text; empty for the function's own."""

    @property
    def metavar(self) -> str:
        return "LOW,HIGH"

    @property
    def rule(self) -> str:
        return f"two numbers such as -2,2 or -pi,pi, or {OWN} for the function's own"

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{name} must be {self.rule}, got {value!r}")
        if value.strip() in ("", OWN):
            return ""
        from tui_runge.core.formula import canonical_interval

        try:
            return canonical_interval(value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    parse = check

    def show(self, value: Value) -> str:
        return str(value) or OWN

    def step(self, value: Value, direction: int) -> Value:
        """The same: there is no next one."""
        del direction
        return value


NONE = "none"
"""What is typed and shown where no data is fitted."""
STANDARD_INPUT = "-"
EXAMPLE = "example:"
"""What the name of an example that is shipped begins with."""
RUN = "run:"
"""What the name of a kept run begins with, whose points are to be fitted."""


@dataclass(frozen=True)
class DataSource:
    """Where measured points are from: a file, - for standard input, an example or a kept run; empty for none.

    Keys go round the `examples`.
    """

    examples: tuple[str, ...]

    @property
    def metavar(self) -> str:
        return "FILE"

    @property
    def rule(self) -> str:
        names = " or ".join(EXAMPLE + name for name in self.examples)
        return f"a file of columns x, f and perhaps df, - for standard input, {names}, {RUN}NAME for a run's, or {NONE}"

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str) or "\0" in value:
            raise ValueError(f"{name} must be {self.rule}, got {value!r}")
        return "" if value.strip() in ("", NONE) else value.strip()

    parse = check

    def show(self, value: Value) -> str:
        return str(value) or NONE

    def step(self, value: Value, direction: int) -> Value:
        """The next example, or none; from a file the first one up, or the last one down."""
        names = ("", *(EXAMPLE + name for name in self.examples))
        at = names.index(value) if value in names else 0
        return names[(at + direction) % len(names)]


@dataclass(frozen=True)
class Sizes:
    """The widths of the hidden layers, such as 64,64: 1 to `layers` whole numbers from 1 to `units`."""

    layers: int
    units: int

    @property
    def metavar(self) -> str:
        return "N,N,..."

    @property
    def rule(self) -> str:
        return f"1 to {self.layers} whole numbers from 1 to {self.units}, such as 64,64"

    def check(self, name: str, value: object) -> tuple[int, ...]:
        def is_size(size: object) -> bool:
            return isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= self.units

        if not isinstance(value, list | tuple) or not 1 <= len(value) <= self.layers or not all(map(is_size, value)):
            raise ValueError(f"{name} must be {self.rule}, got {value}")
        return tuple(value)

    def parse(self, name: str, text: str) -> tuple[int, ...]:
        try:
            value = [int(part) for part in text.split(",")]
            return self.check(name, value)
        except ValueError:
            raise ValueError(f"{name} must be {self.rule}, got {text!r}") from None

    def show(self, value: Value) -> str:
        assert isinstance(value, tuple)
        return ",".join(map(str, value))

    def step(self, value: Value, direction: int) -> Value:
        """Every layer twice or half as wide."""
        assert isinstance(value, tuple)
        stepped = tuple(int(double(size, direction)) for size in value)
        return stepped if all(1 <= size <= self.units for size in stepped) else value

    def deepen(self, value: Value, direction: int) -> Value:
        """One layer more, as wide as the last, or one less."""
        assert isinstance(value, tuple)
        stepped = (*value, value[-1]) if direction > 0 else value[:-1]
        return stepped if 1 <= len(stepped) <= self.layers else value
