"""Train a network on a function and its derivative, live in the terminal."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tui_runge.core.config import Config
from tui_runge.core.problem_statement import ProblemStatement as Problem

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.core.scheduled_change import ScheduledChange
    from tui_runge.export.loaded_model import LoadedModel
    from tui_runge.sweeps.python import SweepResult

__all__ = ["Config", "Problem", "load", "sweep", "train"]
__version__ = "0.2.0.dev0"


def train(
    config: Config | None = None, plan: "Sequence[ScheduledChange]" = (), problem: Problem | None = None
) -> "Progress":
    """Train to the end without a screen: the report's experiment, or that of `config`, with the plan's live changes.

    A `problem` is fitted in place of what `config` names; the file that `config.data` names is read. The progress
    returned is `finished` or `diverged`. Raises ValueError when the device is not there, the points cannot be read or
    the function has no value somewhere. Global random generators and torch's thread settings are left as they were.
    """
    from tui_runge.core.commands import Stop
    from tui_runge.core.run_start import New
    from tui_runge.session.session import Session

    config = config or Config()
    config = _with_points(config if problem is None else problem.in_config(config))
    ended: list[Progress] = []

    def stop_at_the_end(progress: "Progress") -> None:
        if progress.status in ("finished", "diverged"):
            ended.append(progress)
            session.send(Stop())

    session = Session(New(config), stop_at_the_end, plan)
    session.run()
    return ended[-1]  # the one of the stop has the model


def sweep(
    config: Config | None = None,
    vary: "Mapping[str, object] | None" = None,
    seeds: int = 1,
    *,
    zipped: bool = False,
    search: int = 0,
    minimise: str = "mse_df",
    jobs: int | None = None,
    problem: Problem | None = None,
    name: str = "",
) -> "SweepResult":
    """Train every combination of the values in `vary`, each with so many seeds, in `jobs` processes: one a core.

    `vary` maps names of hyperparameters to lists of values, or to texts such as "log:1e-4..1e-2:5"; all else is as
    `config` says. With `zipped` the first values go together, then the second ones, and so on; `search` lets Optuna
    choose so many settings by the error `minimise`. The runs are kept where RUNGE_TUI_RUNS says, else in the user's
    data folder, with `name` in their names, and `runge-tui sweep --resume` goes on with what was interrupted.

    Raises ValueError in one line for what cannot be varied or trained, also for a `problem` of Python functions.
    """
    from tui_runge.runs.directory import RunsDirectory, users_directory
    from tui_runge.sweeps.python import train_sweep_in_processes

    config = config or Config()
    config = _with_points(config if problem is None else problem.in_config(config))
    return train_sweep_in_processes(
        RunsDirectory(users_directory().path, name),
        config,
        vary or {},
        seeds=seeds,
        zipped=zipped,
        search=search,
        minimise=minimise,
        jobs=jobs,
    )


def _with_points(config: Config) -> Config:
    """The configuration with the measured points that it names; raises ValueError."""
    from tui_runge.core.field_types import RUN
    from tui_runge.problems import read_data

    if config.data.startswith(RUN):
        from tui_runge.runs.directory import users_directory

        return users_directory().read_data(config)
    return read_data(config)


def load(run: "str | os.PathLike[str]" = "") -> "LoadedModel":
    """The model of a run that was kept: f̂ as `model(x)` and f̂' as `model.derivative(x)`, arrays in, arrays out.

    `run` is its name, the name's beginning or end, the path of its folder, or nothing for the latest. Names are looked
    for where RUNGE_TUI_RUNS says, else in the user's data folder. Raises ValueError for one not there or broken.

    `model.save("fit.c", as_="c")` hands it on.
    """
    from tui_runge.export.loaded_model import LoadedModel
    from tui_runge.runs.directory import load_run

    progress = load_run(run).progress
    assert progress.model is not None  # a checkpoint has one
    return LoadedModel(progress.model, progress)
