"""Where the points of a problem lie in its interval, by the names that `Config.nodes` knows."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Interval = tuple[float, float]


def uniform(interval: Interval, points: int) -> "Floats":
    """`points` equally spaced nodes (points,) of an interval, endpoints included."""
    import numpy as np

    return np.linspace(*interval, points)


def chebyshev(interval: Interval, points: int) -> "Floats":
    """The `points` zeros of a Chebyshev polynomial, in rising order: denser near the ends, which they leave out."""
    import numpy as np

    low, high = interval
    zeros = np.sin(np.pi * (np.arange(points) - (points - 1) / 2) / points)
    return (low + high) / 2 + (high - low) / 2 * zeros


NODES: "dict[str, Callable[[Interval, int], Floats]]" = {"uniform": uniform, "chebyshev": chebyshev}
