"""Errors over x: the largest of them is the error that is reported, wherever it is."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.canned import progress
from tui_runge.analysis.errors_by_place import errors_by_place, interpolate, largest
from tui_runge.core.config import Config
from tui_runge.core.progress import Fit
from tui_runge.training.trainer import Trainer


@pytest.mark.parametrize("target", ["runge", "200 + 50*sin(x)"])
def test_the_largest_error_is_the_one_that_is_reported(target: str) -> None:
    trainer = Trainer(Config(target=target, hidden=(8,), evaluation_points=101, dtype="float64"))
    fit, errors = trainer.evaluate()
    for by_place, reported in zip(errors_by_place(fit), (errors.max_f, errors.max_df), strict=True):
        x, size = largest(fit.x, by_place)
        assert size == pytest.approx(reported, rel=1e-12)
        assert by_place[fit.x == x] == size


def test_nothing_is_the_largest_of_what_is_not_known() -> None:
    fit = progress().fit
    unknown = replace(fit, f=np.full_like(fit.x, np.nan))
    assert np.isnan(largest(fit.x, errors_by_place(unknown)[0])).all()


def test_a_cubic_is_interpolated_exactly() -> None:
    cubic = np.polynomial.Polynomial([1.0, -2.0, 0.5, 3.0])
    x = np.array([-1.0, 0.0, 0.7, 2.0])
    fit = Fit(x, cubic(x), cubic.deriv()(x), cubic(x), cubic.deriv()(x))
    at = np.linspace(-1, 2, 50)
    f, df = interpolate(fit, at)
    np.testing.assert_allclose(f, cubic(at), atol=1e-13)
    np.testing.assert_allclose(df, cubic.deriv()(at), atol=1e-12)
