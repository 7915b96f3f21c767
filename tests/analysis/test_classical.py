"""Classical methods on a problem's points: known errors, polynomials that come back, units, and what cannot be."""

import math
from collections.abc import Collection

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Chebyshev
from numpy.typing import ArrayLike

from tests.support import canned
from tui_runge.analysis.chebyshev_series import equal_degrees
from tui_runge.analysis.classical import METHODS, classical_fits, training_points
from tui_runge.analysis.outcomes import HIGHEST_DEGREE, EqualDegrees, Fitted, Outcome
from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.problems import Problem, Truth, problem_of
from tui_runge.problems.library import REPORT
from tui_runge.problems.problem import function_problem

RUNGE = problem_of(Config())
NAMES = tuple(method.name for method in METHODS)
UNIFORM, CHEBYSHEV, LEAST_SQUARES, SPLINE, HERMITE, SMOOTHING, SAVITZKY_GOLAY, AAA = NAMES
NEEDS_F = "needs f at nodes of its own, and only points are known"


def outcomes(problem: Problem, degree: int = 10, names: Collection[str] = NAMES) -> dict[str, Outcome]:
    """What methods make of a problem, by their names."""
    methods = [method for method in METHODS if method.name in names]
    return {outcome.name: outcome for outcome in classical_fits(problem, degree, methods=methods)}


def measured(
    x: ArrayLike, f: ArrayLike, df: ArrayLike | None = None, degree: int = 3, fraction: float = 0.0
) -> dict[str, Outcome]:
    """What each method makes of measured points."""
    points = MeasuredPoints.of(x, f, df)
    return outcomes(problem_of(Config(data="here", points=points, validation_fraction=fraction)), degree)


def of_polynomial(coefficients: list[float], interval: tuple[float, float]) -> Problem:
    """The problem of fitting a Chebyshev series on its interval."""
    series = Chebyshev(coefficients, domain=interval)
    return function_problem("p", interval, Truth(series, series.deriv()), Config(train_points=40))


def fitted(outcome: Outcome) -> Fitted:
    """The curve of a method that could be."""
    assert outcome.fitted is not None, outcome.note
    return outcome.fitted


def test_splines_on_the_reports_points() -> None:
    found = outcomes(RUNGE)
    assert found[HERMITE].errors.mse_f == pytest.approx(3.4e-16, rel=0.02)
    assert found[HERMITE].errors.mse_df == pytest.approx(1.0e-10, rel=0.05)
    assert found[SPLINE].errors.mse_f == pytest.approx(3.4e-16, rel=0.02)
    assert found[SPLINE].errors.mse_df == pytest.approx(1.1e-10, rel=0.05)


def test_aaa_finds_a_rational_function() -> None:
    found = outcomes(RUNGE)[AAA]
    assert found.note == "3 terms"
    assert found.errors.mse_f < 1e-30
    assert found.errors.mse_df < 1e-26


def test_aaa_on_a_function_with_branch_points() -> None:
    found = outcomes(problem_of(Config(target="exp(x)/sqrt(1+9x^2)", train_points=50)))[AAA]
    assert 1e-13 < found.errors.max_f < 1e-11


@pytest.mark.parametrize(("degree", "largest"), [(10, 1.92), (20, 59.8), (30, 2.38e3)])
def test_runges_phenomenon(degree: int, largest: float) -> None:
    assert outcomes(RUNGE, degree)[UNIFORM].errors.max_f == pytest.approx(largest, rel=0.005)


def test_chebyshev_nodes_cure_it() -> None:
    errors = outcomes(RUNGE, 40)[CHEBYSHEV].errors
    assert (errors.mse_f, errors.max_f, errors.mse_df) == pytest.approx((2.0e-8, 2.9e-4, 2.0e-4), rel=0.02)


@pytest.mark.parametrize("degree", [1, 7, 40])
def test_barycentric_polynomials_are_those_of_numpy(degree: int) -> None:
    series = Chebyshev.interpolate(lambda x: 1 / (1 + 25 * x**2), degree)
    curve = fitted(outcomes(RUNGE, degree)[CHEBYSHEV])
    for count, precision in ((300, 1e-10), (60_000, 1e-7)):  # so many at once are evaluated in parts
        x = np.linspace(-1, 1, count)
        np.testing.assert_allclose(curve.f(x), series(x), atol=1e-13)
        np.testing.assert_allclose(curve.df(x), series.deriv()(x), atol=precision)


def test_derivatives_at_and_beside_nodes() -> None:
    curve = fitted(outcomes(of_polynomial([1, 2, 0, 1], (-1, 1)), 4)[UNIFORM])
    beside = np.array([-1, -0.5, -0.5 + 1e-15, -0.5 + 1e-9, -0.5 + 1e-7, 1])
    series = Chebyshev([1, 2, 0, 1])
    np.testing.assert_allclose(curve.f(beside), series(beside), atol=1e-13)
    np.testing.assert_allclose(curve.df(beside), series.deriv()(beside), atol=1e-7)


EXACT = {6: (UNIFORM, CHEBYSHEV, LEAST_SQUARES, AAA), 3: (SPLINE, HERMITE, SAVITZKY_GOLAY), 1: (SMOOTHING,)}
"""The degree of the polynomials that methods give back, where they are asked for degree 6."""


@settings(max_examples=15)
@given(
    st.lists(st.floats(-1, 1).map(lambda value: round(value, 3)), min_size=2, max_size=7),
    st.floats(-1e3, 1e3),
    st.floats(1e-3, 1e3),
)
def test_polynomials_come_back_on_any_interval(coefficients: list[float], low: float, width: float) -> None:
    for degree, names in EXACT.items():
        problem = of_polynomial(coefficients[: degree + 1], (low, low + width))
        for name, outcome in outcomes(problem, 6, names).items():
            assert outcome.errors.max_f < 1e-7, name
            assert outcome.errors.max_df * width < 1e-5, name


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_errors_are_in_the_users_units(noise: float) -> None:
    config = Config(target="sin(3x)", train_points=60, noise=noise)
    stretched = Config(target="1000 sin(3x / 100)", interval="-100,100", train_points=60, noise=noise)
    names = [name for name in NAMES if name != AAA]  # whose poles in noise are a matter of rounding
    ours, others = (outcomes(problem_of(each), names=names) for each in (config, stretched))
    for name in names:
        assert others[name].errors.max_f == pytest.approx(1e3 * ours[name].errors.max_f, rel=1e-3, abs=1e-10)
        assert others[name].errors.max_df == pytest.approx(10 * ours[name].errors.max_df, rel=1e-3, abs=1e-10)


@pytest.mark.parametrize("noise", [0.001, 0.05, 0.5])
def test_smoothing_gets_a_better_derivative_of_noisy_points(noise: float) -> None:
    found = outcomes(problem_of(Config(noise=noise)), names=(SMOOTHING, SAVITZKY_GOLAY, SPLINE))
    for name in (SMOOTHING, SAVITZKY_GOLAY):
        assert found[name].errors.mse_df < found[SPLINE].errors.mse_df / 30
        assert found[name].errors.mse_f < found[SPLINE].errors.mse_f / 3


def test_polynomials_interpolate_values_as_noisy_as_the_training_points() -> None:
    problem = problem_of(Config(noise=0.1))
    nodes = np.linspace(-1, 1, 11)
    curve = fitted(outcomes(problem, names=[UNIFORM])[UNIFORM])
    assert problem.truth is not None
    assert 0.01 < np.std(curve.f(nodes) - problem.truth.f(nodes)) < 0.3


def test_errors_of_measured_points_are_on_those_held_out() -> None:
    x = np.linspace(0, 3, 60)
    found = measured(x, np.sin(x), np.cos(x), fraction=0.2)
    held_out = problem_of(
        Config(data="here", points=MeasuredPoints.of(x, np.sin(x), np.cos(x)), validation_fraction=0.2)
    ).validation
    curve = fitted(found[HERMITE])
    assert found[HERMITE].errors.max_f == np.abs(curve.f(held_out.x) - held_out.f).max()
    assert found[HERMITE].errors.max_df == np.abs(curve.df(held_out.x) - held_out.df).max()


def test_what_cannot_be_says_why() -> None:
    found = measured([0, 1, 1, 3], [0, 1, 2, 3], degree=4)
    assert {name: outcome.note for name, outcome in found.items()} == {
        UNIFORM: NEEDS_F,
        CHEBYSHEV: NEEDS_F,
        LEAST_SQUARES: "needs 5 points at distinct x, got 3",
        SPLINE: "needs points at distinct x, and 1 of 4 repeat one",
        HERMITE: "needs f′, and no slopes are known",
        SMOOTHING: "needs 5 points at distinct x, got 3",
        SAVITZKY_GOLAY: "needs points at distinct x, and 1 of 4 repeat one",
        AAA: "needs points at distinct x, and 1 of 4 repeat one",
    }
    assert all(outcome.fitted is None and math.isnan(outcome.errors.mse_f) for outcome in found.values())
    assert measured(np.arange(12.0) ** 2, np.arange(12.0))[SAVITZKY_GOLAY].note == "needs equally spaced points"
    many = MeasuredPoints.of(np.arange(2_001.0), np.ones(2_001))
    found = outcomes(problem_of(Config(data="here", points=many, validation_fraction=0)), names=[AAA])
    assert found[AAA].note == "takes too long for more than 2,000 points, got 2,001"


def test_repeated_places_are_averaged_where_points_are_smoothed() -> None:
    x = np.repeat(np.linspace(0, 1, 30), 2)
    f = x + np.tile([0.1, -0.1], 30)
    assert fitted(measured(x, f)[SMOOTHING]).f(np.array([0.5])) == pytest.approx(0.5)


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(*[st.integers(-20, 20) | st.floats(-1e3, 1e3)] * 2, st.none() | st.floats(-9, 9)),
        min_size=2,
        max_size=30,
    ).filter(lambda rows: len({float(row[0]) for row in rows}) > 1),
    st.integers(1, 12),
)
def test_every_method_has_errors_or_says_why_not(rows: list[tuple[float, float, float | None]], degree: int) -> None:
    x, f, df = np.array([[math.nan if cell is None else cell for cell in row] for row in rows]).T
    for outcome in measured(x, f, df, degree).values():
        assert outcome.errors.mse_f >= 0 if outcome.fitted else outcome.note
        assert "\n" not in outcome.note


def test_a_run_with_adaptive_nodes_has_those_that_it_was_trained_on() -> None:
    np.testing.assert_array_equal(training_points(canned.progress(epoch=1)).x, RUNGE.training.x)
    chosen = canned.progress(epoch=1, config=Config(nodes="adaptive"), train_x=np.array([0.0, 1.0]))
    points = training_points(chosen)
    np.testing.assert_array_equal(points.f, [1, 1 / 26])


def test_the_report_is_worth_a_series() -> None:
    assert equal_degrees(RUNGE, REPORT.errors) == EqualDegrees(40, 48)
    assert str(EqualDegrees(40, 48)) == "as accurate in f as a Chebyshev series of degree 40, in f′ as one of degree 48"


def test_worth_is_the_lowest_degree_that_is_as_accurate() -> None:
    """Held against the series cut off at each degree, on an interval of its own."""
    problem = problem_of(Config(target="exp(-x^2) sin(8x)", interval="1,5"))
    grid, truth = problem.evaluation, problem.truth
    assert truth is not None
    series = Chebyshev.interpolate(truth.f, 200, domain=[1, 5])
    cuts = [series.truncate(degree + 1) for degree in range(60)]
    mse_f = np.array([np.mean((cut(grid.x) - grid.f) ** 2) for cut in cuts])
    mse_df = np.array([np.mean((cut.deriv()(grid.x) - grid.df) ** 2) for cut in cuts])
    for share in (2.0, 1.0, 1e-3, 1e-9, 1e-14):
        wanted = share * mse_f[0], share * mse_df[0]
        expected = int(np.argmax(mse_f <= wanted[0])), int(np.argmax(mse_df <= wanted[1] * 1.0001))
        found = equal_degrees(problem, Errors(wanted[0] * 1.0001, wanted[1] * 1.0001, 0, 0))
        assert found == EqualDegrees(*expected)


def test_worth_that_no_series_has_or_nobody_knows() -> None:
    kink = problem_of(Config(target="kink"))
    worth = equal_degrees(kink, Errors(1e-4, 1e-9, 0, 0))
    assert math.isfinite(worth.f)
    assert worth.df == math.inf
    assert f"in f′ more accurate than any Chebyshev series to degree {HIGHEST_DEGREE}" in str(worth)
    assert str(equal_degrees(kink, Errors(math.nan, math.nan, 0, 0))) == ""
    half = function_problem("half", (-1, 1), Truth(np.sqrt, np.sqrt), Config(evaluation_points=1))
    with np.errstate(invalid="ignore"):
        assert str(equal_degrees(half, Errors(1e-4, 1e-4, 0, 0))) == ""
    points = MeasuredPoints.of([0, 1, 2], [0, 1, 2])
    assert str(equal_degrees(problem_of(Config(data="here", points=points)), REPORT.errors)) == ""
