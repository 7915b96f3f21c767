"""Live changes that are known beforehand, and the command that repeats a run with those it had."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tui_runge.config import KNOBS, Config
from tui_runge.kinds import Value

if TYPE_CHECKING:
    from tui_runge.progress import Progress


@dataclass(frozen=True)
class Planned:
    """A live change to make once `epoch` epochs are trained; the text form is EPOCH:NAME=VALUE.

    Raises ValueError for a hyperparameter that does not change while training and for a value against its rule.
    """

    epoch: int
    name: str
    value: Value

    def __post_init__(self) -> None:
        live = [knob.name for knob in KNOBS.values() if knob.live]
        if self.name not in live:
            raise ValueError(f"a planned change must be of {', '.join(live)}, got {self.name}: start with its value")
        object.__setattr__(self, "value", KNOBS[self.name].kind.check(self.name, self.value))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The change a person typed, such as 300:learning-rate=0.0005; raises ValueError naming value and rule."""
        epoch, colon, setting = text.partition(":")
        name, equals, value = setting.partition("=")
        if not (colon and equals and epoch.strip().isdecimal()):
            raise ValueError(f"a change must be EPOCH:NAME=VALUE, such as 300:learning-rate=0.0005, got {text!r}")
        name = name.strip().replace("-", "_")
        return cls(int(epoch), name, KNOBS[name].kind.parse(name, value.strip()) if name in KNOBS else value)

    def show(self) -> str:
        """The text that `parse` reads back."""
        return f"{self.epoch}:{self.name}={KNOBS[self.name].kind.show(self.value)}"


def origin(progress: "Progress") -> tuple[Config, tuple[Planned, ...]]:
    """The configuration and the planned changes that lead to a run's state.

    A run cut short is one of fewer epochs. One that diverged has the epochs it was given, so that it diverges again.
    Where the path itself depends on the epochs planned, as with a schedule, they are replayed like any other change.
    A branch begins where its parent stood.
    """
    config = progress.config
    diverged = progress.status == "diverged"
    epochs = config.epochs if diverged else progress.epoch or config.epochs
    replayed = config.schedule != "constant" or config.stages > 1 or config.optimizer == "adam-lm"
    begun = branched_at(progress)
    later = [change for change in progress.changes if change.epoch > begun and (replayed or change.name != "epochs")]
    before = {change.name: change.before for change in reversed(later)}
    felt = [change for change in later if diverged or change.epoch < epochs or change.name == "epochs"]
    final = {(change.epoch, change.name): change.after for change in felt}
    if progress.ended_by == "max_seconds":
        before["max_seconds"] = 0.0  # another machine gets elsewhere in that time
    if not replayed:
        before["epochs"] = epochs
    elif not diverged and progress.ended_by not in ("epochs", "converged", "patience", "stop_error"):
        final[epochs, "epochs"] = epochs
    plan = tuple(Planned(epoch, name, value) for (epoch, name), value in final.items())
    return config.with_values(**before), plan


def branched_at(progress: "Progress") -> int:
    """The epoch of its parent that a run branched from; 0 for a run of its own."""
    return int(progress.parent.rpartition("@")[2]) if progress.parent else 0


def again(progress: "Progress", out: str) -> str:
    """The shell line that repeats a run and writes to the folder `out`; of a branch, from where its parent stood."""
    config, plan = origin(progress)
    if not progress.parent:
        return command(config, plan, out)
    changed = {change.name for change in progress.changes if change.epoch == branched_at(progress)}
    # Epochs and seconds may be other than they were asked for, and a dtype left out would follow the optimizer.
    changed |= {"epochs", "max_seconds"} | ({"dtype"} if "optimizer" in changed else set())
    return _line(["--branch", progress.parent], config, [name for name in KNOBS if name in changed], plan, out)


def command(config: Config, plan: Sequence[Planned], out: str) -> str:
    """The shell line that trains `config` with the plan's changes and writes to the folder `out`."""
    default = Config()
    given = [name for name in KNOBS if getattr(config, name) != getattr(default, name)]
    return _line([], config, given, plan, out)


def _line(first: Sequence[str], config: Config, given: Sequence[str], plan: Sequence[Planned], out: str) -> str:
    words = ["runge-tui", "train", *first]
    for name in given:
        words += [KNOBS[name].flag, KNOBS[name].kind.show(getattr(config, name))]
    for change in plan:
        words += ["--at", change.show()]
    return shlex.join([*words, "--out", out])
