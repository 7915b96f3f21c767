"""The body of the training thread: commands in, progress out. It knows no screen.

torch is imported only in `Session.run`, so that a screen can be up before.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, assert_never

from tui_runge.core.commands import Command, Pause, RequestExport, RequestProgress, Step, Stop, Unpause, Update
from tui_runge.core.run_start import Branch, New, Resume, RunStart
from tui_runge.session.awake_clock import AwakeClock

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.core.run_state import EpochLog, RecorderFactory
    from tui_runge.core.scheduled_change import ScheduledChange
    from tui_runge.session.run import Run

SAVE_TIMEOUT = 0.8
"""Seconds that the end of a session waits at most for its run to be on the disk."""


class Session:
    """Trains as `send` tells it and publishes a `Progress` after every command and whenever a run ends.

    The one after `Stop`, the last, has the model.

    `send` may be called from any thread, `run` is the thread's body. It begins with `start`; `plan` holds live changes
    to make at given epochs of that run. `make_recorder` begins the record of each run, and `log` takes every epoch. A
    later start that cannot be made, or an update that the run under way cannot go on with, leaves that as it was, and
    `refuse` is told which command it was and why. `ended` is set when `run` is over, however it ended.
    """

    def __init__(
        self,
        start: RunStart,
        publish: "Callable[[Progress], object]",
        plan: "Sequence[ScheduledChange]" = (),
        make_recorder: "RecorderFactory | None" = None,
        refuse: Callable[[Command, str], object] = lambda *_: None,
        *,
        log: "EpochLog | None" = None,
    ) -> None:
        self._start = start
        self._publish = publish
        self._plan = tuple(plan)
        self._make_recorder = make_recorder
        self._refuse = refuse
        self._log = log
        self._runs: list[Run] = []
        self._clock = AwakeClock()
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self.ended = Event()

    def send(self, command: Command) -> None:
        """Queue a command; it is read between two epochs."""
        self._commands.put(command)

    def run(self) -> None:
        """Train until told to stop; raises what the trainer raises, such as ValueError for a device not there."""
        try:
            with _threads_restored() as self._most_threads, self._clock.beating():
                self._train()
        finally:
            self._release()
            self.ended.set()

    def _release(self) -> None:
        """Close the records of all runs and wait for them, also for one that was replaced a moment ago."""
        deadline = monotonic() + SAVE_TIMEOUT
        for run in self._runs:
            run.release(max(0.0, deadline - monotonic()))

    def _train(self) -> None:
        run = self._begin(self._start, self._plan)
        if run.status != "running":
            self._publish(run.progress())
        while True:
            for command in self._waiting(run):
                if isinstance(command, Stop):
                    run.stop("stopped")
                    self._publish(run.progress(model=True))
                    return
                if isinstance(command, New | Resume | Branch):
                    run = self._replace(run, command)
                else:
                    self._obey(run, command)
                if isinstance(command, RequestExport):
                    self._publish(run.progress_to_export())
                else:
                    self._publish(run.progress(model=isinstance(command, RequestProgress) and command.model))
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

    def _begin(self, start: RunStart, plan: "Sequence[ScheduledChange]" = ()) -> "Run":
        """Begin a run, on as many threads as its network is worth; raises what the trainer raises."""
        import torch

        from tui_runge.core.run_state import NullRecorder
        from tui_runge.session.run import Run
        from tui_runge.training.threads import threads

        threads_before = torch.get_num_threads()
        torch.set_num_threads(threads(start.config, self._most_threads))
        try:
            run = Run(start, plan, self._make_recorder or NullRecorder, self._clock, log=self._log)
        except BaseException:
            torch.set_num_threads(threads_before)
            raise
        self._runs = [*(earlier for earlier in self._runs if earlier.is_writing), run]
        return run

    def _replace(self, before: "Run", start: RunStart) -> "Run":
        """Begin a run in place of another; where that fails the other stays as it is, and the reason is told."""
        try:
            run = self._begin(start)
        except (ValueError, RuntimeError, MemoryError) as error:  # torch has RuntimeError for too little memory
            self._refuse(start, str(error))
            return before
        before.replace(start)
        return run

    def _obey(self, run: "Run", command: Update | Pause | Unpause | Step | RequestProgress | RequestExport) -> None:
        match command:
            case Update(config):
                try:
                    run.update(config)
                except ValueError as error:
                    self._refuse(command, str(error))
            case Pause():
                run.pause()
            case Unpause():
                run.unpause()
            case Step():
                if run.status == "paused":
                    run.advance()
            case RequestProgress():
                if command.sharpness:
                    run.measure_sharpness()
            case RequestExport():
                pass
            case _:
                assert_never(command)


@contextmanager
def _threads_restored() -> Iterator[int]:
    """The number of torch's threads, put back afterwards."""
    from tui_runge.training.torch_preload import load_library

    load_library()
    import torch

    threads = torch.get_num_threads()
    try:
        yield threads
    finally:
        torch.set_num_threads(threads)
