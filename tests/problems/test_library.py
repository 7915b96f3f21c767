"""The named functions and their problems."""

import mpmath
import numpy as np
import pytest

from tests.support.formulas import exact
from tui_runge.core.config import TARGET_NAMES, Config
from tui_runge.core.formula import parse, show
from tui_runge.core.scaling import IDENTITY
from tui_runge.problems import check_problem, problem_of
from tui_runge.problems.expression import interval_notes
from tui_runge.problems.library import NAMED_FUNCTIONS, REPORT


@pytest.mark.parametrize("name", NAMED_FUNCTIONS)
def test_functions_and_derivatives_are_right_to_the_last_digits(name: str) -> None:
    function = NAMED_FUNCTIONS[name]
    tree, x = parse(function.formula), np.linspace(*function.interval, 100)  # an even number: not at the kink
    with mpmath.workdps(50):
        f = np.array([float(exact(tree, mpmath.mpf(at))) for at in x.tolist()])
        df = np.array([float(mpmath.diff(lambda at: exact(tree, at), mpmath.mpf(at))) for at in x.tolist()])
    points = function.truth.at(x)
    assert points.f == pytest.approx(f, rel=0, abs=1e-14 * np.abs(f).max())
    assert points.df == pytest.approx(df, rel=0, abs=1e-14 * np.abs(df).max())


@pytest.mark.parametrize("name", NAMED_FUNCTIONS)
def test_a_named_function_is_fitted_on_its_own_interval(name: str) -> None:
    function, problem = NAMED_FUNCTIONS[name], problem_of(Config(target=name))
    assert (problem.interval, problem.label) == (function.interval, function.formula)
    assert problem.training.x[[0, -1]].tolist() == list(function.interval)
    assert function.why


def test_only_the_kink_has_something_to_be_said_of_it() -> None:
    noted = {name for name, each in NAMED_FUNCTIONS.items() if interval_notes(each.formula, each.interval)}
    assert noted == {"kink"}


def test_the_points_of_a_problem_are_those_of_its_configuration() -> None:
    problem = problem_of(Config(train_points=5, validation_points=4, evaluation_points=3, nodes="uniform"))
    assert problem.training.x.tolist() == [-1, -0.5, 0, 0.5, 1]
    assert (problem.validation.x.shape, problem.evaluation.x.shape) == ((4,), (3,))
    assert problem.training.f.tolist() == pytest.approx([1 / 26, 1 / 7.25, 1, 1 / 7.25, 1 / 26])
    assert problem.training.df[2] == 0


def test_only_the_reports_own_function_has_its_errors_to_compare_with() -> None:
    assert [name for name in TARGET_NAMES if problem_of(Config(target=name)).reference is REPORT] == ["runge"]
    assert REPORT.losses(function_weight=2, derivative_weight=3) == {
        "total": 2 * 2.31e-8 + 3 * 9.18e-6,
        "function": 2.31e-8,
        "derivative": 9.18e-6,
    }


@pytest.mark.parametrize("name", NAMED_FUNCTIONS)
def test_a_typed_formula_of_the_library_is_that_function_to_the_last_bit(name: str) -> None:
    named = NAMED_FUNCTIONS[name]
    low, high = named.interval
    text = show(parse(named.formula))
    assert text != named.formula or name == "kink"
    typed = problem_of(Config(target=text, interval=f"{low},{high}"))
    of_name = problem_of(Config(target=name))
    for column in ("x", "f", "df"):
        assert getattr(typed.training, column).tobytes() == getattr(of_name.training, column).tobytes()
    assert (typed.scaling, typed.reference) == (of_name.scaling, of_name.reference)


def test_on_another_interval_there_is_nothing_to_compare_with() -> None:
    problem = problem_of(Config(interval="-2,pi"))
    assert (problem.interval, problem.reference, problem.scaling) == ((-2, np.pi), None, IDENTITY)
    assert problem_of(Config(interval="-1,1")).reference is REPORT


def test_far_out_a_named_function_is_still_right_or_says_where_it_is_not() -> None:
    assert problem_of(Config(target="steep", interval="-1e6,1e6")).training.df[0] == 0
    with pytest.raises(ValueError, match=r"^exp\(1.3\*x\) is not finite at x = 547.5: choose an interval without it$"):
        check_problem(Config(target="two-scale", interval="0,1000"))


@pytest.mark.parametrize("name", TARGET_NAMES)
def test_a_named_function_is_trained_in_its_own_units(name: str) -> None:
    assert problem_of(Config(target=name)).scaling == IDENTITY
