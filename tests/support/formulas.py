"""Formulas to test with, and their exact values."""

from typing import Any

import mpmath
from hypothesis import strategies as st

from tui_runge.core.formula import (
    ARITHMETIC,
    CONSTANTS,
    FUNCTIONS,
    TWO_ARGUMENTS,
    Binary,
    Call,
    Name,
    Negative,
    Number,
    Tree,
    X,
)

BROKEN = ("abs", "sign", "heaviside", "min", "max")
"""The functions with kinks or jumps."""


def trees(*, smooth: bool = False) -> st.SearchStrategy[Tree]:
    """Formulas of all kinds, or only of functions without kinks and jumps, and of a few small numbers."""
    names = [name for name in FUNCTIONS if not (smooth and name in BROKEN)]
    any_number = st.floats(0, allow_infinity=False, allow_nan=False) | st.integers(0, 20).map(float)
    number = st.sampled_from([0.0, 0.1, 0.5, 1.0, 2.0, 3.0]) if smooth else any_number
    leaves = st.one_of(st.just(X), st.sampled_from([Name(name) for name in CONSTANTS]), number.map(Number))

    def larger(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        calls = st.sampled_from(names).flatmap(
            lambda name: st.tuples(*[parts] * (1 + (name in TWO_ARGUMENTS))).map(lambda found: Call(name, found))
        )
        return st.one_of(parts.map(Negative), st.builds(Binary, st.sampled_from(list(ARITHMETIC)), parts, parts), calls)

    return st.recursive(leaves, larger, max_leaves=10)


MPMATH: dict[str, Any] = {name: getattr(mpmath, name) for name in FUNCTIONS if hasattr(mpmath, name)} | {
    "abs": abs,
    "heaviside": lambda x: (1 + mpmath.sign(x)) / 2,
    "digamma": mpmath.digamma,
    "min": min,
    "max": max,
}


def exact(tree: Tree, x: Any) -> Any:
    """The value of a formula in mpmath's precision, its numbers as they are written: 0.1 is a tenth."""
    match tree:
        case Number(value):
            return mpmath.mpf(repr(value))
        case Name(name):
            return x if tree == X else {"pi": mpmath.pi, "e": mpmath.e}[name] * 1
        case Negative(operand):
            return -exact(operand, x)
        case Binary(operator, left, right):
            return ARITHMETIC[operator](exact(left, x), exact(right, x))
        case Call(function, arguments):
            return MPMATH[function](*(exact(argument, x) for argument in arguments))


def assert_one_line(error: ValueError, most: int = 200) -> None:
    """What is said of a text is fit for a line of the screen, whatever the text."""
    assert type(error) is ValueError
    assert str(error).isprintable()
    assert len(str(error)) < most


HOSTILE = [
    "9**9**9**9",
    "9^" * 200 + "9",
    "x**9**9**9",
    "gamma(gamma(gamma(9)))",
    "gamma(1e300)",
    "exp(exp(exp(exp(9))))",
    "(" * 10_000 + "x" + ")" * 10_000,
    "(" * 240 + "x" + ")" * 240,
    "-" * 499 + "x",
    "+" * 499 + "x",
    "sin(" * 90 + "x" + ")" * 90,
    "+".join(["x"] * 200),
    "x" * 500,
    "9" * 500,
    "1" * 100_000,
    "min(" * 60 + "x" + ",x)" * 60,
    "min(" + ",".join("x" * 200) + ")",
    "__import__('os').system('id')",
    "x.__class__.__mro__",
    "x.real",
    "(lambda: x)()",
    "lambda x: x",
    "[x for x in (1,)]",
    "f'{x}'",
    "(x := 2)",
    "x if x else x",
    "x and x",
    "x < 1",
    "not x",
    "await x",
    "yield",
    "*x",
    "sin(*x)",
    "sin(x=x)",
    "sin(**x)",
    "max(**x, x)",
    "x[0]",
    "{x: x}",
    "x; x",
    "x\\\n+1",
    "x # y",
    "'x'",
    '"""x"""',
    "0x10",
    "1_000",
    "1j",
    "1if x else 2",
    "0b1",
    "None",
    "True",
    "...",
    "ｘ",  # a full-width x, which Python takes for x
    "𝑥",
    "х",  # a Cyrillic letter
    "٣",  # an Arabic digit
    "x\u202e+1",
    "\x1b]0;title\x07",
    "\x00",
    "x\ud800",
    "x\u2028+ y",
    "\n" * 500,
    "²",
    "x²²²" * 100,
    "x^²",
]
"""Texts that a stranger may have written into a run folder."""
