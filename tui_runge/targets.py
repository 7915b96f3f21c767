"""The functions that can be fitted, each with its derivative written out by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the names are needed before the screen's first frame, NumPy is not
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """A function f on [-1, 1] and its derivative df; both map an array to one of the same shape."""

    formula: str
    f: "Callable[[Floats], Floats]"
    df: "Callable[[Floats], Floats]"


TARGETS = {
    "runge": Target(
        "1 / (1 + 25 x²)",
        lambda x: 1 / (1 + 25 * x**2),
        lambda x: -50 * x / (1 + 25 * x**2) ** 2,
    ),
}
