"""The configuration and the command that repeat a run, changes made while it trained included."""

import dataclasses
from collections.abc import Sequence
from functools import lru_cache

from tui_runge.core.config import FUNCTION_NAMES, HYPERPARAMETERS, OPTIMIZER_TRAITS, Config
from tui_runge.core.field_types import EXAMPLE, RUN
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Progress, merge_changes
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.core.text import shell_word
from tui_runge.problems.points_file import read_points

LIMITS = ("stop_error", "patience", "max_seconds")
"""The hyperparameters that only end a run."""
ENDED_BY_TRAINING = ("stop_error", "patience", "converged")
"""The endings that, like divergence, come again at the same epoch, whatever the number of epochs planned."""


def reconstruct_config(progress: Progress) -> tuple[Config, tuple[ScheduledChange, ...]]:
    """The configuration to begin with and the changes to plan, so that a run ends in the same state again.

    It ends at the same epoch for the same reason. What ended by a person, by its time, or has not ended becomes a run
    of as many epochs as it trained; one that trained none is begun anew. Limits that did not end it are left out: on
    another machine they might. Where training depends on the epochs planned, as with a schedule, a change of the epochs
    is planned like any other. A branch begins at the epoch of its parent.
    """
    config, start, end = progress.config, parent_epoch(progress), progress.epoch
    diverged = progress.status == "diverged"
    by_training = diverged or progress.ended_by in ENDED_BY_TRAINING
    replayed = config.schedule != "constant" or config.stages > 1 or OPTIMIZER_TRAITS[config.optimizer].uses_epochs
    idle = {name for name in LIMITS if name != progress.ended_by or name == "max_seconds"}
    changes = [
        change
        for change in merge_changes(progress.changes)
        if change.name not in idle
        and (change.epoch > start or (change.name == "epochs" and not progress.parent))
        and (change.name != "epochs" or replayed)
    ]
    initial = {name: HYPERPARAMETERS[name].default for name in idle}
    initial |= {change.name: change.before for change in reversed(changes)}
    if not (replayed or by_training):
        initial["epochs"] = end or config.epochs
    # After the last epoch only what decided on the end has acted; one that diverged had begun another epoch.
    decided = ("epochs", progress.ended_by)
    plan = {
        (change.epoch, change.name): change.after
        for change in changes
        if change.epoch < end or change.name in decided or diverged
    }
    if replayed and end and not by_training and progress.ended_by != "epochs":
        plan[end, "epochs"] = end
    return config.with_values(**initial), tuple(ScheduledChange(*at, value) for at, value in plan.items())


def parent_epoch(progress: Progress) -> int:
    """The epoch of its parent at which a run branched off; 0 for a run without a parent."""
    return int(progress.parent.rpartition("@")[2]) if progress.parent else 0


def rerun_command(progress: Progress, out: str) -> str:
    """The shell line that repeats a run and writes to the folder `out`; of a branch, from where its parent stood."""
    config, plan = reconstruct_config(progress)
    config = dataclasses.replace(config, data=_repeatable_data(progress))
    if not progress.parent:
        return train_command(config, plan, out)
    # What was changed there, even back: the parent may have been saved with either value. Epochs and limits may be
    # other than they were asked for, and a dtype left out would follow the optimizer.
    changed = {change.name for change in progress.changes if change.epoch == parent_epoch(progress)}
    changed |= {"epochs", "max_seconds"} | ({"dtype"} if "optimizer" in changed else set())
    changed |= {name for name in LIMITS if getattr(config, name) != getattr(progress.config, name)}
    changed |= {change.name for change in progress.changes if change.name in LIMITS}
    changed |= {"data"} if config.data else set()  # where the parent's points are other ones under the same name
    return _shell_line(
        ["--branch", progress.parent], config, [name for name in HYPERPARAMETERS if name in changed], plan, out
    )


def train_command(config: Config, plan: Sequence[ScheduledChange], out: str) -> str:
    """The shell line that trains `config` with the plan's changes and writes to the folder `out`.

    Whatever the configuration file and the environment say where it is run: --no-config leaves them aside.
    """
    default = Config()
    given = {name for name in HYPERPARAMETERS if getattr(config, name) != getattr(default, name)}
    given |= {"dtype"} if "optimizer" in given else set()  # one left out would follow the optimizer
    given -= config.idle.keys()
    return _shell_line(["--no-config"], config, [name for name in HYPERPARAMETERS if name in given], plan, out)


def _repeatable_data(progress: Progress) -> str:
    """The source that has the points of a run again: the example that they are, else the run that was kept.

    Of a run that was not kept, what was given.
    """
    config = progress.config
    if config.points is None or (config.data.startswith(EXAMPLE) and config.points == _example(config.data)):
        return config.data
    return RUN + progress.run if progress.run else config.data


@lru_cache(maxsize=4)
def _example(source: str) -> MeasuredPoints:
    return read_points(source)


def _shell_line(
    first: Sequence[str], config: Config, given: Sequence[str], plan: Sequence[ScheduledChange], out: str
) -> str:
    words = ["runge-tui", "train", *first]
    for name in given:
        if config.data and name in FUNCTION_NAMES:
            continue
        words += [HYPERPARAMETERS[name].flag, HYPERPARAMETERS[name].kind.show(getattr(config, name))]
    for change in plan:
        words += ["--at", change.show()]
    return " ".join(map(shell_word, [*words, "--out", out]))
