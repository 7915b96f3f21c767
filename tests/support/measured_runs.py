"""The progress of runs that fit measured points, made without training: a network whose last layer is solved for."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.history import History
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Fit, Model, Progress, Status, weight_number
from tui_runge.core.scaling import Scaling
from tui_runge.problems import Points, Problem, problem_of
from tui_runge.problems.points_file import read_points

Floats = NDArray[np.float64]
UNITS = 12


@cache
def copper() -> MeasuredPoints:
    """236 points without slopes."""
    return read_points("example:copper")


@cache
def atmosphere() -> MeasuredPoints:
    """80 points with slopes."""
    return read_points("example:atmosphere")


def measured_run(
    points: MeasuredPoints, status: Status = "finished", epoch: int = 40, best_epoch: int | None = 30, **values: Any
) -> Progress:
    """A run of `epoch` epochs whose present numbers are those of a network of tanh units that fits the points."""
    known = {"data": "points.csv", "hidden": (UNITS,), "dtype": "float64", "evaluation_points": 101, "keep": "best"}
    outside = {name: values.pop(name) for name in Progress.__dataclass_fields__ if name in values}
    config = Config(**{**known, **values, "points": points})
    problem = problem_of(config)
    first, last = _layers(problem)
    losses = _losses(config, problem, first, last)
    history = History()
    for step in range(epoch):
        history.append(tuple(float(loss) * (1 + 50 * np.exp(-step / 5)) for loss in losses))
    x = problem.evaluation.x
    fit = Fit(x, problem.evaluation.f, problem.evaluation.df, *_at(problem.scaling, first, last, x))
    validation = problem.validation
    f_hat, df_hat = _at(problem.scaling, first, last, validation.x)
    errors = Errors(
        _mean((f_hat - validation.f) ** 2),
        _mean((df_hat - validation.df) ** 2),
        _largest(f_hat - validation.f),
        _largest(df_hat - validation.df),
    )
    ended_by = "epochs" if status == "finished" else ""
    model = Model(config.activation, (1.0,), ((first, last),), problem.scaling)
    given: dict[str, Any] = {
        "losses": losses,
        "best_epoch": best_epoch,
        "ended_by": ended_by,
        "model": model,
        **outside,
    }
    return Progress(config, status, epoch, history.curves(), fit, errors, 0.9, 822.0, **given)


def _layers(problem: Problem) -> tuple[Floats, Floats]:
    """A first layer [weight | bias] of equally spaced steps, and the last one that fits f at the training points."""
    first = np.stack([np.full(UNITS, 3.0), -3.0 * np.linspace(-1.2, 1.2, UNITS)], axis=1)
    points = problem.in_network_units(problem.training)
    known = ~np.isnan(points.f)
    waves = np.tanh(np.outer(points.x[known], first[:, 0]) + first[:, 1])
    solved = np.linalg.lstsq(np.column_stack([waves, np.ones(len(waves))]), points.f[known], rcond=1e-6)
    return first, solved[0][None]


def _at(scaling: Scaling, first: Floats, last: Floats, x: Floats) -> tuple[Floats, Floats]:
    waves = np.tanh(np.outer(scaling.network_x(x), first[:, 0]) + first[:, 1])
    slopes = (1 - waves**2) * first[:, 0]
    value, slope = waves @ last[0, :-1] + last[0, -1], slopes @ last[0, :-1]
    return scaling.user_f(value), scaling.user_df(slope)


def _losses(config: Config, problem: Problem, first: Floats, last: Floats) -> tuple[float, ...]:
    parts = (problem.training, problem.validation)
    return tuple(loss for points in parts for loss in _of_part(config, problem, points, first, last))


def _of_part(config: Config, problem: Problem, points: Points, first: Floats, last: Floats) -> tuple[float, ...]:
    f_hat, df_hat = _at(problem.scaling, first, last, points.x)
    function, derivative = _mean((f_hat - points.f) ** 2), _mean((df_hat - points.df) ** 2)
    weight = weight_number(config, None) * problem.scaling.x_scale**2
    total = config.function_weight * function + (0.0 if np.isnan(derivative) else weight * derivative)
    return total, function, derivative


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _largest(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(np.abs(known).max()) if known.size else float("nan")
