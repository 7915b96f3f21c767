"""A sweep as a Python program asks for it, and what it gets: plain rows."""

import dataclasses
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.errors import ERROR_LABELS, Errors
from tui_runge.core.field_types import Choice, Integer, Real, RealOrAuto
from tui_runge.core.own_process import module_command, module_environment
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.plan import Search
from tui_runge.sweeps.results import SweepRow, read_rows
from tui_runge.sweeps.search import NOT_INSTALLED, is_installed
from tui_runge.sweeps.variation import Variation

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SweepResult:
    """A sweep that was trained: its name, under which it is kept, and a row for each run."""

    name: str
    rows: tuple[SweepRow, ...]

    @property
    def table(self) -> list[dict[str, Any]]:
        """A plain row a run: its name, what is varied and the seed, how it ended, its errors; None for what is unknown.

        What is varied is spelled as on the command line, numbers are numbers.
        """
        return [_plain(row) for row in self.rows]

    def to_pandas(self) -> "pd.DataFrame":
        """The table as a data frame; raises ImportError where there is no pandas."""
        import pandas as pd

        return pd.DataFrame(self.table)


def train_sweep_in_processes(
    directory: RunsDirectory,
    config: Config,
    vary: Mapping[str, object],
    *,
    seeds: int,
    zipped: bool,
    search: int,
    minimise: str,
    jobs: int | None,
) -> SweepResult:
    """Plan a sweep and train it by `runge-tui sweep`, so that no program has to guard its main module for processes.

    Raises ValueError in one line for what cannot be planned, RuntimeError where it was not trained.
    """
    sweeps, variations = SweepsDirectory(directory), [Variation.of(name, values) for name, values in vary.items()]
    asked = None
    if search:
        if not is_installed():
            raise ValueError(NOT_INSTALLED)
        Choice(tuple(ERROR_LABELS)).check("minimise", minimise)
        asked = Search(search, minimise, seeds, tuple(variation.show() for variation in variations))
    plan = sweeps.new_plan(config, variations, seeds=seeds, zipped=zipped, search=asked)
    sweeps.write(plan)
    _train(plan.name, directory.path, jobs)
    plan = sweeps.read(plan.name)
    return SweepResult(plan.name, tuple(read_rows(plan, directory)))


def _train(name: str, runs_dir: Path, jobs: int | None) -> None:
    """Train a sweep in a process that has the processes; raises RuntimeError with its last line where that failed."""
    words = ["sweep", "--resume", name, "--runs-dir", str(runs_dir.absolute())]
    words += [] if jobs is None else ["--jobs", str(jobs)]
    with subprocess.Popen(
        module_command("tui_runge", *words),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=module_environment(),
    ) as process:
        try:
            _, told = process.communicate()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)  # a notebook's is not sent to all
            process.communicate()
            raise
    if process.returncode not in (0, 1):  # 1 where runs failed, whose rows say so
        raise RuntimeError(told.strip().rpartition("\n")[2] or f"the sweep ended with status {process.returncode}")


def _plain(row: SweepRow) -> dict[str, Any]:
    errors = dict.fromkeys(Errors.__annotations__) if row.errors is None else dataclasses.asdict(row.errors)
    values = {name: _value(name, text) for name, text in row.run.setting}
    ended = {"status": row.status, "ended_by": row.ended_by, "epoch": row.epoch, "seconds": row.seconds}
    return {"run": row.run.name, **values, "seed": row.run.seed, **ended, **errors}


def _value(name: str, text: str) -> object:
    """A value as a number, where those of the hyperparameter are numbers."""
    kind = HYPERPARAMETERS[name].kind
    return kind.parse(name, text) if isinstance(kind, Real | RealOrAuto | Integer) else text
