"""The values of a formula, in float64."""

import numpy as np
from numpy.typing import NDArray

from tui_runge.core.formula import ARITHMETIC, CONSTANTS, Binary, Call, Name, Negative, Number, Tree, X
from tui_runge.problems.functions import FUNCTIONS
from tui_runge.problems.wide_range import evaluate_wide

Floats = NDArray[np.float64]


def evaluate(tree: Tree, x: Floats) -> Floats:
    """The values of a formula at x of any shape, nan or infinite where it has none; without a warning."""
    with np.errstate(all="ignore"):
        values = np.array(np.broadcast_to(_value(tree, x), x.shape))
        bad = ~np.isfinite(values)
        if bad.any():
            values[bad] = evaluate_wide(tree, x[bad])
        return values


def _value(tree: Tree, x: Floats) -> Floats | np.float64:
    match tree:
        case Number(value):
            return np.float64(value)
        case Name(name):
            return x if tree == X else np.float64(CONSTANTS[name])
        case Negative(operand):
            return -_value(operand, x)
        case Binary(operator, left, right):
            joined: Floats = ARITHMETIC[operator](_value(left, x), _value(right, x))
            return joined
        case Call(function, arguments):
            values: Floats = FUNCTIONS[function](*(_value(argument, x) for argument in arguments))
            return values
