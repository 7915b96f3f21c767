"""How a function is made of Chebyshev polynomials; on an interval that is not periodic they stand for frequencies.

After Trefethen, Approximation Theory and Approximation Practice, 2013, chapters 3 and 4.
"""

import numpy as np

from tui_runge.core.progress import Floats

DEGREE = 256
"""The highest degree that is looked at: Runge's function has rounding errors there."""


def chebyshev_points(interval: tuple[float, float], degree: int = DEGREE) -> Floats:
    """The degree + 1 extremes of the Chebyshev polynomial of this degree on an interval, from its right end on."""
    left, right = interval
    # The sine, unlike the cosine, is as exact near 0, and makes the points lie symmetrically.
    unit = np.sin(np.pi * np.arange(degree, -degree - 1, -2) / (2 * degree))
    points: Floats = left + (right - left) * (1 + unit) / 2
    points[0], points[-1] = right, left
    return points


def chebyshev_coefficients(values: Floats) -> Floats:
    """The coefficients (degree + 1,) of the polynomial with these values (degree + 1,) at `chebyshev_points`.

    All are NaN where a value is not finite.
    """
    if not np.isfinite(values).all():
        return np.full_like(values, np.nan)
    degree = values.size - 1
    coefficients: Floats = np.fft.rfft(np.concatenate([values, values[-2:0:-1]])).real / degree
    coefficients[[0, -1]] /= 2
    return coefficients
