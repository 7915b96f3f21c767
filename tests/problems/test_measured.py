"""The problem of fitting measured points: which are held out, and the units the network sees."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runge.core.config import Config
from tui_runge.core.measured_points import MOST_POINTS, MeasuredPoints
from tui_runge.core.scaling import Scaling
from tui_runge.problems import Points, Problem, problem_of
from tui_runge.problems.measured import measured_problem
from tui_runge.problems.points_file import parse_points, read_points
from tui_runge.problems.unit_scaling import unit_scaling

values = st.floats(-10, 10)


def line(points: int) -> MeasuredPoints:
    """Points of f = 3 - x/10."""
    x = np.arange(float(points))
    return MeasuredPoints.of(x, 3 - x / 10, np.full(points, -0.1), name="line")


def problem_with(points: MeasuredPoints, **values: Any) -> Problem:
    """The problem of fitting points, as a configuration of these values asks for."""
    return measured_problem(points, Config(data="points.csv", **values))


def seen_by_the_network(points: Points | MeasuredPoints, scaling: Scaling) -> tuple[np.ndarray, ...]:
    return scaling.network_x(points.x), scaling.network_f(points.f), scaling.network_df(points.df)


# The points


def test_points_are_taken_from_what_numpy_can_read() -> None:
    points = MeasuredPoints.of([2, 1, 1, 5], np.array([1.0, np.nan, 3, np.nan]), [np.nan, 4, 5, np.nan])
    assert (points.x.tolist(), points.df[1:].tolist()) == ([2, 1, 1], [4, 5])
    assert np.isnan(points.f[1])
    with pytest.raises(ValueError, match="read-only"):
        points.x[0] = 1


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([1, 2], [1]), "points: the columns must be equally long, got 2, 1, 2"),
        (([1, 2], [1, 2], None, [True]), "points: the columns must be equally long, got 2, 2, 2, 1"),
        (([[1, 2]], [1, 2]), r"points: column x must have one dimension, got shape \(1, 2\)"),
        (([1, 2], ["a", 2]), "points: column f must hold numbers"),
        (([1, np.nan, 3], [1, 2, -np.inf]), "2 bad cells: row 2, column x: nan is .*; row 3, column f: -inf is not"),
        (([1], [np.nan]), "points has no value of f"),
        ((np.arange(MOST_POINTS + 1.0), np.zeros(MOST_POINTS + 1)), "points has more than 100,000 points"),
    ],
)
def test_wrong_columns_are_named_with_the_rule(columns: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MeasuredPoints.of(*columns)


def test_points_to_validate_on_may_come_from_another_table() -> None:
    both = line(3).with_validation(MeasuredPoints.of([10.0], [7.0]))
    problem = problem_with(both)
    assert (problem.training.x.tolist(), problem.validation.f.tolist()) == ([0, 1, 2], [7])
    assert problem.interval == (0, 10)
    with pytest.raises(ValueError, match="line with line has more than 100,000 points"):
        line(MOST_POINTS).with_validation(line(1))


# What is held out


def test_a_share_is_held_out_for_validation() -> None:
    points = line(100)
    problem = problem_with(points, validation_fraction=0.25)
    assert (len(problem.training.x), len(problem.validation.x)) == (75, 25)
    assert sorted([*problem.training.x, *problem.validation.x]) == points.x.tolist()
    assert problem.errors_on == "validation"


def test_the_same_seed_holds_out_the_same_points_under_every_version() -> None:
    def held_out(seed: int) -> list[float]:
        return sorted(problem_with(line(10), validation_fraction=0.3, seed=seed).validation.x)

    assert held_out(1) == SPLIT_OF_SEED_1
    assert held_out(2) != held_out(1)
    assert held_out(2**63 - 1) == held_out(2**63 - 1)


SPLIT_OF_SEED_1 = [2, 3, 5]


@given(
    rows=st.lists(st.sampled_from(["f", "df", "both"]), min_size=1, max_size=30).filter(
        lambda rows: set(rows) != {"df"}
    ),
    fraction=st.floats(0, 1, exclude_max=True),
    seed=st.integers(0, 2**63 - 1),
)
def test_something_is_always_left_to_train_on(rows: list[str], fraction: float, seed: int) -> None:
    x = np.arange(len(rows) + 1.0)
    f, df = ([np.nan if row == other else 1.0 for row in rows] for other in ("df", "f"))
    problem = problem_with(MeasuredPoints.of(x, [*f, 2.0], [*df, np.nan]), validation_fraction=fraction, seed=seed)
    assert np.isfinite(problem.training.f).any()
    assert len(problem.validation.x)
    assert len(problem.training.x) + len(problem.validation.x) in (len(x), 2 * len(x))


def test_with_nothing_held_out_the_training_points_validate() -> None:
    problem = problem_with(line(5), validation_fraction=0)
    assert problem.validation.x.tolist() == problem.training.x.tolist() == line(5).x.tolist()
    assert problem.errors_on == "training"


def test_what_a_file_holds_out_is_held_out() -> None:
    points = parse_points(b"x,f,part\n1,2,train\n2,3,validation\n3,4,train\n", "t.csv")
    assert problem_with(points, validation_fraction=0.9).validation.x.tolist() == [2]
    everything = MeasuredPoints.of([1, 2], [3, 4], held_out=[True, True])
    with pytest.raises(ValueError, match="no value of f to train on"):
        problem_with(everything)


# The problem


def test_the_fit_is_shown_on_a_grid_where_nothing_is_known() -> None:
    problem = problem_with(line(5), evaluation_points=9)
    assert problem.evaluation.x.tolist() == np.linspace(0, 4, 9).tolist()
    assert np.isnan([problem.evaluation.f, problem.evaluation.df]).all()
    assert (problem.label, problem.truth, problem.reference) == ("line", None, None)


def test_all_x_must_not_be_the_same() -> None:
    with pytest.raises(ValueError, match=r"^points: x must take two values at least, got 3 only$"):
        problem_with(MeasuredPoints.of([3, 3], [1, 2]))


@pytest.mark.parametrize(
    ("x", "f", "df"),
    [
        ([0, 1], [1.6e308, 1.7e308], None),
        ([0, 1], [0.0, 1e-300], [1e300, 0.0]),
        ([0, 5e-324], [0, 1], None),
        *(([0, x], [0, f], None) for x, f in ((1, 1e200), (1, 1e-200), (1e-200, 1), (1e200, 1), (1e100, 1e-100))),
    ],
)
def test_numbers_too_far_apart_are_refused(x: list[float], f: list[float], df: list[float] | None) -> None:
    with pytest.raises(ValueError, match=r"^the numbers span more, or less, than can be computed with: give"):
        problem_with(MeasuredPoints.of(x, f, df))


# Units


def test_the_network_sees_x_in_unit_interval_and_f_with_unit_spread() -> None:
    copper = read_points("example:copper")
    x, f, df = seen_by_the_network(copper, problem_with(copper).scaling)
    assert (x.min(), x.max()) == (pytest.approx(-1), pytest.approx(1))
    assert (f.mean(), f.std()) == (pytest.approx(0, abs=1e-12), pytest.approx(1))
    assert np.isnan(df).all()


def test_slopes_are_scaled_as_f_over_x() -> None:
    problem: Problem = problem_with(line(11))
    x, f, df = seen_by_the_network(problem.training, problem.scaling)
    assert df == pytest.approx(np.full(len(df), (f[1] - f[0]) / (x[1] - x[0])))


@given(
    points=st.lists(st.tuples(values, values, values), min_size=2, max_size=20),
    x_unit=st.floats(1e-6, 1e6),
    f_unit=st.floats(1e-6, 1e6),
)
def test_other_units_give_the_network_the_same_numbers(
    points: list[tuple[float, float, float]], x_unit: float, f_unit: float
) -> None:
    x, f, df = np.round(np.array(points), 3).T
    x[0], x[1] = -11, 11
    here = MeasuredPoints.of(x, f, df)
    there = MeasuredPoints.of(x * x_unit, f * f_unit, df * f_unit / x_unit)
    for a, b in zip(*(seen_by_the_network(p, problem_with(p).scaling) for p in (here, there)), strict=True):
        assert a == pytest.approx(b, rel=1e-11, abs=1e-11)


def test_copper_in_other_units_is_the_same_to_the_network_bit_for_bit() -> None:
    copper = read_points("example:copper")
    for x_unit, f_unit in ((1 / 1000, 100), (1.8, 1e-6 / 1.8), (3.7, -0.91)):
        rescaled = MeasuredPoints.of(copper.x * x_unit, copper.f * f_unit)
        ours, theirs = problem_with(copper, seed=5), problem_with(rescaled, seed=5)
        for part in ("training", "validation"):
            before = ours.in_network_units(getattr(ours, part))
            after = theirs.in_network_units(getattr(theirs, part))
            assert after.x.tobytes() == before.x.tobytes()
            assert after.f.tobytes() == (np.sign(f_unit) * before.f).tobytes()


def test_rounding_is_finer_than_any_measurement() -> None:
    problem = problem_with(line(11))
    exact = seen_by_the_network(problem.training, problem.scaling)
    rounded = problem.in_network_units(problem.training)
    np.testing.assert_allclose((rounded.x, rounded.f, rounded.df), exact, rtol=0, atol=2e-10)


def test_a_problem_in_the_users_units_gives_the_network_the_very_numbers() -> None:
    problem = problem_of(Config())
    points = problem.in_network_units(problem.training)
    assert points.x is problem.training.x
    assert points.df is problem.training.df


def test_where_f_does_not_vary_the_slopes_give_its_scale() -> None:
    assert unit_scaling((0, 4), np.array([5.0, np.nan]), np.array([np.nan, 3.0])) == Scaling(2, 2, 5, 6)
    assert unit_scaling((0, 4), np.array([5.0, 5.0]), np.full(2, np.nan)) == Scaling(2, 2, 5, 1)


def test_very_large_and_very_small_numbers_have_a_spread() -> None:
    for size in (1e-200, 1e200):
        scaling = unit_scaling((-size, size), np.array([size, -size]), np.array([np.nan]))
        assert scaling == Scaling(0, size, 0, size)
