"""The body of the training thread: commands in, progress out. It knows no screen.

torch is imported only in `Session.run`, so that a screen can be up before.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event
from time import perf_counter
from typing import TYPE_CHECKING, assert_never

from tui_runge.config import KNOBS, Config

if TYPE_CHECKING:
    from tui_runge.plan import Planned
    from tui_runge.progress import Change, Progress, Status


@dataclass(frozen=True)
class Restart:
    """Begin again with these hyperparameters."""

    config: Config


@dataclass(frozen=True)
class Update:
    """Apply the live values of `config` from the next epoch on; more epochs wake a finished run."""

    config: Config


@dataclass(frozen=True)
class Pause:
    """Hold the training."""


@dataclass(frozen=True)
class Resume:
    """Go on."""


@dataclass(frozen=True)
class Step:
    """One epoch, when paused."""


@dataclass(frozen=True)
class Report:
    """Only publish a progress; whoever is shown them asks for each, and so cannot be flooded."""


@dataclass(frozen=True)
class Stop:
    """End the session."""


Command = Restart | Update | Pause | Resume | Step | Report | Stop


class Session:
    """Trains as `send` tells it and publishes a `Progress` after every command and whenever a run ends.

    `send` may be called from any thread, `run` is the thread's body. `plan` holds live changes to make at given
    epochs of the first run. Pauses and time spent outside the trainer do not count as training time. `ended` is set
    when `run` is over, however it ended.
    """

    def __init__(self, config: Config, publish: "Callable[[Progress], object]", plan: "Sequence[Planned]" = ()) -> None:
        self._config = config
        self._publish = publish
        self._plan = sorted(plan, key=lambda change: change.epoch)
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self.ended = Event()

    def send(self, command: Command) -> None:
        """Queue a command; it is read between two epochs."""
        self._commands.put(command)

    def run(self) -> None:
        """Train until told to stop; raises what the trainer raises, such as ValueError for a device not there."""
        try:
            with _threads_restored() as self._most_threads:
                self._train()
        finally:
            self.ended.set()

    def _train(self) -> None:
        self._begin(self._config, self._plan)
        while self._status != "stopped":
            for command in self._waiting():
                self._obey(command)
                self._report()
            if self._status == "running":
                self._advance()

    def _waiting(self) -> Iterator[Command]:
        """The commands to obey before the next epoch; blocks while there is none to train."""
        try:
            yield self._commands.get(block=self._status != "running")
            while self._status != "stopped":
                yield self._commands.get_nowait()
        except Empty:
            return

    def _begin(self, config: Config, plan: "Sequence[Planned]" = ()) -> None:
        import torch

        from tui_runge.history import History
        from tui_runge.training import Trainer, threads

        torch.set_num_threads(threads(config, self._most_threads))
        self._trainer = Trainer(config)
        self._changes: list[Change] = []
        self._seconds = 0.0
        self._message = ""
        self._ended_by = ""
        self._speed = Speed()
        self._times = History(series=1)
        self._status: Status = "running"
        self._plan = list(plan)
        self._follow_plan()

    def _obey(self, command: Command) -> None:
        match command:
            case Restart(config):
                self._begin(config)
            case Update(config):
                self._update(config)
            case Pause() if self._status == "running":
                self._status = "paused"
            case Resume() if self._status == "paused":
                self._status = "running"
            case Step() if self._status == "paused":
                self._advance()
            case Stop():
                self._status, self._ended_by = "stopped", self._ended_by or "stopped"
            case Pause() | Resume() | Step() | Report():
                pass
            case _:
                assert_never(command)

    def _update(self, config: Config) -> None:
        from tui_runge.progress import Change

        before, epoch = self._trainer.config, self._trainer.epoch
        changed = [name for name in KNOBS if getattr(before, name) != getattr(config, name)]
        live = {name: getattr(config, name) for name in changed if KNOBS[name].live}
        self._changes += [Change(epoch, name, getattr(before, name), value) for name, value in live.items()]
        self._trainer.update(before.with_values(**live))
        if self._status == "diverged":
            return
        self._ended_by = self._ending()
        if self._ended_by:
            self._status = "finished"
        elif self._status == "finished":
            self._status = "running"

    def _ending(self) -> str:
        """What ends the run now, or nothing; the clock is the session's, the rest the trainer's."""
        limit = self._trainer.config.max_seconds
        return self._trainer.ended_by or ("max_seconds" if 0 < limit <= self._seconds else "")

    def _follow_plan(self) -> None:
        """Make the planned changes that are due: all at once, since one alone may be invalid."""
        due = {}
        while self._plan and self._plan[0].epoch <= self._trainer.epoch:
            change = self._plan.pop(0)
            due[change.name] = change.value
        if due:
            self._update(self._trainer.config.with_values(**due))

    def _advance(self) -> None:
        """One epoch, then the changes planned for after it; publishes when it was the last."""
        from tui_runge.training import DivergedError

        start = perf_counter()
        try:
            self._trainer.step()
        except DivergedError as error:
            self._status, self._ended_by = "diverged", "diverged"
            self._message = f"{error}: lower the learning rate and restart"
        self._seconds += perf_counter() - start
        if self._status != "diverged":
            self._times.append((self._seconds,))
            self._follow_plan()
            self._ended_by = self._ending()
            self._status = "finished" if self._ended_by else self._status
        if self._status in ("finished", "diverged"):
            self._report()

    def _report(self) -> None:
        from tui_runge.progress import Progress

        fit, errors = self._trainer.evaluate()
        self._publish(
            Progress(
                config=self._trainer.config,
                status=self._status,
                epoch=self._trainer.epoch,
                curves=self._trainer.history.curves(),
                fit=fit,
                errors=errors,
                seconds=self._seconds,
                speed=self._speed(self._seconds, self._trainer.epoch),
                changes=tuple(self._changes),
                message=self._message,
                ended_by=self._ended_by,
                stage_starts=self._trainer.stage_starts,
                details=self._trainer.details,
                times=self._times.curves().low[0],
            )
        )


class Speed:
    """Epochs a second of training, over the last two seconds of it."""

    def __init__(self) -> None:
        self._marks = deque([(0.0, 0)])

    def __call__(self, seconds: float, epoch: int) -> float:
        """The speed when `epoch` was reached after `seconds` of training; 0 before the first epoch."""
        if epoch > self._marks[-1][1]:
            self._marks.append((seconds, epoch))
        while len(self._marks) > 2 and seconds - self._marks[1][0] > 2:
            self._marks.popleft()
        (then, first), (now, last) = self._marks[0], self._marks[-1]
        return (last - first) / (now - then) if now > then else 0.0


@contextmanager
def _threads_restored() -> Iterator[int]:
    """The number of torch's threads, put back afterwards."""
    from tui_runge.preload import load_library

    load_library()
    import torch

    threads = torch.get_num_threads()
    try:
        yield threads
    finally:
        torch.set_num_threads(threads)
