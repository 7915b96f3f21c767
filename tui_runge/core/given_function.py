"""A function that a program gives, where a person would type a formula."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    ArrayFunction = Callable[[NDArray[np.float64]], ArrayLike]


@dataclass(frozen=True, eq=False)
class GivenFunction:
    """f and its derivative df, which map an array (n,) to one of the same shape, on an interval; `name` is shown."""

    f: "ArrayFunction"
    df: "ArrayFunction"
    interval: tuple[float, float]
    name: str
