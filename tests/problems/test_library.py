"""The named functions and their problems."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runge.core.config import TARGET_NAMES, Config
from tui_runge.core.scaling import IDENTITY
from tui_runge.problems import problem_of
from tui_runge.problems.library import NAMED_FUNCTIONS, REPORT


@pytest.mark.parametrize("name", NAMED_FUNCTIONS)
@given(x=st.floats(-1, 1))
def test_derivatives_are_right(name: str, x: float) -> None:
    truth, step = NAMED_FUNCTIONS[name].truth, 1e-5
    left, right = truth.f(np.array([x - step, x + step]))
    assert truth.df(np.array([x]))[0] == pytest.approx((right - left) / (2 * step), rel=1e-6, abs=1e-6)


def test_the_points_of_a_problem_are_those_of_its_configuration() -> None:
    problem = problem_of(Config(train_points=5, validation_points=4, evaluation_points=3, nodes="uniform"))
    assert problem.training.x.tolist() == [-1, -0.5, 0, 0.5, 1]
    assert (problem.validation.x.shape, problem.evaluation.x.shape) == ((4,), (3,))
    assert problem.training.f.tolist() == pytest.approx([1 / 26, 1 / 7.25, 1, 1 / 7.25, 1 / 26])
    assert problem.training.df[2] == 0


def test_only_the_reports_own_function_has_its_errors_to_compare_with() -> None:
    assert [name for name in TARGET_NAMES if problem_of(Config(target=name)).reference is REPORT] == ["runge"]
    assert REPORT.losses(Config(function_weight=2, derivative_weight=3)) == {
        "total": 2 * 2.31e-8 + 3 * 9.18e-6,
        "function": 2.31e-8,
        "derivative": 9.18e-6,
    }


@pytest.mark.parametrize("name", TARGET_NAMES)
def test_a_named_function_is_trained_in_its_own_units(name: str) -> None:
    assert problem_of(Config(target=name)).scaling == IDENTITY
