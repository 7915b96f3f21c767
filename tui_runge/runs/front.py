"""The front of a problem: which of its kept runs no other beats in both mean squared errors.

As multi-objective optimization has it (Deb, Multi-Objective Optimization Using Evolutionary Algorithms, 2001, chapter
2): a run is dominated where another is at least as good in both errors, and better in one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.errors import Errors
from tui_runge.runs.summary import RunSummary

FEWER_THAN_TWO = "a front needs two runs: train the problem with another derivative weight too"
NO_SLOPES = "no slopes were measured: without an error of f′ there is no front"


@dataclass(frozen=True)
class FrontRun:
    """A run of the problem, whether it is on the front, and whether it is the one that was asked about."""

    summary: RunSummary
    on_front: bool
    current: bool

    @property
    def weight(self) -> str:
        """The derivative's weight, beside a function's weight of 1 where that is another."""
        config = self.summary.config
        shown = HYPERPARAMETERS["derivative_weight"].kind.show(config.derivative_weight)
        return shown if config.function_weight == 1 else f"{shown} to {config.function_weight:g}"


def what_is_missing(errors: Errors) -> str:
    """Why there is no front of the problem of a run with these errors, where fewer than two runs can be on it."""
    return NO_SLOPES if math.isnan(errors.mse_df) and math.isfinite(errors.mse_f) else FEWER_THAN_TWO


def same_problem_runs(runs: Sequence[RunSummary], config: Config, points: str) -> list[RunSummary]:
    """The runs of the function and interval of a configuration, or of the points of a hash, with both errors known.

    Told by their summaries alone, since there may be thousands.
    """
    problem = _problem(config, points)
    return [run for run in runs if _problem(run.config, run.points) == problem and _is_known(run)]


def _problem(config: Config, points: str) -> tuple[str, ...]:
    """What tells one problem from another."""
    return (points,) if points or config.data else ("", config.target, config.interval)


def _is_known(run: RunSummary) -> bool:
    return run.epoch > 0 and all(0 < error < math.inf for error in (run.errors.mse_f, run.errors.mse_df))


def front(runs: Sequence[RunSummary], current: str = "") -> list[FrontRun]:
    """The runs by rising MSE(f), each with whether it is on the front; `current` is the name of the one asked about."""
    ordered = sorted(runs, key=lambda run: (run.errors.mse_f, run.errors.mse_df))
    found: list[FrontRun] = []
    lowest: tuple[float, float] = math.inf, math.inf
    for run in ordered:
        errors = run.errors.mse_f, run.errors.mse_df
        on_front = errors[1] < lowest[1] or errors == lowest
        found.append(FrontRun(run, on_front, run.name == current))
        lowest = errors if on_front else lowest
    return found
