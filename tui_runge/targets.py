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


def _two_scale(x: "Floats") -> "Floats":
    import numpy as np

    return np.sin(2 * x + 1) + 0.2 * np.exp(1.3 * x)


def _two_scale_slope(x: "Floats") -> "Floats":
    import numpy as np

    return 2 * np.cos(2 * x + 1) + 0.26 * np.exp(1.3 * x)


def _steep(x: "Floats") -> "Floats":
    import numpy as np

    return np.tanh(20 * x)


def _steep_slope(x: "Floats") -> "Floats":
    import numpy as np

    return 20 / np.cosh(20 * x) ** 2


def _wave_packet(x: "Floats") -> "Floats":
    import numpy as np

    return np.exp(-(x**2)) * np.sin(8 * x)


def _wave_packet_slope(x: "Floats") -> "Floats":
    import numpy as np

    return np.exp(-(x**2)) * (8 * np.cos(8 * x) - 2 * x * np.sin(8 * x))


TARGETS = {
    "runge": Target(
        "1 / (1 + 25 x²)",
        lambda x: 1 / (1 + 25 * x**2),
        lambda x: -50 * x / (1 + 25 * x**2) ** 2,
    ),
    "two-scale": Target("sin(2x + 1) + 0.2 exp(1.3x)", _two_scale, _two_scale_slope),
    "steep": Target("tanh(20x)", _steep, _steep_slope),
    "wave-packet": Target("exp(-x²) sin(8x)", _wave_packet, _wave_packet_slope),
}
