"""Where the points of a problem lie in its interval, by the names that `Config.nodes` knows."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_runge.problems.random_streams import uniform_numbers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Interval = tuple[float, float]

EDGE = 0.1
"""The part of the interval at each end in which `edges` puts a quarter of the nodes."""


def uniform(interval: Interval, points: int, seed: int = 0) -> "Floats":
    """`points` equally spaced nodes (points,) of an interval, endpoints included."""
    import numpy as np

    del seed
    return np.linspace(*interval, points)


def chebyshev(interval: Interval, points: int, seed: int = 0) -> "Floats":
    """The `points` zeros of a Chebyshev polynomial, in rising order: denser near the ends, which they leave out."""
    import numpy as np

    del seed
    low, high = interval
    zeros = np.sin(np.pi * (np.arange(points) - (points - 1) / 2) / points)
    return (low + high) / 2 + (high - low) / 2 * zeros


def random(interval: Interval, points: int, seed: int) -> "Floats":
    """`points` nodes drawn uniformly by the seed, in rising order."""
    import numpy as np

    low, high = interval
    return np.sort(low + (high - low) * uniform_numbers(seed, "nodes", points))


def edges(interval: Interval, points: int, seed: int = 0) -> "Floats":
    """Equally spaced nodes, endpoints included, half of them in the outer tenths of the interval."""
    import numpy as np

    low, high = interval
    shares = np.interp(uniform((0.0, 1.0), points, seed), (0.0, 0.25, 0.75, 1.0), (0.0, EDGE, 1.0 - EDGE, 1.0))
    return low + (high - low) * shares


def adaptive(interval: Interval, points: int, seed: int = 0) -> "Floats":
    """The uniform nodes that training begins with, half of those that it ends with."""
    return uniform(interval, min(points, max(2, points // 2)), seed)


NODES: "dict[str, Callable[[Interval, int, int], Floats]]" = {
    "uniform": uniform,
    "chebyshev": chebyshev,
    "random": random,
    "edges": edges,
    "adaptive": adaptive,
}
"""Each makes nodes (points,) of an interval; the last argument is the seed of those that are random."""
