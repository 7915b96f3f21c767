"""The configuration and the command that repeat a run, changes made while it trained included."""

from collections.abc import Sequence

from tui_runge.core.config import HYPERPARAMETERS, OPTIMIZER_TRAITS, Config
from tui_runge.core.progress import Progress
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.core.text import shell_word


def reconstruct_config(progress: Progress) -> tuple[Config, tuple[ScheduledChange, ...]]:
    """The configuration to begin with and the changes to plan, so that a run ends in the same state again.

    A run that was stopped becomes one of as many epochs as it trained; one that diverged keeps the epochs it was given,
    so that it diverges again. Where training depends on the epochs planned, as with a schedule, a change of the epochs
    is planned like any other. A branch begins at the epoch of its parent.
    """
    config = progress.config
    diverged = progress.status == "diverged"
    epochs = config.epochs if diverged else progress.epoch or config.epochs
    replayed = config.schedule != "constant" or config.stages > 1 or OPTIMIZER_TRAITS[config.optimizer].uses_epochs
    first_epoch = parent_epoch(progress)
    changes = [
        change for change in progress.changes if change.epoch > first_epoch and (replayed or change.name != "epochs")
    ]
    initial = {change.name: change.before for change in reversed(changes)}
    effective = [change for change in changes if diverged or change.epoch < epochs or change.name == "epochs"]
    planned = {(change.epoch, change.name): change.after for change in effective}
    if progress.ended_by == "max_seconds":
        initial["max_seconds"] = 0.0  # another machine trains another number of epochs in that time
    if not replayed:
        initial["epochs"] = epochs
    elif not diverged and progress.ended_by not in ("epochs", "converged", "patience", "stop_error"):
        planned[epochs, "epochs"] = epochs
    plan = tuple(ScheduledChange(epoch, name, value) for (epoch, name), value in planned.items())
    return config.with_values(**initial), plan


def parent_epoch(progress: Progress) -> int:
    """The epoch of its parent at which a run branched off; 0 for a run without a parent."""
    return int(progress.parent.rpartition("@")[2]) if progress.parent else 0


def rerun_command(progress: Progress, out: str) -> str:
    """The shell line that repeats a run and writes to the folder `out`; of a branch, from where its parent stood."""
    config, plan = reconstruct_config(progress)
    if not progress.parent:
        return train_command(config, plan, out)
    changed = {change.name for change in progress.changes if change.epoch == parent_epoch(progress)}
    # Epochs and seconds may be other than they were asked for, and a dtype left out would follow the optimizer.
    changed |= {"epochs", "max_seconds"} | ({"dtype"} if "optimizer" in changed else set())
    return _shell_line(
        ["--branch", progress.parent], config, [name for name in HYPERPARAMETERS if name in changed], plan, out
    )


def train_command(config: Config, plan: Sequence[ScheduledChange], out: str) -> str:
    """The shell line that trains `config` with the plan's changes and writes to the folder `out`."""
    default = Config()
    given = [name for name in HYPERPARAMETERS if getattr(config, name) != getattr(default, name)]
    return _shell_line([], config, given, plan, out)


def _shell_line(
    first: Sequence[str], config: Config, given: Sequence[str], plan: Sequence[ScheduledChange], out: str
) -> str:
    words = ["runge-tui", "train", *first]
    for name in given:
        words += [HYPERPARAMETERS[name].flag, HYPERPARAMETERS[name].kind.show(getattr(config, name))]
    for change in plan:
        words += ["--at", change.show()]
    return " ".join(map(shell_word, [*words, "--out", out]))
