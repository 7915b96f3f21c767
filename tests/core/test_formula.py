"""What a person types as a function of x, and what a stranger may have written there."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.formulas import HOSTILE, assert_one_line, trees
from tui_runge.core.formula import (
    ALIASES,
    FUNCTIONS,
    MAX_LENGTH,
    Tree,
    constant,
    parse,
    parse_interval,
    parse_number,
    show,
    show_readable,
)


@given(trees())
def test_a_formula_written_out_is_read_back(tree: Tree) -> None:
    try:
        constant(tree)
    except ValueError:
        assume(False)
    for text in (show(tree), show_readable(tree)):
        assume(len(text) <= MAX_LENGTH)
        assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "canonical", "readable"),
    [
        ("exp(-x^2) sin(8x)", "exp(-x**2)*sin(8*x)", "exp(-x²) sin(8x)"),
        ("1 / (1 + 25 x²)", "1/(1+25*x**2)", "1 / (1 + 25x²)"),
        ("-(1.4-3x) sin(18x)", "-(1.4-3*x)*sin(18*x)", "-(1.4 - 3x) sin(18x)"),
        ("-x^2", "-x**2", "-x²"),
        ("(-x)^2", "(-x)**2", "(-x)²"),
        ("2^-x", "2**-x", "2^-x"),
        ("x^x^x", "x**x**x", "x^x^x"),
        ("x^2 sin(x)", "x**2*sin(x)", "x² sin(x)"),
        ("x(x+1)(x-1)", "x*(x+1)*(x-1)", "x (x + 1) (x - 1)"),
        ("x/3 * sin(x)", "x/3*sin(x)", "x / 3 * sin(x)"),
        ("1e3x", "1000*x", "1000x"),
        ("2e", "2*e", "2 e"),
        ("+x", "x", "x"),
        ("√(x) − π × ln(x) ÷ 2", "sqrt(x)-pi*log(x)/2", "sqrt(x) - pi log(x) / 2"),
        ("max(x, 1, 2)", "max(max(x, 1), 2)", "max(max(x, 1), 2)"),
        (" x\n+ 1", "x+1", "x + 1"),
        ("0.1 + 1.", "0.1+1", "0.1 + 1"),
    ],
)
def test_spellings(text: str, canonical: str, readable: str) -> None:
    assert (show(parse(text)), show_readable(parse(text))) == (canonical, readable)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a value is missing at the end of '': write a number, x or a function there"),
        ("x +", "a value is missing at the end of 'x +': write a number, x or a function there"),
        ("x * / 2", "a value is missing before '/' at character 5 of 'x * / 2': write a number, x or a function there"),
        ("x // 2", "a value is missing before '/' at character 4"),
        ("sin()", "a value is missing before ')' at character 5"),
        ("2 3", "an operator is missing before '3' at character 3 of '2 3': write a product as 2*x or 2x"),
        ("x 3", "an operator is missing before '3'"),
        ("sine(x)", "unknown name 'sine' at character 1 of 'sine(x)': did you mean sin?"),
        ("1 + Tanh(x)", "unknown name 'Tanh' at character 5 of '1 + Tanh(x)': did you mean tanh?"),
        (
            "y",
            "unknown name 'y' at character 1 of 'y': x is the only variable, functions are sin, exp, abs and the like",
        ),
        ("xsin(x)", "did you mean x*sin?"),
        ("xx", "did you mean x*x?"),
        ("sin x", "sin lacks parentheses at character 5 of 'sin x': write sin(x)"),
        ("sin²(x)", "sin lacks parentheses at character 4 of 'sin²(x)': write sin(x)"),
        ("tanh", "tanh lacks parentheses at the end of 'tanh': write tanh(x)"),
        ("1/2x", "a product after a division is unclear at character 4 of '1/2x': write a/(b*c) or a/b*c"),
        ("e^2x", "a product after an exponent is unclear at character 4 of 'e^2x': write a**(b*c) or a**b*c"),
        ("(x", "'(' is never closed at character 1 of '(x': write ')' after it"),
        ("x)", "')' closes nothing at character 2 of 'x)': write '(' before it, or leave it out"),
        ("0,5", "write 0.5 for a half"),
        ("sin(x, 2)", "a comma is not understood at character 6"),
        ("min(x)", "min has one argument at character 6 of 'min(x)': write min(a, b)"),
        ("x!", "'!' is not understood at character 2 of 'x!': write gamma(n + 1) for n!"),
        ("|x|", "write abs(x)"),
        ("f(x) = x", "unknown name 'f'"),
        ("x = 2", "write the right-hand side only"),
        ("[x]", "write round parentheses"),
        ("1e999", "'1e999' is too large at character 1 of '1e999': numbers are at most 1.8e308"),
        ("1/0", "1/0 is not a finite number: numbers are real, and at most 1.8e308"),
        ("x + log(-1)", "log(-1) is not a finite number"),
        ("(-8)^(1/3)", "(-8)**(1/3) is not a finite number"),
    ],
)
def test_what_is_wrong_is_said_with_the_place_and_the_way_out(text: str, said: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 the whole message is compared
        parse(text)
    assert said in str(error.value)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_refused_at_once_in_one_line(text: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 any message will do
        parse(text)
    assert_one_line(error.value)


PIECES = [
    *"x0123456789.+-*/^(), ²",
    "**",
    "//",
    "1e9",
    "1e-9",
    *FUNCTIONS,
    *ALIASES,
    "pi",
    "e",
    "lambda",
    "_",
    "'",
    "\n",
]


@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_any_text_is_a_formula_or_refused_in_one_line(text: str) -> None:
    try:
        tree = parse(text)
    except ValueError as error:
        assert_one_line(error)
    else:
        assert parse(show(tree)) == tree


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("-2,2", (-2, 2)),
        (" -1 , 1.5 ", (-1, 1.5)),
        ("[0, 1]", (0, 1)),
        ("-pi,pi", (-math.pi, math.pi)),
        ("-2pi, sqrt(2)", (-2 * math.pi, math.sqrt(2))),
    ],
)
def test_the_ends_of_an_interval_may_be_formulas(text: str, interval: tuple[float, float]) -> None:
    assert parse_interval(text) == interval


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1", "an interval must be two numbers, such as -2,2 or -pi,pi, got '1'"),
        ("1,2,3", "an interval must be two numbers"),
        ("2,1", "an interval must begin below its end, got '2,1'"),
        ("1,1", "an interval must begin below its end"),
        ("x,1", "'x' must be a number, without x"),
        ("1,", "a value is missing at the end of ''"),
        ("-1e7,1", "an interval must lie within ±1e6, a millionth of its ends wide or more, got '-1e7,1'"),
        ("1,1.0000001", "a millionth of its ends wide or more"),
        ("nan,1", "unknown name 'nan'"),
        ("-inf,inf", "unknown name 'inf'"),
    ],
)
def test_what_is_no_interval_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 the whole message is compared
        parse_interval(text)
    assert said in str(error.value)


@given(st.text(max_size=30))
def test_any_text_is_an_interval_or_refused_in_one_line(text: str) -> None:
    try:
        low, high = parse_interval(text)
    except ValueError as error:
        assert_one_line(error)
    else:
        assert -1e6 <= low < high <= 1e6


def test_a_number_may_be_written_as_a_formula() -> None:
    assert parse_number("2^10 - gamma(5)") == 1000
