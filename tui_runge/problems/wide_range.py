"""The values of a formula whose parts leave float64's range although the whole does not, as exp(x)/(1+exp(x)) at 800.

Numbers are held as a sign and the logarithm of a size, which is slower and a little less precise: it is for the places
where plain arithmetic ends in inf or nan.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui_runge.core.formula import ARITHMETIC, CONSTANTS, Binary, Call, Name, Negative, Number, Tree, X
from tui_runge.problems.functions import FUNCTIONS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Wide:
    """The numbers sign * exp(log): `sign` is -1, 0 or 1, and `log` is -inf for 0."""

    sign: Floats
    log: Floats

    @classmethod
    def of(cls, values: Floats) -> "Wide":
        """The numbers of an array."""
        return cls(np.sign(values), np.log(np.abs(values)))

    def floats(self) -> Floats:
        """The numbers as an array, infinite or 0 where they leave its range."""
        return np.where(self.sign == 0, 0, self.sign * np.exp(self.log))

    def __neg__(self) -> "Wide":
        return Wide(-self.sign, self.log)

    def __add__(self, other: "Wide") -> "Wide":
        larger = np.maximum(self.log, other.log)
        rest = self.sign * np.exp(self.log - larger) + other.sign * np.exp(other.log - larger)
        nothing = larger == -np.inf
        return Wide(np.where(nothing, 0, np.sign(rest)), np.where(nothing, -np.inf, larger + np.log(np.abs(rest))))

    def __sub__(self, other: "Wide") -> "Wide":
        return self + -other

    def __mul__(self, other: "Wide") -> "Wide":
        return Wide(self.sign * other.sign, self.log + other.log)

    def __truediv__(self, other: "Wide") -> "Wide":
        return Wide(self.sign / other.sign, self.log - other.log)

    def __pow__(self, other: "Wide") -> "Wide":
        exponent = other.floats()
        return Wide(self.sign**exponent, np.where(exponent == 0, 0, exponent * self.log))


def _exp(u: Wide) -> Wide:
    exponent = u.floats()
    return Wide(np.ones_like(exponent), exponent)


def _cosh(u: Wide) -> Wide:
    size = np.abs(u.floats())
    return Wide(np.ones_like(size), size + np.log1p(np.exp(-2 * size)) - np.log(2))


def _sinh(u: Wide) -> Wide:
    size = np.abs(u.floats())
    return Wide(u.sign, size + np.log(-np.expm1(-2 * size)) - np.log(2))


def _log(u: Wide) -> Wide:
    return Wide.of(np.where(u.sign < 0, np.nan, u.log))


def _sqrt(u: Wide) -> Wide:
    return Wide(np.sqrt(u.sign), u.log / 2)


def _max(left: Wide, right: Wide) -> Wide:
    above = (left - right).sign >= 0
    return Wide(np.where(above, left.sign, right.sign), np.where(above, left.log, right.log))


WIDE_FUNCTIONS: dict[str, Callable[..., Wide]] = {
    "exp": _exp,
    "cosh": _cosh,
    "sinh": _sinh,
    "log": _log,
    "sqrt": _sqrt,
    "sign": lambda u: Wide.of(u.sign),
    "heaviside": lambda u: Wide.of((1 + u.sign) / 2),
    "abs": lambda u: Wide(np.abs(u.sign), u.log),
    "max": _max,
    "min": lambda left, right: -_max(-left, -right),
}


def evaluate_wide(tree: Tree, x: Floats) -> Floats:
    """The values of a formula at x of any shape."""
    return _value(tree, x).floats()


def _value(tree: Tree, x: Floats) -> Wide:
    match tree:
        case Number(value):
            return Wide.of(np.full_like(x, value))
        case Name(name):
            return Wide.of(x if tree == X else np.full_like(x, CONSTANTS[name]))
        case Negative(operand):
            return -_value(operand, x)
        case Binary(operator, left, right):
            joined: Wide = ARITHMETIC[operator](_value(left, x), _value(right, x))
            return joined
        case Call(function, arguments):
            values = [_value(argument, x) for argument in arguments]
            if function in WIDE_FUNCTIONS:
                return WIDE_FUNCTIONS[function](*values)
            return Wide.of(FUNCTIONS[function](*(value.floats() for value in values)))
