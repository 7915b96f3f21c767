"""Problems whose function is a formula in x."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from tui_runge.core.config import Config
from tui_runge.core.formula import Tree, parse, show_readable
from tui_runge.problems.derivative import derivative
from tui_runge.problems.nodes import Interval
from tui_runge.problems.problem import Points, Problem, Truth, function_problem

if TYPE_CHECKING:
    from tui_runge.problems.problem import Floats


def formula_truth(text: str) -> Truth:
    """A formula and its derivative as functions of arrays; the text is read at the first call.

    The call raises ValueError as `parse` and `derivative` do.
    """

    def f(x: "Floats") -> "Floats":
        from tui_runge.problems.evaluation import evaluate

        return evaluate(_parsed(text), x)

    def df(x: "Floats") -> "Floats":
        from tui_runge.problems.evaluation import evaluate

        return evaluate(derivative(_parsed(text)), x)

    return Truth(f, df)


def derivative_text(text: str) -> str:
    """The derivative of a formula as a person writes it; raises ValueError as `parse` and `derivative` do."""
    return show_readable(derivative(_parsed(text)))


def interval_notes(text: str, interval: Interval) -> tuple[str, ...]:
    """What is to be said of the kinks and jumps of a formula in an interval, a sentence each.

    Raises ValueError as `parse` does, and naming the place where the formula or its derivative is not finite.
    """
    return _checked(_parsed(text), interval)


def expression_problem(text: str, interval: Interval, config: Config) -> Problem:
    """The problem of fitting a formula on an interval, in units in which both are about 1.

    Raises ValueError as `parse` does. So do its points, where the formula or its derivative is not finite there.
    """
    truth = formula_truth(text)
    points_at = checked_points(text, interval, truth)

    label = show_readable(_parsed(text))
    return function_problem(label, interval, truth, config, points_at=points_at, scaled=True)


def checked_points(text: str, interval: Interval, truth: Truth) -> "Callable[[Floats], Points]":
    """What makes the points of a formula at x of shape (n,) in an interval, from its truth.

    It raises ValueError naming a place in the interval where the formula or its derivative is not finite.
    """

    def points_at(x: "Floats") -> Points:
        import numpy as np

        interval_notes(text, interval)
        with np.errstate(all="ignore"):
            return _finite(_parsed(text), truth.at(x))

    return points_at


def same_formula(text: str, other: str) -> bool:
    """Whether two texts are the same formula but for how it is written; raises ValueError as `parse` does."""
    return _parsed(text) == _parsed(other)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Tree:
    return parse(text)


@lru_cache(maxsize=64)
def _checked(tree: Tree, interval: Interval) -> tuple[str, ...]:
    from tui_runge.problems.singularities import check_interval

    return check_interval(tree, interval)


def _finite(tree: Tree, points: Points) -> Points:
    """The points; raises ValueError naming one between the samples of the check where there is no value after all."""
    import numpy as np

    from tui_runge.problems.singularities import culprit, not_finite

    for values, part in ((points.f, tree), (points.df, derivative(tree))):
        if (bad := points.x[~np.isfinite(values)]).size:
            raise ValueError(not_finite(culprit(part, bad[0]), bad[0]))
    return points
