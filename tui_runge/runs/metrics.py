"""The content of metrics.json: the numbers of a run."""

import dataclasses
import platform
from functools import cache
from importlib.metadata import version
from typing import Any

from tui_runge import __version__
from tui_runge.core.history import DATA, LOSSES
from tui_runge.core.progress import Progress, merge_changes
from tui_runge.problems import problem_of
from tui_runge.problems.residuals import residual_deviation
from tui_runge.runs.numbers import finite_or_none
from tui_runge.runs.points import points_facts
from tui_runge.runs.reproduce import rerun_command


def metrics(progress: Progress, out: str) -> dict[str, Any]:
    """The numbers of a run, None for those that are not finite, and the command that repeats it into a folder `out`."""
    problem, best = problem_of(progress.config), progress.best_epoch
    values: dict[str, Any] = {
        "config": progress.config.to_json(),
        "errors": {name: finite_or_none(value) for name, value in dataclasses.asdict(progress.errors).items()},
        "errors_on": problem.errors_on,
        "losses": {data: {loss: finite_or_none(progress.loss(f"{data}_{loss}")) for loss in LOSSES} for data in DATA},
        "epochs": progress.epoch,
        "seconds": progress.seconds,
        "status": progress.status,
        "ended_by": progress.ended_by,
        "versions": versions(),
        "command": rerun_command(progress, out),
        "changes": [dataclasses.asdict(change) for change in merge_changes(progress.changes)],
    }
    given = {
        "threads": progress.threads,
        "run": progress.run,
        "parent": progress.parent,
        "message": progress.message,
    }
    values |= {name: value for name, value in given.items() if value}
    values |= {} if best is None else {"best_epoch": best}
    values |= {} if progress.auto_weight is None else {"auto_weight": progress.auto_weight}
    return values | _data_facts(progress)


def _data_facts(progress: Progress) -> dict[str, Any]:
    """What is to be told of the measured points that a run is fitted to, if it is."""
    if progress.config.points is None:
        return {}
    problem = problem_of(progress.config)
    held_out = len(problem.validation.x) if problem.errors_on == "validation" else 0
    return {
        **points_facts(progress.config),
        "points": {"train": len(problem.training.x), "validation": held_out},
        "residual_std": finite_or_none(residual_deviation(progress)),
    }


@cache
def versions() -> dict[str, str]:
    """The versions of what computed the numbers."""
    return {"python": platform.python_version(), "torch": version("torch"), "tui_runge": __version__}
