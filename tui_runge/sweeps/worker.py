"""What trains planned runs, one after another in its own process; torch is imported once, with the first of them."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Literal

from tui_runge.core.errors import Errors
from tui_runge.core.run_start import New, Resume, RunStart
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.lock import is_locked
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.plan import PlannedRun

if TYPE_CHECKING:
    from tui_runge.core.scheduled_change import ScheduledChange
    from tui_runge.runs.recorder import FolderRecorder

SNAPSHOT_GROWTH = 100.0
"""The ratio of the epochs of a snapshot and of the one before: many short runs have no use for more, and no room."""
STOP_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2") if hasattr(signal, name)
)
"""What stops a worker; whoever starts it may block them until it is ready for them.

The last two are how a cluster says that the time is nearly up.
"""
WRITE_TIMEOUT = 60.0
"""Seconds that a run may take at most to be on the disk after it has ended."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: done, failed, or stopped before that; `ended_by` as `SweepRow` has it."""

    status: Literal["done", "failed", "stopped"]
    ended_by: str
    errors: Errors | None = None


def begin_worker() -> None:
    """Prepare a process to train: signals such as SIGTERM stop its run, which is saved, and it ends with its parent."""
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: _stopping().set())
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent.sentinel,), name="parent", daemon=True).start()


def train_run(runs_dir: str, sweep: str, run: PlannedRun) -> Outcome:
    """Train a run of a sweep to its end, from where it stands; one that has ended is left as it is.

    It may be on its way to the disk still: `finish_writing` waits for it. A run that cannot be trained has failed, and
    the sweep's folder says why.
    """
    return _worker(runs_dir, sweep).train(run)


def finish_writing(runs_dir: str, sweep: str) -> None:
    """Wait until the runs that this process trained are on the disk."""
    _worker(runs_dir, sweep).finish_writing()


def _end_with(parent: int) -> None:
    """End this process at once when its parent has: its run goes on from its last save some day."""
    wait([parent])
    os._exit(1)


@cache
def _stopping() -> Event:
    """Set once this process was told to stop."""
    return Event()


@cache
def _worker(runs_dir: str, sweep: str) -> "Worker":
    return Worker(RunsDirectory(Path(runs_dir)), sweep)


class Worker:
    """Trains runs of one sweep; while one trains, the one before is written to the disk."""

    def __init__(self, runs_directory: RunsDirectory, sweep: str) -> None:
        from tui_runge.session.awake_clock import AwakeClock

        self._directory = runs_directory
        self._sweeps = SweepsDirectory(runs_directory)
        self._plan = self._sweeps.read(sweep)
        self._clock = AwakeClock()
        self._records: list[tuple[PlannedRun, FolderRecorder]] = []

    def train(self, run: PlannedRun) -> Outcome:
        """Train a run, and see the one before written."""
        if _stopping().is_set() or is_locked(self._directory.path / run.name):  # another process trains it
            return Outcome("stopped", "")
        before, self._records = self._records, []
        try:
            outcome = self._train(run)
        except (
            ValueError,
            RuntimeError,
            MemoryError,
            OSError,
        ) as error:  # torch's, for too little memory, is RuntimeError
            outcome = Outcome("failed", str(error).partition("\n")[0] or type(error).__name__)
        self._see_written(before)
        if outcome.status == "stopped":
            self.finish_writing()
        if outcome.ended_by != "diverged":
            self._sweeps.note_failure(self._plan.name, run.name, outcome.ended_by * (outcome.status == "failed"))
        return outcome

    def _train(self, run: PlannedRun) -> Outcome:
        from tui_runge.session.unattended import train_unattended

        def record(start: RunStart, plan: "Sequence[ScheduledChange]") -> "FolderRecorder":
            assert isinstance(start, New | Resume)
            made = self._directory.runs.record_planned(run.name, start, plan, SNAPSHOT_GROWTH)
            self._records.append((run, made))
            return made

        with self._clock.beating():
            ended = train_unattended(self._start(run), self._plan.at, record, self._clock, _stopping().is_set)
        if ended.status == "stopped":
            return Outcome("stopped", "")
        progress = ended.progress()
        return Outcome("failed" if progress.status == "diverged" else "done", progress.ended_by, progress.errors)

    def _start(self, run: PlannedRun) -> RunStart:
        """Where a run begins: where it was saved last, else at its beginning. Raises ValueError."""
        runs = self._directory.runs
        if runs.was_saved(run.name):
            return Resume.of(runs.read(run.name))
        return New(self._directory.read_data(self._plan.config(run)))

    def finish_writing(self) -> None:
        """Wait until all runs are on the disk."""
        records, self._records = self._records, []
        self._see_written(records)

    def _see_written(self, records: "Sequence[tuple[PlannedRun, FolderRecorder]]") -> None:
        """Wait for records to be written, and note where that failed."""
        for run, record in records:
            record.wait(WRITE_TIMEOUT)
            if record.problem or record.is_writing:
                reason = record.problem or f"the disk took longer than {WRITE_TIMEOUT:.0f} s"
                self._sweeps.note_failure(self._plan.name, run.name, f"not saved: {reason}")
