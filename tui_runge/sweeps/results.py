"""What became of the runs of a sweep, as their folders say: cheap enough to be asked every second."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tui_runge.core.errors import Errors
from tui_runge.core.text import printable
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.layout import METRICS, VERSION
from tui_runge.runs.lock import is_locked
from tui_runge.runs.reading import MALFORMED, MAX_JSON_BYTES, read_plain_file
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.plan import PlannedRun, SweepPlan

Status = Literal["done", "failed", "running", "waiting"]
"""A run that diverged has failed, and so has one that crashed or that nothing could be made of."""


@dataclass(frozen=True)
class SweepRow:
    """One planned run and what its folder says of it; None where that is not known yet.

    `ended_by` is the stop condition that ended it, diverged among them, or why it failed. One that waits may have been
    interrupted: it has an `epoch` then.
    """

    run: PlannedRun
    status: Status
    epoch: int = 0
    ended_by: str = ""
    errors: Errors | None = None
    epochs_per_second: float | None = None
    seconds: float | None = None

    @property
    def diverged(self) -> bool:
        """Whether its errors grew without bound, which is a result: it is not trained again."""
        return self.status == "failed" and self.ended_by == "diverged"


def read_rows(plan: SweepPlan, runs: RunsDirectory) -> list[SweepRow]:
    """The rows of a plan's runs in their order; of each only the file with its numbers is read."""
    there, failures = names_there(runs), SweepsDirectory(runs).failures(plan.name)
    folder = str(runs.path)
    return [
        read_row(run, folder, failures.get(run.name, ""))
        if run.name in there or run.name in failures
        else SweepRow(run, "waiting")
        for run in plan.runs
    ]


def names_there(runs: RunsDirectory) -> set[str]:
    """The names of all that lies in a folder of runs; empty where it is not there."""
    try:
        return set(os.listdir(runs.path))  # noqa: PTH208 - a Path of each of many thousand takes longer than all else
    except OSError:
        return set()


def read_row(run: PlannedRun, folder: str, failure: str = "") -> SweepRow:
    """The row of a run in a folder of runs, which failed for a reason, if one is given."""
    try:
        row = _row(run, folder, _read(f"{folder}/{run.name}/{METRICS}"))
    except FileNotFoundError:
        row = SweepRow(run, "running" if is_locked(Path(folder, run.name)) else "waiting")
    except MALFORMED as error:
        line = str(error).partition("\n")[0]
        return SweepRow(run, "failed", ended_by=printable(f"{METRICS} cannot be read: {line}"))
    if failure and row.status == "waiting":
        return SweepRow(run, "failed", row.epoch, failure, row.errors, row.epochs_per_second, row.seconds)
    return row


def _read(path: str) -> dict[str, Any]:
    """The JSON object in a file of a run, which may be a stranger's; raises ValueError, OSError."""
    values = json.loads(read_plain_file(path, MAX_JSON_BYTES))
    if not isinstance(values, dict) or values.get("version") != VERSION:
        raise ValueError(f"it must be an object of version {VERSION}")
    return values


def _row(run: PlannedRun, folder: str, values: Mapping[str, Any]) -> SweepRow:
    """The row of the numbers that a run was saved with; raises ValueError, KeyError and the like for what are none."""
    epoch, seconds, ended_by = int(values["epochs"]), float(values["seconds"]), printable(values["ended_by"])
    errors = Errors(
        *(math.nan if (value := values["errors"][name]) is None else float(value) for name in Errors.__annotations__)
    )
    match values["status"]:
        case "finished":
            status: Status = "done"
        case "diverged":
            status = "failed"
        case _:
            status, ended_by = ("running" if is_locked(Path(folder, run.name)) else "waiting"), ""
    return SweepRow(run, status, epoch, ended_by, errors, epoch / seconds if epoch and seconds else None, seconds)
