"""The content of metrics.json: the numbers of a run."""

import dataclasses
import math
import platform
from functools import cache
from importlib.metadata import version
from typing import Any

from tui_runge import __version__
from tui_runge.core.history import DATA, LOSSES
from tui_runge.core.progress import Progress, merge_changes
from tui_runge.runs.reproduce import rerun_command


def metrics(progress: Progress, out: str) -> dict[str, Any]:
    """The numbers of a run, None for those that are not finite, and the command that repeats it into a folder `out`."""
    values: dict[str, Any] = {
        "config": progress.config.to_json(),
        "errors": {name: _finite(value) for name, value in dataclasses.asdict(progress.errors).items()},
        "losses": {data: {loss: _finite(progress.loss(f"{data}_{loss}")) for loss in LOSSES} for data in DATA},
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
    return values | {name: value for name, value in given.items() if value}


@cache
def versions() -> dict[str, str]:
    """The versions of what computed the numbers."""
    return {"python": platform.python_version(), "torch": version("torch"), "tui_runge": __version__}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
