"""What a fit is worth: the degree of the Chebyshev series of the function that is as accurate."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from tui_runge.analysis.outcomes import HIGHEST_DEGREE, EqualDegrees
from tui_runge.core.errors import Errors
from tui_runge.problems import Problem
from tui_runge.problems.nodes import chebyshev

Floats = NDArray[np.float64]

SAMPLES = 8192
"""Chebyshev nodes that the coefficients are taken from."""


def equal_degrees(problem: Problem, errors: Errors) -> EqualDegrees:
    """The degrees at which the series of the true function has at most these MSE(f) and MSE(f'), on the same grid.

    Unknown where the function is: of measured points, and of one without a value at some of the series' nodes.
    """
    if problem.truth is None:
        return EqualDegrees(math.nan, math.nan)
    coefficients = _coefficients(problem)
    if not np.isfinite(coefficients).all():
        return EqualDegrees(math.nan, math.nan)
    low, high = problem.interval
    grid = problem.evaluation
    t = (grid.x - (low + high) / 2) / ((high - low) / 2)
    df = grid.df * (high - low) / 2
    wanted = errors.mse_f, errors.mse_df * ((high - low) / 2) ** 2
    found = [math.nan if math.isnan(mse) else math.inf for mse in wanted]
    rest, slope_rest = grid.f.copy(), df.copy()
    # T_k and T_k' by their recurrences; T_(-1) = T_1.
    before, now, slope_before, slope_now = t, np.ones_like(t), np.ones_like(t), np.zeros_like(t)
    for degree, coefficient in enumerate(coefficients):
        rest -= coefficient * now
        slope_rest -= coefficient * slope_now
        for place, part in enumerate((rest, slope_rest)):
            if math.isinf(found[place]) and float(np.mean(part**2)) <= wanted[place]:
                found[place] = degree
        if math.inf not in found:
            break
        following = t * now if degree == 0 else 2 * t * now - before
        slope_following = np.ones_like(t) if degree == 0 else 2 * now + 2 * t * slope_now - slope_before
        before, now, slope_before, slope_now = now, following, slope_now, slope_following
    return EqualDegrees(*found)


def _coefficients(problem: Problem) -> Floats:
    """The coefficients (HIGHEST_DEGREE + 1,) of f's Chebyshev series on its interval."""
    assert problem.truth is not None
    falling = chebyshev(problem.interval, SAMPLES)[::-1]
    coefficients: Floats = dct(problem.truth.f(falling)) / SAMPLES
    coefficients[0] /= 2
    return coefficients[: HIGHEST_DEGREE + 1]
