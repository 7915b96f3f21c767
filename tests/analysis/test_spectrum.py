"""Chebyshev coefficients: exact for polynomials, and known for Runge's function."""

import numpy as np
import pytest
from numpy.polynomial import chebyshev

from tui_runge.analysis.spectrum import DEGREE, chebyshev_coefficients, chebyshev_points
from tui_runge.problems.library import NAMED_FUNCTIONS


@pytest.mark.parametrize("interval", [(-1.0, 1.0), (14.0, 852.0)])
def test_a_polynomial_has_its_own_coefficients(interval: tuple[float, float]) -> None:
    x = chebyshev_points(interval, 16)
    assert (x[0], x[-1]) == interval[::-1]
    own = np.array([0.5, -2.0, 0.0, 1.0, 3e-3])
    values = chebyshev.Chebyshev(own, domain=interval)(x)
    np.testing.assert_allclose(chebyshev_coefficients(values), [*own, *[0.0] * 12], atol=1e-14)


def test_runges_function_decays_as_its_poles_say() -> None:
    coefficients = chebyshev_coefficients(NAMED_FUNCTIONS["runge"].truth.f(chebyshev_points((-1.0, 1.0))))
    assert coefficients.shape == (DEGREE + 1,)
    even = np.abs(coefficients[:120:2])
    rate = (1 + np.sqrt(26)) / 5
    np.testing.assert_allclose(even[2:] / even[1:-1], rate**-2, rtol=1e-4)
    np.testing.assert_allclose(even[1:], 2 * even[0] * rate ** (-2.0 * np.arange(1, 60)), rtol=1e-2)
    assert np.abs(coefficients[1::2]).max() < 1e-15
    assert np.abs(coefficients[-20:]).max() < 1e-15


def test_what_is_not_finite_is_told_by_coefficients_that_are_not() -> None:
    assert not np.isfinite(chebyshev_coefficients(np.array([1.0, np.inf, 2.0]))).any()
