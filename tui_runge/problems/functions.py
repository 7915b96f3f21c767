"""The functions that a formula may call, for arrays.

erf, gamma and digamma are made from Python's own `math`: SciPy has them too, and is not needed for anything else here.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _each(function: Callable[[float], float]) -> Callable[..., Any]:
    """A function of a number as one of an array, nan where it has no value."""

    def guarded(value: float) -> float:
        try:
            return function(value)
        except (ArithmeticError, ValueError):
            return math.nan

    return np.vectorize(guarded, otypes=[np.float64])


def digamma(x: Floats) -> Floats:
    """The derivative of log(gamma(x)), from its asymptotic series at 10 and beyond."""
    left = x < 0.5
    at = np.where(left, 1 - x, x)
    shift = np.zeros_like(at)
    while (small := at < 10).any():  # digamma(x) is digamma(x + 1) - 1/x
        shift -= np.where(small, 1 / at, 0)
        at = np.where(small, at + 1, at)
    series = np.polynomial.polynomial.polyval(
        1 / at**2, [0, 1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760]
    )
    value = shift + np.log(at) - 1 / (2 * at) - series
    return np.where(left, value - math.pi / np.tan(math.pi * x), value)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "heaviside": lambda x: np.heaviside(x, 0.5),
    "erf": _each(math.erf),
    "gamma": _each(math.gamma),
    "digamma": digamma,
    "min": np.minimum,
    "max": np.maximum,
}
"""By name, as in `core.formula.FUNCTIONS`, and digamma, which stands in derivatives."""
