"""Formulas by the thousand, grown from the grammar and broken at random: each is right or refused, and none is run."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import thread_time
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.formulas import HOSTILE, assert_one_line, exact, trees
from tui_runge.core.config import Config
from tui_runge.core.formula import Tree, children, parse, show
from tui_runge.problems.derivative import derivative
from tui_runge.problems.expression import expression_problem

PLACES = Config(train_points=5, validation_points=1, evaluation_points=1)
SECONDS = 1.0
"""Of the processor that no formula may take more of."""
FORBIDDEN = ("exec", "open", "os.", "subprocess.", "socket.", "ctypes.", "shutil.")
"""The beginnings of the names of Python's audit events that a formula must not raise."""
CHARACTERS = [*"x0123456789.+-*/^(),eE pi²√'\"_[]{}:;=<>\\\n\0ü", "sin", "exp", "gamma", "**", "__", "import "]

watching = ContextVar("watching", default=False)


def audit(event: str, _: object) -> None:
    if watching.get():
        assert not event.startswith(FORBIDDEN), f"a formula raised {event}"


@contextmanager
def nothing_is_run() -> Iterator[None]:
    """Fail where what is done in here runs code, opens a file or takes too long."""
    start = thread_time()
    token = watching.set(True)
    try:
        yield
    finally:
        watching.reset(token)
    assert thread_time() - start < SECONDS


@pytest.fixture(scope="module", autouse=True)
def _audited() -> None:
    """Watch what happens from now on; a hook cannot be taken away again."""
    warm_up = expression_problem("sin(x)+gamma(x+3)", (-1, 1), PLACES)
    assert warm_up.training.f.size  # all that is imported on the way is there
    sys.addaudithook(audit)


@st.composite
def broken(draw: st.DrawFn) -> str:
    """The text of a formula after a few changes at random."""
    text = draw(trees().map(show) | st.sampled_from(HOSTILE))[:600]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(["", *CHARACTERS])) + text[at + draw(st.integers(0, 3)) :]
    return text


def check_value(tree: Tree, x: float, found: float) -> None:
    """Hold a value in float64 against 50 digits; as wrong as 15 digits are there, it may be."""
    try:
        with mpmath.workdps(15):
            rough = exact(tree, mpmath.mpf(x))
        with mpmath.workdps(50):
            expected = exact(tree, mpmath.mpf(x))
            if not (isinstance(expected, mpmath.mpf) and isinstance(rough, mpmath.mpf)) or leaves_range(tree, x):
                return  # complex on the way, where float64 has the real root
            error, allowed = abs(found - expected), 1e-9 * abs(expected) + 1e5 * abs(rough - expected) + 1e-12
    except (ArithmeticError, ValueError, TypeError, mpmath.libmp.NoConvergence):
        return  # a pole, a number too large for mpmath itself, or an order of complex numbers
    if mpmath.isfinite(expected) and mpmath.isfinite(rough):
        assert error <= allowed, (show(tree), x)


def leaves_range(tree: Tree, x: float) -> bool:
    """Whether a part of a formula is too small for float64, which takes it for 0, or too large."""
    size = abs(exact(tree, mpmath.mpf(x)))
    is_outside = 0 < size < sys.float_info.min or size > sys.float_info.max
    return is_outside or any(leaves_range(child, x) for child in children(tree))


def check_formula(text: str) -> None:
    try:
        with nothing_is_run():
            problem = expression_problem(text, (-1, 1), PLACES)
            points = problem.training
    except ValueError as error:
        assert_one_line(error)
        return
    assert np.isfinite([points.f, points.df]).all()
    tree = parse(text)
    for function, values in ((tree, points.f), (derivative(tree), points.df)):
        for x, found in zip(points.x.tolist(), values.tolist(), strict=True):
            check_value(function, x, found)


def many(count: int, *strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test with so many examples."""
    return lambda test: settings(max_examples=count)(given(*strategies)(test))


@many(50, trees())
def test_a_formula_is_right_or_refused(tree: Tree) -> None:
    check_formula(show(tree))


@many(50, broken())
def test_a_broken_formula_is_right_or_refused(text: str) -> None:
    check_formula(text)


@pytest.mark.slow
@pytest.mark.timeout(900)
@many(10_000, trees())
def test_ten_thousand_formulas_are_right_or_refused(tree: Tree) -> None:
    check_formula(show(tree))


@pytest.mark.slow
@pytest.mark.timeout(900)
@many(10_000, broken())
def test_ten_thousand_broken_formulas_are_right_or_refused(text: str) -> None:
    check_formula(text)
