"""A problem: what a network is fitted to, on which points, and what others reached there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.scaling import IDENTITY, Scaling
from tui_runge.problems.nodes import NODES, Interval, uniform
from tui_runge.problems.random_streams import normal_numbers
from tui_runge.problems.unit_scaling import formula_scaling

if TYPE_CHECKING:  # a problem's label is shown in the screen's first frame, which cannot wait for NumPy
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ErrorsOn = Literal["grid", "validation", "training"]
ERROR_POINTS: dict[ErrorsOn, str] = {
    "grid": "grid",
    "validation": "held-out points",
    "training": "training points",
}
"""The points that errors are taken on, as a heading names them."""
SURVEY_POINTS = 1001
"""Uniform points that say how large a function is, and how much it varies."""


@dataclass(frozen=True)
class Points:
    """Places x with f(x) and f'(x) in the user's units, float64 arrays of shape (n,); NaN where one is not known."""

    x: "Floats"
    f: "Floats"
    df: "Floats"


def known_in_order(x: "Floats", y: "Floats") -> "NDArray[np.intp]":
    """The indices (k,) of the places x (n,) where y (n,) is known, so ordered that x rises."""
    import numpy as np

    order = np.argsort(x, kind="stable")
    return order[~np.isnan(y[order])]


@dataclass(frozen=True)
class Truth:
    """A function f that is known everywhere, and its derivative df; both map an array to one of the same shape."""

    f: "Callable[[Floats], Floats]"
    df: "Callable[[Floats], Floats]"

    def at(self, x: "Floats") -> Points:
        """The points (x, f(x), f'(x)) for x of shape (n,)."""
        return Points(x, self.f(x), self.df(x))


@dataclass(frozen=True)
class Reference:
    """The errors that somebody else reached on a problem; `name` says who."""

    name: str
    errors: Errors

    def losses(self, function_weight: float, derivative_weight: float) -> dict[str, float]:
        """The total, function and derivative loss that these errors make with such weights."""
        function, derivative = self.errors.mse_f, self.errors.mse_df
        total = function_weight * function + derivative_weight * derivative
        return {"total": total, "function": function, "derivative": derivative}


@dataclass(frozen=True)
class Problem:
    """What is fitted on an interval; `label` is f as a formula, or what stands for it.

    The points and the scaling, in whose units the network is trained, are made when they are first asked for; that
    raises ValueError where f or f' has no value. `truth` is None where only points are known. `formula` is f as text
    that can be differentiated, empty where there is none; `reference` holds errors to compare with, where there are.
    `errors_on` says which points the errors of a fit are taken on: those of the evaluation grid, or measured ones. The
    network's numbers are rounded to multiples of `rounding`, if it is not 0. `sample` makes points to train on at other
    places x (n,), given how many there were before; it is None where only points are known.
    """

    label: str
    interval: Interval
    make_training: Callable[[], Points]
    make_validation: Callable[[], Points]
    make_evaluation: Callable[[], Points]
    truth: Truth | None = None
    make_scaling: Callable[[], Scaling] = lambda: IDENTITY
    formula: str = ""
    reference: Reference | None = None
    errors_on: ErrorsOn = "grid"
    rounding: float = 0.0
    sample: "Callable[[Floats, int], Points] | None" = None

    @cached_property
    def scaling(self) -> Scaling:
        """From the user's units to the network's."""
        return self.make_scaling()

    @cached_property
    def training(self) -> Points:
        """The points that the network is trained on."""
        return self.make_training()

    @cached_property
    def validation(self) -> Points:
        """The points that the validation losses are taken on."""
        return self.make_validation()

    @cached_property
    def evaluation(self) -> Points:
        """The points that the fit is shown and the errors are taken on."""
        return self.make_evaluation()

    def in_network_units(self, points: Points) -> Points:
        """Points as the network is trained on them; NaN stays NaN."""
        scaling, step = self.scaling, self.rounding
        columns = scaling.network_x(points.x), scaling.network_f(points.f), scaling.network_df(points.df)
        return Points(*((column / step).round() * step if step else column for column in columns))


def function_problem(
    formula: str,
    interval: Interval,
    truth: Truth,
    config: Config,
    *,
    points_at: "Callable[[Floats], Points] | None" = None,
    scaled: bool = False,
    reference: Reference | None = None,
) -> Problem:
    """The problem of fitting a formula, at the points that a configuration asks for.

    `points_at` makes the points at x of shape (n,); `truth.at` unless given. `scaled` says whether the network is
    trained in units of the function's own where the configuration leaves that open.
    """
    at = points_at or truth.at
    is_scaled = scaled if config.scaling == "auto" else config.scaling == "on"

    @cache
    def survey() -> Points:
        # Not at the points to train on: a branch with others goes on in the same units, with the same noise.
        return at(uniform(interval, SURVEY_POINTS))

    def make_scaling() -> Scaling:
        points = survey()
        return formula_scaling(interval, points.f, points.df)

    def sample(x: "Floats", before: int) -> Points:
        return with_noise(at(x), survey(), config.noise, config.seed, before) if config.noise else at(x)

    return Problem(
        label=formula,
        interval=interval,
        make_training=lambda: sample(NODES[config.nodes](interval, config.train_points, config.seed), 0),
        make_validation=lambda: at(uniform(interval, config.validation_points)),
        make_evaluation=lambda: at(uniform(interval, config.evaluation_points)),
        truth=truth,
        make_scaling=make_scaling if is_scaled else lambda: IDENTITY,
        formula=formula,
        reference=reference,
        sample=sample,
    )


def with_noise(points: Points, survey: Points, noise: float, seed: int, before: int = 0) -> Points:
    """Points (n,) with normal noise on f and f', its standard deviation `noise` times the largest of each in a survey.

    The noise is that of the seed after so many points `before`.
    """
    import numpy as np

    on_f, on_df = normal_numbers(seed, "noise", 2 * (before + len(points.x))).reshape(-1, 2)[before:].T
    size_f, size_df = noise * np.abs(survey.f).max(), noise * np.abs(survey.df).max()
    return Points(points.x, points.f + size_f * on_f, points.df + size_df * on_df)
