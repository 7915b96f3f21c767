"""What is asked of a run before anything is said of it."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tui_runge.analysis.outcomes import Comparison
from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Change, Floats, Progress, felt_changes, trained_config, weight_number
from tui_runge.export.points import count_f, known, mean_square, measured_points
from tui_runge.problems import Problem, problem_of

ROUNDINGS = 100
"""An error of so many roundings, relative to what is fitted, is that of the arithmetic and not of the network."""
UNFITTED = 0.5
"""An error that is so large a part of a mean square is hardly a fit of it."""
ALIKE = 2.0
"""Errors or losses that differ by no more than this factor are not told apart."""
FEWEST_POINTS = 10
"""Fewer validation points say more of where they lie than of the network."""


@dataclass(frozen=True)
class Part:
    """One of the two things that a network can be fitted to: f or f′.

    `weights` are those that its error had in the loss, the last one last, and `unit` is what a weight of 1 is in the
    user's units. `mean_square` is its own on the evaluation grid, `mse` that of its error there. Of measured points
    the latter is that of the points which errors are taken on, and `mean_square` that of all points: of f about its
    mean.
    """

    symbol: str
    noun: str
    weights: tuple[Any, ...]
    mean_square: float
    mse: float
    unit: float = 1.0

    @property
    def ever_fitted(self) -> bool:
        """Whether some epoch fitted it."""
        return any(self.weights)

    @property
    def fitted(self) -> bool:
        """Whether the last epoch fitted it."""
        return bool(self.weights[-1])

    @property
    def relative(self) -> float:
        """Its mean squared error as a part of its mean square; NaN where that is 0."""
        return self.mse / self.mean_square if self.mean_square > 0 else math.nan

    @property
    def pull(self) -> float:
        """What f̂ = 0 would have of it in the loss of the last epoch."""
        return float(self.weights[-1] * self.unit * self.mean_square)


@dataclass(frozen=True)
class Facts:
    """What the sentences ask of a run; the comparison is that with classical methods, where it was made."""

    progress: Progress
    comparison: Comparison | None = None

    @cached_property
    def config(self) -> Config:
        """The configuration of the last epoch."""
        return trained_config(self.progress)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The changes that acted on the run."""
        return felt_changes(self.progress)

    @cached_property
    def problem(self) -> Problem:
        """What was fitted."""
        return problem_of(self.config)

    @cached_property
    def points(self) -> MeasuredPoints | None:
        """The measured points with their parts, if such were fitted."""
        return measured_points(self.progress)

    @cached_property
    def f(self) -> Part:
        """The function."""
        values = self.progress.fit.f if self.points is None else known(self.points.f) - known(self.points.f).mean()
        return Part("f", "function", self._weights("function"), mean_square(values), self.progress.errors.mse_f)

    @cached_property
    def df(self) -> Part:
        """The derivative."""
        values = self.progress.fit.df if self.points is None else self.points.df
        weights, unit = self._weights("derivative"), self.problem.scaling.x_scale**2
        return Part("f′", "derivative", weights, mean_square(values), self.progress.errors.mse_df, unit)

    def _weights(self, noun: str) -> tuple[Any, ...]:
        name = f"{noun}_weight"
        before = [change.before for change in self.changes if change.name == name and change.epoch]
        return (*before, self.derivative_weight if noun == "derivative" else self.config.function_weight)

    @property
    def derivative_weight(self) -> float:
        """The derivative's weight in the loss of the last epoch."""
        return weight_number(self.config, self.progress.auto_weight)

    @property
    def judged(self) -> bool:
        """Whether there is a fit to judge: more than one epoch, and no divergence."""
        return self.progress.epoch > 1 and self.progress.status != "diverged"

    @cached_property
    def train(self) -> float:
        """The training loss, without the smoothing."""
        return self._loss("train")

    @cached_property
    def validation(self) -> float:
        """The validation loss, which smoothing is no part of."""
        return self._loss("validation")

    def _loss(self, data: str) -> float:
        """A total loss; the one that was minimised contains the smoothing, if there is any."""
        if not self.config.smoothing:
            return self.progress.loss(f"{data}_total")
        terms = ((part, self.progress.loss(f"{data}_{part.noun}")) for part in (self.f, self.df))
        return float(sum(part.weights[-1] * part.unit * mse for part, mse in terms if part.fitted))

    @cached_property
    def train_unfitted(self) -> float:
        """The training loss of a network that is 0 everywhere."""
        points, scaling = self.problem.training, self.problem.scaling
        f, df = mean_square(scaling.network_f(points.f)), mean_square(scaling.network_df(points.df))
        terms = ((self.config.function_weight, f), (self.derivative_weight, df))
        return float(scaling.f_scale**2 * sum(weight * square for weight, square in terms if weight))

    @cached_property
    def counts(self) -> tuple[int, int]:
        """How many training and how many held-out points have f."""
        held_out = count_f(self.problem.validation) if self.problem.errors_on == "validation" else 0
        return count_f(self.problem.training), held_out

    @cached_property
    def judging(self) -> int:
        """The number of points that the errors are taken on."""
        problem = self.problem
        if problem.errors_on == "grid":
            return int(problem.evaluation.x.size)
        return self.counts[problem.errors_on == "validation"]

    @cached_property
    def judged_where_trained(self) -> bool:
        """Whether the errors are taken on points that all were trained on, where what interpolates is exact."""
        problem, chosen = self.problem, self.progress.train_x
        if problem.errors_on != "grid":
            return problem.errors_on == "training"
        return all_among(problem.evaluation.x, chosen if chosen.size else problem.training.x, problem.interval)

    def at_end(self, series: str) -> float:
        """A loss in the end of the training, whichever weights are handed in."""
        progress = self.progress
        return progress.loss(series) if progress.best_epoch is None else progress.curves.newest(series)

    @cached_property
    def rounding(self) -> float:
        """The relative mean square of errors that are those of the arithmetic."""
        return float(ROUNDINGS * np.finfo(self.config.dtype).eps) ** 2

    @property
    def train_at_rounding(self) -> bool:
        """Whether the training loss is that of rounding errors."""
        return self.train <= self.rounding * self.train_unfitted

    @cached_property
    def steered(self) -> tuple[Change, ...]:
        """The changes of what is trained and how; the others are of when it ends."""
        return tuple(change for change in self.changes if HYPERPARAMETERS[change.name].group != "run")

    @cached_property
    def stretch(self) -> int:
        """The last epoch after which the loss or the training became another: a change, or a network added."""
        return max((0, *(change.epoch for change in self.steered), *self.progress.stage_starts))

    def since_stretch(self, series: str) -> Floats:
        """The lowest values of a series in each bucket of the last stretch."""
        curves = self.progress.curves
        return curves.band(series)[0][-(-self.stretch // curves.span) :]


def all_among(x: Floats, others: Floats, interval: tuple[float, float]) -> bool:
    """Whether all places x (n,) are among others (m,), but for rounding."""
    low, high = interval
    inside, there = (((each - low) / (high - low)).round(9) for each in (x, others))
    return bool(np.isin(inside, there).all())


def is_positive(value: float) -> bool:
    """Whether a number is positive and finite."""
    return 0 < value < math.inf
