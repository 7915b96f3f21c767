"""Curves through noisy points, each as smooth as the points themselves ask for: smoothing spline and Savitzky-Golay."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, make_smoothing_spline
from scipy.optimize import minimize_scalar
from scipy.signal import savgol_coeffs, savgol_filter

Floats = NDArray[np.float64]
Curve = Callable[[Floats], Floats]

PROBES = 8
"""Random vectors that the trace of the smoother is estimated with."""
DECADES_BELOW = 6
"""Powers of ten below the spacing's own that a penalty is tried at; there a spline goes through its points."""
WIDEST_WINDOW = 401
ORDER = 3
"""The degree of Savitzky-Golay's polynomials."""
FEWEST_UNIFORM = 9
"""Points that two windows to choose from need."""


def smoothing_spline(x: Floats, f: Floats, weights: Floats) -> tuple[Curve, Curve]:
    """The cubic smoothing spline of points (n,) and its derivative; x rises, and n must be >= 5.

    The penalty on f'' is that of the least generalised cross-validation (Wahba, 1985), the trace in it estimated by
    random vectors (Girard, 1989). SciPy's own search takes an absolute tolerance, which suits one unit of x.
    """
    x0, step = x[0], (x[-1] - x[0]) / (len(x) - 1)
    places = (x - x0) / step
    signs = np.random.default_rng(0).choice((-1.0, 1.0), (len(x), PROBES))
    columns = np.column_stack((f, signs))

    def score(power: float) -> float:
        fits = make_smoothing_spline(places, columns, weights, lam=10**power)(places)
        trace = (signs * fits[:, 1:]).sum() / PROBES
        freedom = max(1 - trace / len(x), 1e-12)
        return float(np.log((weights * (f - fits[:, 0]) ** 2).mean() + 1e-300) - 2 * np.log(freedom))

    powers = np.arange(-DECADES_BELOW, 4 * np.log10(len(x)))
    best = powers[np.argmin([score(power) for power in powers])]
    found = minimize_scalar(score, bounds=(best - 1, best + 1), method="bounded", options={"xatol": 0.05})
    spline = make_smoothing_spline(places, f, weights, lam=10**found.x)
    slope = spline.derivative()
    return lambda at: spline((at - x0) / step), lambda at: slope((at - x0) / step) / step


def savitzky_golay(x: Floats, f: Floats) -> tuple[Curve, Curve, int]:
    """Savitzky-Golay's smoothed f and f' of equally spaced points (n,), and its window; n must be >= FEWEST_UNIFORM.

    The window is the one that predicts each point best from its neighbours. Between the points there are splines
    through what it gives.
    """
    step = (x[-1] - x[0]) / (len(x) - 1)
    reach = min(len(x) // 4, WIDEST_WINDOW // 2)
    inner = slice(reach, len(x) - reach)

    def score(window: int) -> float:
        own_share = savgol_coeffs(window, ORDER)[window // 2]
        residual = (f - savgol_filter(f, window, ORDER))[inner] / (1 - own_share)
        return float(np.mean(residual**2))

    halves = np.unique(np.geomspace(2, reach, 24).round().astype(int))
    window = min((2 * int(half) + 1 for half in halves), key=score)
    value = CubicSpline(x, savgol_filter(f, window, ORDER))
    slope = CubicSpline(x, savgol_filter(f, window, ORDER, deriv=1, delta=step))
    return value, slope, window
