"""The body of the training thread: commands in, progress out. It knows no screen.

torch is imported only in `Session.run`, so that a screen can be up before.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, assert_never

from tui_runge.commands import Command, Open, Pause, Report, Restart, Resume, Step, Stop, Update
from tui_runge.config import Config

if TYPE_CHECKING:
    from tui_runge.plan import Planned
    from tui_runge.progress import Progress
    from tui_runge.run import Run
    from tui_runge.saved import Keep

SAVING = 0.8
"""Seconds that the end of a session waits at most for its run to be on the disk."""


class Session:
    """Trains as `send` tells it and publishes a `Progress` after every command and whenever a run ends.

    The one after `Stop`, the last, has the model.

    `send` may be called from any thread, `run` is the thread's body. It begins with `first`, a `Restart` or an `Open`;
    `plan` holds live changes to make at given epochs of that run. `keep` begins the record of each run. `ended` is set
    when `run` is over, however it ended.
    """

    def __init__(
        self,
        first: Config | Restart | Open,
        publish: "Callable[[Progress], object]",
        plan: "Sequence[Planned]" = (),
        keep: "Keep | None" = None,
    ) -> None:
        self._first = Restart(first) if isinstance(first, Config) else first
        self._publish = publish
        self._plan = tuple(plan)
        self._keep = keep
        self._run: Run | None = None
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
            if self._run is not None:
                self._run.release(SAVING)
            self.ended.set()

    def _train(self) -> None:
        run = self._begin(self._first, self._plan)
        while True:
            for command in self._waiting(run):
                if isinstance(command, Stop):
                    run.stop("stopped")
                    self._publish(run.progress(model=True))
                    return
                if isinstance(command, Restart | Open):
                    run = self._begin(command)
                else:
                    _obey(run, command)
                self._publish(run.handed_in() if command == Report(model=True) else run.progress())
            if run.status == "running":
                run.advance()
                if run.status != "running":
                    self._publish(run.progress())

    def _waiting(self, run: "Run") -> Iterator[Command]:
        """The commands to obey before the next epoch; blocks while there is none to train."""
        try:
            yield self._commands.get(block=run.status != "running")
            while True:
                yield self._commands.get_nowait()
        except Empty:
            return

    def _begin(self, command: Restart | Open, plan: "Sequence[Planned]" = ()) -> "Run":
        """The run that a command asks for, in place of the one before; that one stays as it is where this fails."""
        import torch

        from tui_runge.run import Run
        from tui_runge.saved import Unkept
        from tui_runge.training import threads

        if self._run is not None:
            self._run.stop("restart")
        keep = self._keep or Unkept
        match command:
            case Restart(config, branch):
                torch.set_num_threads(threads(config, self._most_threads))
                self._run = Run(config, plan, keep, branch, branch=branch is not None)
            case Open(saved):
                config = saved.progress.config
                torch.set_num_threads(threads(config, self._most_threads))
                self._run = Run(config, saved.plan, keep, saved)
        return self._run


def _obey(run: "Run", command: Update | Pause | Resume | Step | Report) -> None:
    match command:
        case Update(config):
            run.update(config)
        case Pause():
            run.pause()
        case Resume():
            run.resume()
        case Step():
            if run.status == "paused":
                run.advance()
        case Report():
            pass
        case _:
            assert_never(command)


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
