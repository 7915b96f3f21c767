"""Where a fit is wrong: its errors over x."""

import math

import numpy as np

from tui_runge.core.progress import Fit, Floats


def errors_by_place(fit: Fit) -> tuple[Floats, Floats]:
    """|f̂ - f| and |f̂' - f'| on the grid of a fit, each (n,); NaN where f, or f', is not known."""
    with np.errstate(all="ignore"):
        return np.abs(fit.f_hat - fit.f), np.abs(fit.df_hat - fit.df)


def largest(x: Floats, errors: Floats) -> tuple[float, float]:
    """The place and the size of the largest of errors at x, both (n,); NaN where none is known."""
    if np.isnan(errors).all():
        return math.nan, math.nan
    at = int(np.nanargmax(errors))
    return float(x[at]), float(errors[at])


def interpolate(fit: Fit, at: Floats) -> tuple[Floats, Floats]:
    """f̂ and f̂' at places (k,), each (k,), by the cubic through both at the two places of the grid around each."""
    right = np.clip(np.searchsorted(fit.x, at), 1, fit.x.size - 1)
    left = right - 1
    width = fit.x[right] - fit.x[left]
    f0, d0, d1 = fit.f_hat[left], fit.df_hat[left], fit.df_hat[right]
    with np.errstate(all="ignore"):
        t, slope = (at - fit.x[left]) / width, (fit.f_hat[right] - f0) / width
        # Newton's form of Hermite's cubic in t: f0 + w (d0 t + (s - d0) t^2 + (d0 + d1 - 2 s) t^2 (t - 1))
        second, third = slope - d0, d0 + d1 - 2 * slope
        f = f0 + width * (d0 * t + second * t * t + third * t * t * (t - 1))
        return f, d0 + 2 * second * t + third * (3 * t * t - 2 * t)
