"""Units in which an interval and a function on it are both about 1."""

from typing import TYPE_CHECKING

from tui_runge.core.scaling import Scaling
from tui_runge.problems.nodes import Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


LARGEST = 1e140
"""What is smaller, and larger than its inverse, can be squared and multiplied by the width of any interval."""
MOST_SCALED = 1e12
"""The network's slopes must be smaller: float32 holds their squares, and no fit comes of more."""


def unit_scaling(interval: Interval, f: "Floats", df: "Floats") -> Scaling:
    """The scaling that takes the interval to [-1, 1] and f (n,) to mean 0 and standard deviation 1; NaN is left out.

    The same in whatever units x and f are. Where f does not vary, the slopes df (n,) say how large it is. Raises
    ValueError where float64 does not hold it.
    """
    import numpy as np

    low, high = interval
    x_center, x_scale = low / 2 + high / 2, high / 2 - low / 2
    f, df = f[~np.isnan(f)], df[~np.isnan(df)]
    f_center = float(f.mean())
    f_scale = root_mean_square(f - f_center) if f.max() > f.min() else root_mean_square(df) * x_scale
    return Scaling(x_center, x_scale, f_center, f_scale or 1.0)


def formula_scaling(interval: Interval, f: "Floats", df: "Floats") -> Scaling:
    """The `unit_scaling` of f and df (n,); raises ValueError where float64 does not hold it, or a network's slopes."""
    import numpy as np

    if not max(np.abs(f).max(), np.abs(df).max()) < LARGEST:
        raise ValueError(f"f and f' must be smaller than {LARGEST:g}: write f in other units")
    scaling = unit_scaling(interval, f, df)
    if not (scaling.f_scale > 1 / LARGEST and np.abs(df).max() / scaling.df_scale < MOST_SCALED):
        raise ValueError(f"f varies too little, or too steeply, for float64: its values span {np.ptp(f):.4g}")
    return scaling


def root_mean_square(values: "Floats") -> float:
    """The root of the mean square of values (n,), which may be too large or small to square; 0 for none."""
    import numpy as np

    largest = float(np.abs(values).max(initial=0.0))
    return largest * float(np.sqrt(np.mean((values / largest) ** 2))) if largest else 0.0
