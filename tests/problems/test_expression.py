"""Formulas as what is fitted: their values, derivatives, and where they have none."""

from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.formulas import HOSTILE, assert_one_line, exact, trees
from tui_runge.core.config import Config
from tui_runge.core.formula import (
    ARITHMETIC,
    TWO_ARGUMENTS,
    Binary,
    Call,
    Name,
    Negative,
    Number,
    Tree,
    X,
    children,
    parse,
    show,
)
from tui_runge.core.formula import FUNCTIONS as SCALAR_FUNCTIONS
from tui_runge.core.scaling import Scaling
from tui_runge.problems.derivative import derivative
from tui_runge.problems.evaluation import Floats, evaluate
from tui_runge.problems.expression import (
    derivative_text,
    expression_problem,
    formula_truth,
    interval_notes,
)
from tui_runge.problems.functions import FUNCTIONS
from tui_runge.problems.unit_scaling import formula_scaling
from tui_runge.problems.wide_range import evaluate_wide

EVERYWHERE = [
    "sin(x)*cos(x)*tan(x/2)",
    "asin(x/2)+acos(x/3)*atan(5x)",
    "sinh(x)+cosh(x)^3*tanh(x)",
    "asinh(4x)+acosh(x+3)+atanh(x/2)",
    "exp(-x)/(1+exp(-3x))",
    "log(2+x)^2",
    "sqrt(x+2)/(x+3)",
    "(x+2)^(1/3)",
    "(x+2)^(x/2)",
    "2^x*pi^(-x)*e^(x^2)",
    "erf(3x)-erf(x)^2",
    "gamma(x+2.5)/gamma(x+4)",
    "1/((x-3)*(x+4)^2*cosh(x)*sqrt(x+5)*exp(x))",
    "log(cosh(3x))+log((x+2)/(x+3)^2)",
    "1/sinh(x+2)",
    "-(-x)^3-(-(2x))/7",
    "x/0.3-1.5x^2^3+2",
]
"""Smooth on [-1, 1]."""


@pytest.mark.parametrize("text", EVERYWHERE)
def test_values_and_derivatives_are_right_to_the_last_digits(text: str) -> None:
    tree, x = parse(text), np.linspace(-1, 1, 41)
    with mpmath.workdps(50):
        f = [exact(tree, mpmath.mpf(at)) for at in x.tolist()]
        df = [mpmath.diff(lambda at: exact(tree, at), mpmath.mpf(at)) for at in x.tolist()]
    truth = formula_truth(text)
    assert_close(truth.f(x), f)
    assert_close(truth.df(x), df)


def assert_close(values: Floats, exactly: list[Any]) -> None:
    expected = np.array([float(value) for value in exactly])
    assert values == pytest.approx(expected, rel=0, abs=2e-14 * float(np.abs(expected).max()))


@given(trees(smooth=True), st.floats(-2, 2))
def test_derivatives_of_any_formula_are_right(tree: Tree, x: float) -> None:
    assume(all(abs(value) < 1e3 for value in values_of_parts(tree, x)))
    with mpmath.workdps(50):
        try:
            expected = mpmath.diff(lambda at: exact(tree, at), mpmath.mpf(x))
            found = exact(derivative(tree), mpmath.mpf(x))
        except (ArithmeticError, ValueError):
            assume(False)
        assume(isinstance(expected, mpmath.mpf) and isinstance(found, mpmath.mpf) and abs(expected) < 1e6)
        assume(not mpmath.isnan(found))  # which is refused when it is fitted
        assert abs(found - expected) <= 1e-9 * (1 + abs(expected))


def values_of_parts(tree: Tree, x: float) -> list[float]:
    return [float(evaluate(tree, np.array(x))), *(v for child in children(tree) for v in values_of_parts(child, x))]


SYMBOL = sympy.Symbol("x", real=True)
SYMPY: dict[str, Any] = {
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "heaviside": lambda x: sympy.Heaviside(x, sympy.Rational(1, 2)),
    "min": sympy.Min,
    "max": sympy.Max,
}


def to_sympy(tree: Tree) -> Any:
    match tree:
        case Number(value):
            return sympy.Rational(repr(value))
        case Name(name):
            return {"x": SYMBOL, "pi": sympy.pi, "e": sympy.E}[name]
        case Negative(operand):
            return -to_sympy(operand)
        case Binary(operator, left, right):
            return ARITHMETIC[operator](to_sympy(left), to_sympy(right))
        case Call(function, arguments):
            made = SYMPY.get(function) or getattr(sympy, function)
            return made(*map(to_sympy, arguments))


@pytest.mark.parametrize("text", [*EVERYWHERE, "x*abs(x-0.3)", "max(x, x^2)*min(x, 0.5)", "heaviside(x)*exp(x)"])
def test_sympy_finds_the_same_derivative(text: str) -> None:
    tree = parse(text)
    expected = sympy.diff(to_sympy(tree), SYMBOL)
    with mpmath.workdps(50):
        for x in (sympy.Rational(-5, 7), sympy.Rational(1, 7), sympy.Rational(8, 9)):
            found = exact(derivative(tree), mpmath.mpf(x.p) / x.q)
            assert abs(found - mpmath.mpf(expected.subs(SYMBOL, x).evalf(50))) < 1e-40


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1/(1+25x^2)", "-50x / (1 + 25x²)²"),
        ("exp(-x^2) sin(8x)", "-2x exp(-x²) sin(8x) + 8 exp(-x²) cos(8x)"),
        ("tanh(20x)", "20 / cosh(20x)²"),
        ("1/cosh(400x)", "-400 tanh(400x) / cosh(400x)"),
        ("x sqrt(x)", "1.5 sqrt(x)"),
        ("sqrt(x)", "1 / (2 sqrt(x))"),
        ("x^(2/3)", "2 / (3x^(1 / 3))"),
        ("x^x", "x^x (log(x) + 1)"),
        ("x/3 + 0.1x", "13 / 30"),
        ("erf(x)", "2 exp(-x²) / sqrt(pi)"),
        ("gamma(x)", "gamma(x) digamma(x)"),
        ("sin(pi x) / pi", "cos(pi x)"),
        ("abs(2x)", "2 sign(2x)"),
        ("max(0, x)", "heaviside(x)"),
        ("sign(x) + heaviside(x)", "0"),
        ("5", "0"),
        ("x - x", "0"),
    ],
)
def test_a_derivative_is_written_as_a_person_would(text: str, written: str) -> None:
    assert derivative_text(text) == written


def test_a_derivative_beyond_float64_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the derivative has numbers beyond 1.8e308: write smaller ones"):
        derivative(parse("1e300 x * 1e300 x"))


@pytest.mark.parametrize(
    ("text", "x", "f", "df"),
    [
        ("tanh(20x)", 1e300, 1, 0),
        ("tanh(20x)", -800, -1, 0),
        ("1/cosh(x)", 1e6, 0, 0),
        ("1/cosh(400x)", -100, 0, 0),
        ("x/cosh(x)^2", 1e5, 0, 0),
        ("1/(1+exp(x))", 1e4, 0, 0),
        ("1/sinh(x)", 1e4, 0, 0),
        ("exp(x)/(1+exp(x))", 1e4, 1, 0),
        ("exp(x)*exp(1-x)", 1e3, np.e, 0),
        ("(cosh(x)-sinh(x))*exp(x)/2+x^400/x^399", 900, 900, 1),
        ("sqrt(exp(x)^2+1)/exp(x)", -750, np.inf, -np.inf),
        ("log(1+exp(x))-log(cosh(x))", 1e4, np.log(2), 0),
        ("max(exp(x), exp(2x))*min(exp(-x), exp(-2x))", 1e3, 1, 0),
        ("-abs(-exp(x))*exp(-x)", 1e3, -1, 0),
        ("exp(-x^2)", 1e200, 0, 0),
        ("erf(x)", -1e200, -1, 0),
        ("atan(x)", 1e200, np.pi / 2, 0),
        ("log(x)", 1e-300, np.log(1e-300), 1e300),
    ],
)
def test_nothing_overflows_far_out(text: str, x: float, f: float, df: float) -> None:
    truth = formula_truth(text)
    assert truth.f(np.array([x]))[0] == pytest.approx(f)
    assert truth.df(np.array([x]))[0] == pytest.approx(df)


@pytest.mark.parametrize(
    ("text", "interval", "said"),
    [
        ("log(x)", (-1, 1), "log(x) is not finite at x = -1: choose an interval without it"),
        ("log(x)", (0, 1), "log(x) is not finite at x = 0"),
        ("1/x", (-1, 1), "1/x is not finite at x = 0"),
        ("1/(x-0.30001)", (-1, 1), "1/(x-0.30001) is not finite at x = 0.3"),
        ("2+3/(x-0.30001)^2", (-1, 1), "3/(x-0.30001)**2 is not finite at x = 0.3"),
        ("1/(x^2-0.60002x+0.0900060001)", (-1, 1), "is not finite at x = 0.3"),
        ("1/(1+sin(x))", (-3, 3), "1/(1+sin(x)) is not finite at x = -1.571"),
        ("(x-0.12345)^-2", (-1, 1), "(x-0.12345)**-2 is not finite at x = 0.1235"),
        ("log(abs(x-0.12345))", (-1, 1), "log(abs(x-0.12345)) is not finite at x = 0.1235"),
        ("sin(x)/x", (-1, 2.2), "sin(x)/x is not finite at x = 0:"),
        ("1+tan(x)", (0, 2), "tan(x) is not finite at x = 1.571"),
        ("gamma(x)", (-2.5, -1.5), "gamma(x) is not finite at x = -2"),
        ("sqrt(x)", (-1, 1), "sqrt(x) is not finite at x = -1"),
        ("sqrt(x)", (0, 1), "in the derivative, 1/(2*sqrt(x)) is not finite at x = 0"),
        ("sqrt((x-0.30001)^2 - 1e-10)", (-1, 1), "is not finite at x = 0.3"),
        ("x^(1/3)", (-1, 1), "x**(1/3) is not finite at x = -1"),
        ("acos(x)", (-1, 1), "in the derivative, -1/sqrt(1-x**2) is not finite at x = -1"),
        ("asin(2x)", (-1, 1), "asin(2*x) is not finite at x = -1"),
        ("acosh(x)", (0, 2), "acosh(x) is not finite at x = 0"),
        ("atanh(x)", (-1, 0), "atanh(x) is not finite at x = -1"),
        ("x^x", (0, 1), "in the derivative, log(x) is not finite at x = 0"),
        ("exp(1000x)", (-1, 1), "exp(1000*x) is not finite at x = 0.71"),
        ("1/0.1^(1000 + x)", (0, 1), "1/0.1**(1000+x) is not finite at x = 0"),
    ],
)
def test_a_place_without_a_value_is_found_and_named(text: str, interval: tuple[float, float], said: str) -> None:
    for asked in (
        lambda: interval_notes(text, interval),
        lambda: expression_problem(text, interval, Config(train_points=2)).training,
    ):
        with pytest.raises(ValueError) as error:  # noqa: PT011 the whole message is compared
            asked()
        assert said in str(error.value)
        assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        *((text, (-1, 1)) for text in EVERYWHERE),
        ("1/(1e-6+x^2)", (-1, 1)),
        ("x sqrt(x)", (0, 1)),
        ("tanh(20x)/cosh(x)", (-1000, 1000)),
        ("gamma(x)", (0.1, 5)),
        ("1/tan(x)", (0.1, 1.5)),
        ("x^-2", (0.001, 1)),
        ("sin(1000x)", (-1, 1)),
        ("3", (-1, 1)),
    ],
)
def test_nothing_is_said_of_what_is_smooth(text: str, interval: tuple[float, float]) -> None:
    assert interval_notes(text, interval) == ()


@pytest.mark.parametrize(
    ("text", "interval", "notes"),
    [
        ("abs(x)", (-1, 1), ["abs(x) has a kink at x = 0: f' there is the mean of both sides"]),
        ("abs(x)", (0, 1), ["abs(x) has a kink at x = 0: f' there is the mean of both sides"]),
        ("abs(x)", (1, 2), []),
        ("abs(x^3)", (-1, 1), []),
        ("abs(x^2)", (-1, 1), []),
        (
            "1+exp(abs(x-0.30001))",
            (-1, 1),
            ["abs(x-0.30001) has a kink at x = 0.3: f' there is the mean of both sides"],
        ),
        ("max(x, x^2)", (-1, 2), ["max(x, x**2) has a kink at x = 0, 1: f' there is the mean of both sides"]),
        (
            "min(1, exp(1000x))",
            (-1, 1),
            ["min(1, exp(1000*x)) has a kink at x = 0: f' there is the mean of both sides"],
        ),
        (
            "abs(sin(20x))",
            (-1, 1),
            [
                "abs(sin(20*x)) has a kink at x = -0.9425, -0.7854, -0.6283 and 10 more places: "
                "f' there is the mean of both sides"
            ],
        ),
        ("sign(x-0.5)", (0, 1), ["sign(x-0.5) jumps at x = 0.5: f' is that of both sides, without the jump"]),
        ("2heaviside(x)", (-1, 1), ["heaviside(x) jumps at x = 0: f' is that of both sides, without the jump"]),
        ("1/(sign(x)+0.5)", (-1, 1), ["sign(x) jumps at x = 0: f' is that of both sides, without the jump"]),
        ("max(2, 1) x", (-1, 1), []),
    ],
)
def test_kinks_and_jumps_are_told(text: str, interval: tuple[float, float], notes: list[str]) -> None:
    assert list(interval_notes(text, interval)) == notes


@pytest.mark.parametrize("text", ["abs(x)", "max(x, 3x)", "min(x, -2x, 5)", "exp(abs(x)-abs(2x))"])
def test_the_derivative_at_a_kink_is_the_mean_of_both_sides(text: str) -> None:
    left, middle, right = formula_truth(text).df(np.array([-1e-12, 0, 1e-12]))
    assert middle == pytest.approx((left + right) / 2)


DEEP = [
    "sin(" * 58 + "x" + ")" * 58,
    "*".join(f"sin({k}x)" for k in range(10, 59)),
    "/".join(f"cosh({k}x)" for k in range(10, 50)),
    "max(x," * 50 + "1" + ")" * 50,
    "x**" * 50 + "x",
    "abs(x-" * 28 + "1" + ")" * 28,
    "sqrt(1+x*" * 19 + "x" + ")" * 19,
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", [*DEEP, *HOSTILE], ids=range(len(DEEP) + len(HOSTILE)))
def test_what_is_as_long_or_deep_as_can_be_takes_a_bounded_time(text: str) -> None:
    try:
        interval_notes(text, (0.25, 1))
        assert derivative_text(text)
    except ValueError as error:
        assert_one_line(error)


@given(trees())
def test_any_formula_is_fitted_or_refused_in_one_line(tree: Tree) -> None:
    config = Config(train_points=7, validation_points=3, evaluation_points=5)
    try:
        problem = expression_problem(show(tree), (-1, 1), config)
        points = problem.training
    except ValueError as error:
        assert_one_line(error)
    else:
        assert points.x.shape == points.f.shape == points.df.shape == (7,)
        assert np.isfinite(points.f).all()
        assert np.isfinite(points.df).all()


def test_a_problem_has_the_points_of_its_configuration_and_the_formula_for_a_label() -> None:
    config = Config(train_points=5, validation_points=4, evaluation_points=3)
    problem = expression_problem("x^2", (-2, 2), config)
    assert (problem.label, problem.interval, problem.reference) == ("x²", (-2, 2), None)
    assert problem.training.x.tolist() == [-2, -1, 0, 1, 2]
    assert problem.training.f.tolist() == [4, 1, 0, 1, 4]
    assert problem.training.df.tolist() == [-4, -2, 0, 2, 4]
    assert (problem.validation.x.shape, problem.evaluation.x.shape) == ((4,), (3,))
    constant = expression_problem("3", (-2, 2), config)
    assert (constant.training.f.tolist(), constant.training.df.tolist()) == ([3] * 5, [0] * 5)


def test_values_are_an_array_of_their_own() -> None:
    x = np.linspace(-1, 1, 5)
    assert not np.shares_memory(evaluate(X, x), x)


def test_every_function_that_can_be_typed_can_be_computed() -> None:
    assert {*FUNCTIONS} == {*SCALAR_FUNCTIONS, "digamma"}
    x = np.array([1.5])
    for name, function in SCALAR_FUNCTIONS.items():
        arguments = [0.5, 2.0] if name in TWO_ARGUMENTS else [1.5 if name == "acosh" else 0.5]
        assert FUNCTIONS[name](*arguments) == pytest.approx(function(*arguments))
        tree = Call(name, tuple(Number(value) for value in arguments))
        assert evaluate_wide(tree, x) == pytest.approx(evaluate(tree, x))


def test_a_formula_is_trained_in_units_in_which_all_is_about_one() -> None:
    problem = expression_problem("1000+300*sin(x/50)", (0.0, 400.0), Config())
    scaling, points = problem.scaling, problem.training
    assert (scaling.x_center, scaling.x_scale) == (200, 200)
    assert scaling.network_x(points.x)[[0, -1]].tolist() == [-1, 1]
    assert np.std(scaling.network_f(points.f)) == pytest.approx(1, abs=0.02)
    assert scaling == expression_problem("1000+300*sin(x/50)", (0.0, 400.0), Config(train_points=9)).scaling


def test_a_constant_is_only_centred() -> None:
    assert expression_problem("3", (-1.0, 1.0), Config()).scaling == Scaling(f_center=3.0)


@pytest.mark.parametrize(
    ("size", "line"),
    [
        (1e-150, r"^f varies too little, or too steeply, for float64: its values span 2e-150$"),
        (1e150, r"^f and f' must be smaller than 1e\+140: write f in other units$"),
    ],
)
def test_what_float64_cannot_square_is_refused(size: float, line: str) -> None:
    x = np.linspace(-1, 1, 9)
    with pytest.raises(ValueError, match=line):
        formula_scaling((-1.0, 1.0), size * x, np.full(9, size))
