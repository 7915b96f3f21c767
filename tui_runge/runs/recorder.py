"""Records a run in its folder from a thread of its own, so that training never waits for a disk."""

from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic, thread_time
from typing import Any

from tui_runge.core.run_state import RunState
from tui_runge.runs.folder import RunFolder
from tui_runge.runs.layout import event_line

PERIOD = 1.0
"""Seconds between two checkpoints; a process killed in between loses what it trained since the first."""
SHARE = 0.02
"""The part of a processor's time that writing may take; a network that would take more is saved less often."""
RETRY = 1.0
"""Seconds until a folder that could not be written is tried again."""
GROWTH = 1.5
"""The ratio of the epochs of a snapshot and of the one before, unless another is asked for."""
MAX_ROWS = 2**18
"""The epochs whose losses are kept in memory while they cannot be written; older ones are dropped."""


class FolderRecorder:
    """The `Recorder` that writes a run to the folder that `open_folder` makes or opens, which may raise OSError.

    The training thread calls the public methods, which only queue what is to be written; a daemon thread writes it. A
    folder that cannot be written is tried again until it can, and `problem` says so meanwhile. `growth` is the ratio of
    the epochs of a snapshot and of the one before. A run that a plan begins again need not be saved before its first
    epoch, as `saves_start` says.
    """

    def __init__(
        self, open_folder: Callable[[], RunFolder], growth: float = GROWTH, *, saves_start: bool = True
    ) -> None:
        self.problem = ""
        self._open_folder = open_folder
        self._folder: RunFolder | None = None
        self._condition = Condition()
        self._rows: list[tuple[float, ...]] = []  # only the training thread has them, until a save moves them on
        self._rows_to_write: list[tuple[float, ...]] = []
        self._events: list[str] = []
        self._snapshots: list[RunState] = []
        self._checkpoint: RunState | None = None
        self._closing = self._discarded = False
        self._next_save = monotonic() + PERIOD
        self._next_snapshot, self._growth, self._saves_start = 0, growth, saves_start
        self._attempt(self._begin)
        self._thread = Thread(target=self._run_thread, name="recorder", daemon=True)
        self._thread.start()

    @property
    def run(self) -> str:
        """The name of the run's folder; empty before there is one."""
        return self._folder.name if self._folder else ""

    @property
    def warning(self) -> str:
        """What to know of a run that is being saved: that it has no lock, if so."""
        return self._folder.warning if self._folder else ""

    @property
    def is_writing(self) -> bool:
        return self._thread.is_alive()

    def losses(self, epoch: int, losses: tuple[float, ...]) -> None:
        self._rows.append((epoch, *losses))

    def event(self, epoch: int, name: str, /, **facts: Any) -> None:
        self._events.append(event_line(epoch, name, facts))

    def due(self, epoch: int) -> bool:
        return epoch >= self._next_snapshot or monotonic() >= self._next_save

    def save(self, run_state: RunState, urgent: bool = True) -> None:
        epoch, now = run_state.progress.epoch, monotonic()
        urgent = urgent and (self._saves_start or epoch > 0 or run_state.progress.status != "running")
        with self._condition:
            if epoch >= self._next_snapshot:
                self._snapshots.append(run_state)
                self._next_snapshot = max(epoch + 1, round((epoch or 0.5) * self._growth))
            if urgent or now >= self._next_save:
                self._checkpoint = run_state
                self._next_save = now + PERIOD
                self._rows_to_write += self._rows
                self._rows = []
                del self._rows_to_write[:-MAX_ROWS]
            self._condition.notify_all()

    def close(self, run_state: RunState | None) -> None:
        if not self._closing:
            if run_state is not None:
                self.save(run_state)
            with self._condition:
                self._closing = True
                self._condition.notify_all()

    def discard(self) -> None:
        self._discarded = True
        self.close(None)

    def flush(self, seconds: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: not (self._checkpoint or self._snapshots), seconds)

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run_thread(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._checkpoint or self._snapshots or self._closing)
                closing = self._closing
            self._attempt(self._remove if closing and self._discarded else self._write)
            if closing:
                break
            if self.problem:
                with self._condition:
                    self._condition.wait_for(lambda: self._closing, RETRY)
        if self._folder is not None:
            (self._folder.close if self.problem else self._folder.release)()

    def _attempt(self, write: Callable[[], None]) -> None:
        """Call a function that writes; an OSError becomes the `problem`."""
        try:
            write()
        except OSError as error:
            self.problem = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        else:
            self.problem = ""

    def _begin(self) -> None:
        """Make or open the folder, and go on behind the snapshots there."""
        self._ensure_folder()
        assert self._folder is not None
        self._next_snapshot = self._folder.last_snapshot() + 1

    def _ensure_folder(self) -> None:
        """Make the folder where it is not there, or no longer."""
        if self._folder is None:
            self._folder = self._open_folder()
        else:
            self._folder.ensure()

    def _remove(self) -> None:
        """Remove the folder; one with a note is written to the end like any other."""
        if self._folder is not None and self._folder.has_note:
            self._write()
        elif self._folder is not None:
            self._folder.remove()

    def _write(self) -> None:
        """Write what is queued, losses before the checkpoint of their epoch; what cannot be written stays queued."""
        with self._condition:
            rows, self._rows_to_write = self._rows_to_write, []
            events, snapshots, checkpoint = self._events[:], self._snapshots[:], self._checkpoint
        try:
            self._ensure_folder()
            assert self._folder is not None
            self._folder.append_events(events)
            del self._events[: len(events)]
            self._folder.append_losses(rows)
        except OSError:
            with self._condition:
                self._rows_to_write = rows + self._rows_to_write
            raise
        start = thread_time()
        for snapshot in snapshots:
            self._folder.write_snapshot(snapshot)
        if self._folder.thin_snapshots():
            self._growth **= 2
        if checkpoint is not None:
            self._folder.write(checkpoint)
        with self._condition:
            del self._snapshots[: len(snapshots)]
            self._checkpoint = None if self._checkpoint is checkpoint else self._checkpoint
            self._condition.notify_all()
            self._next_save = max(self._next_save, monotonic() + (thread_time() - start) / SHARE)
