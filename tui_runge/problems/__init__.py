"""What is fitted: functions with their derivatives, and the points a network is trained and judged on. May import core.

`problem_of` is the one place that chooses a kind of problem; all else asks it.
"""

from functools import lru_cache

from tui_runge.core.config import Config
from tui_runge.problems.library import NAMED_FUNCTIONS, name_of, named_problem
from tui_runge.problems.problem import ERROR_POINTS, ErrorsOn, Points, Problem, Reference, Truth, known_in_order

__all__ = [
    "ERROR_POINTS",
    "ErrorsOn",
    "Points",
    "Problem",
    "Reference",
    "Truth",
    "check_problem",
    "known_in_order",
    "problem_of",
    "read_data",
    "same_problem",
]

FORMULA_INTERVAL = (-1.0, 1.0)
"""The interval of a formula, where no other is given."""


@lru_cache(maxsize=16)
def problem_of(config: Config) -> Problem:
    """The problem that a configuration asks to fit.

    A formula that is one of the library's is that function: the same numbers come of it, and it is not scaled. Raises
    ValueError for data that nobody has read yet.
    """
    if config.data:
        from tui_runge.problems.measured import measured_problem

        if config.points is None:
            raise ValueError(f"data {config.data} must be read first, as `read_data` does")
        return measured_problem(config.points, config)
    if config.function is not None:
        from tui_runge.problems.given import given_problem

        return given_problem(config.function, config)
    interval = None
    if config.interval:
        from tui_runge.core.formula import parse_interval

        interval = parse_interval(config.interval)
    if config.target in NAMED_FUNCTIONS:
        return named_problem(config.target, interval, config)
    # Here, since the first frame of a named function need not wait for what reads formulas.
    from tui_runge.problems.expression import expression_problem

    interval = interval or FORMULA_INTERVAL
    if name := name_of(config.target):
        return named_problem(name, interval, config)
    return expression_problem(config.target, interval, config)


def same_problem(one: Config, other: Config) -> bool:
    """Whether two configurations fit the same function on the same interval, or the same points."""
    problem, other_problem = problem_of(one), problem_of(other)
    same = (problem.label, problem.interval) == (other_problem.label, other_problem.interval)
    return same and one.points == other.points


def check_problem(config: Config) -> None:
    """Raise ValueError in one line where what a configuration asks to fit has no value somewhere on its interval."""
    if config.target in NAMED_FUNCTIONS and not (config.interval or config.data or config.function):
        return  # known to have: making its points can wait
    problem = problem_of(config)
    for _ in (problem.training, problem.validation, problem.evaluation, problem.scaling):
        pass


def read_data(config: Config, columns: str = "", skip_rows: int = 0, validation_data: str = "") -> Config:
    """The configuration with the measured points that its `data` names, read unless it has them.

    `columns` and `skip_rows` say how, as `read_points` has them; `validation_data` names points to validate on, which
    are read alike. Raises ValueError in one line that names what is wrong.
    """
    if not config.data or config.points is not None:
        return config
    from tui_runge.problems.points_file import read_points

    points = read_points(config.data, columns, skip_rows)
    if validation_data:
        points = points.with_validation(read_points(validation_data, columns, skip_rows))
    return config.with_values(points=points)
