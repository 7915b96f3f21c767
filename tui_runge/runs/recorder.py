"""Writes a run's folder from a thread of its own, so that training never waits for a disk."""

import json
from collections.abc import Callable
from datetime import datetime
from threading import Condition, Thread
from time import monotonic, thread_time
from typing import Any

from tui_runge.core.run_state import RunState
from tui_runge.runs.folder import RunFolder

PERIOD = 1.0
"""Seconds between two checkpoints; a process killed in between loses what it trained since."""
SHARE = 0.02
"""The part of the time that writing checkpoints may take; a network that would take more is saved less often."""
RETRY = 1.0
"""Seconds until a place that could not be written is tried again."""
GROWTH = 1.5
"""The ratio of the epochs of one snapshot and the next."""
MOST_ROWS = 2**18
"""Losses by epoch kept in memory while they cannot be written; then the oldest go."""


class FolderRecorder:
    """Keeps one run in a folder; `open_folder` makes it, or finds it, and raises OSError where it cannot.

    A place that cannot be written is tried again until it can, and `problem` says so meanwhile.
    """

    def __init__(self, open_folder: Callable[[], RunFolder]) -> None:
        self.problem = ""
        self._open_folder = open_folder
        self._folder: RunFolder | None = None
        self._wake = Condition()
        self._rows: list[tuple[float, ...]] = []
        self._ready: list[tuple[float, ...]] = []
        self._events: list[str] = []
        self._snapshots: list[RunState] = []
        self._saved: RunState | None = None
        self._closing = False
        self._next_save = monotonic() + PERIOD
        self._next_snapshot, self._growth = 0, GROWTH
        self._try(self._ensure)
        if self._folder is not None:
            self._next_snapshot = self._folder.last_snapshot() + 1
        self._thread = Thread(target=self._work, name="recorder", daemon=True)
        self._thread.start()

    @property
    def run(self) -> str:
        """The name of the folder, or nothing before there is one."""
        return self._folder.name if self._folder else ""

    @property
    def is_writing(self) -> bool:
        return self._thread.is_alive()

    def losses(self, epoch: int, losses: tuple[float, ...]) -> None:
        self._rows.append((epoch, *losses))

    def event(self, epoch: int, name: str, /, **facts: Any) -> None:
        now = datetime.now().astimezone().isoformat(timespec="milliseconds")
        self._events.append(json.dumps({"time": now, "epoch": epoch, "event": name, **facts}) + "\n")

    def due(self, epoch: int) -> bool:
        return epoch >= self._next_snapshot or monotonic() >= self._next_save

    def save(self, run_state: RunState, urgent: bool = True) -> None:
        epoch, now = run_state.progress.epoch, monotonic()
        with self._wake:
            if epoch >= self._next_snapshot:
                self._snapshots.append(run_state)
                self._next_snapshot = max(epoch + 1, round(epoch * self._growth))
            if urgent or now >= self._next_save:
                self._saved = run_state
                self._next_save = now + PERIOD
                self._ready += self._rows
                self._rows = []
                del self._ready[:-MOST_ROWS]
            self._wake.notify_all()

    def close(self, run_state: RunState | None) -> None:
        if not self._closing:
            if run_state is not None:
                self.save(run_state)
            with self._wake:
                self._closing = True
                self._wake.notify_all()

    def flush(self, seconds: float) -> None:
        with self._wake:
            self._wake.wait_for(lambda: not (self._saved or self._snapshots), seconds)

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._saved or self._snapshots or self._closing)
                closing = self._closing
            self._try(self._write)
            if closing:
                break
            if self.problem:
                with self._wake:
                    self._wake.wait_for(lambda: self._closing, RETRY)
        if self._folder is not None:
            self._folder.release()

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            self.problem = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        else:
            self.problem = ""

    def _ensure(self) -> None:
        """Make the folder where it is not there yet, or no more."""
        if self._folder is None:
            self._folder = self._open_folder()
        else:
            self._folder.ensure()

    def _write(self) -> None:
        """Write what waits, losses before the checkpoint that counts on them; what could not be written waits on."""
        with self._wake:
            rows, self._ready = self._ready, []
            events, snapshots, saved = self._events[:], self._snapshots[:], self._saved
        try:
            self._ensure()
            assert self._folder is not None
            self._folder.append_events(events)
            del self._events[: len(events)]
            self._folder.append_losses(rows)
        except OSError:
            with self._wake:
                self._ready = rows + self._ready
            raise
        start = thread_time()
        for snapshot in snapshots:
            self._folder.write_snapshot(snapshot)
        if self._folder.thin_snapshots():
            self._growth **= 2
        if saved is not None:
            self._folder.write(saved)
        with self._wake:
            del self._snapshots[: len(snapshots)]
            self._saved = None if self._saved is saved else self._saved
            self._wake.notify_all()
            self._next_save = max(self._next_save, monotonic() + (thread_time() - start) / SHARE)
