"""What is fitted: functions with their derivatives, and the points a network is trained and judged on. May import core.

`problem_of` is the one place that chooses a kind of problem; all else asks it.
"""

from functools import lru_cache

from tui_runge.core.config import Config
from tui_runge.problems.library import named_problem
from tui_runge.problems.problem import Points, Problem, Reference, Truth

__all__ = ["Points", "Problem", "Reference", "Truth", "problem_of"]


@lru_cache(maxsize=16)
def problem_of(config: Config) -> Problem:
    """The problem that a configuration asks to fit."""
    return named_problem(config)
