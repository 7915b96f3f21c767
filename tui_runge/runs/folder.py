"""Writes the folder of one run, under a lock that only one process can hold."""

import math
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tui_runge import __version__
from tui_runge.core.atomic_files import AppendOnlyFile, atomic_write, open_plain_file, remove_temporaries
from tui_runge.core.history import HEADER, table_row
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.run_state import RunState
from tui_runge.runs import checkpoint
from tui_runge.runs.layout import (
    CHECKPOINT,
    CONFIG,
    EVENTS,
    HISTORY,
    METRICS,
    NOTE,
    PARENT,
    POINTS,
    SNAPSHOTS,
    json_file,
    list_snapshots,
    snapshot_file,
)
from tui_runge.runs.lock import RunLock
from tui_runge.runs.metrics import metrics
from tui_runge.runs.points import parent_tree

MAX_SNAPSHOTS = 40
MAX_SNAPSHOT_BYTES = 64 * 2**20
"""The size of all snapshots of a run together; above it every other one is removed."""


class RunFolder:
    """The folder of one run, to be written: made if need be, and locked until `release`.

    `header` is what config.json says of the run's start, `parent` where a branch began, `points` what was measured, if
    the run is fitted to that. The methods raise OSError, which is BlockingIOError where another process holds the lock.
    """

    def __init__(
        self,
        path: Path,
        header: Mapping[str, Any],
        parent: RunState | None = None,
        points: MeasuredPoints | None = None,
    ) -> None:
        self.path = path
        self._points = points
        self._parent = parent
        self._header = {"tui_runge": __version__, **header}
        self._lock: RunLock | None = None
        self._events, self._history = AppendOnlyFile(path / EVENTS), AppendOnlyFile(path / HISTORY)
        try:
            self.ensure()
        except OSError:
            self.release()
            raise

    @property
    def name(self) -> str:
        """The name of the run."""
        return self.path.name

    @property
    def warning(self) -> str:
        """Why the run is written without a lock, if so."""
        return f"not locked: {self._lock.missing}" if self._lock and self._lock.missing else ""

    def ensure(self) -> None:
        """Make the folder with what is known at the start, also again where it was removed, and take its lock."""
        if self._lock is not None and (self.path / CONFIG).exists():
            return
        (self.path / SNAPSHOTS).mkdir(parents=True, exist_ok=True)
        self.release()
        self._lock = RunLock(self.path)
        if self._parent is not None:
            checkpoint.write(self.path / PARENT, parent_tree(self._parent), durable=True)
        if not (self.path / CONFIG).exists():
            if self._points is not None:  # before config.json, which tells their hash
                with atomic_write(self.path / POINTS, durable=True) as file:
                    file.write(self._points.to_csv().encode())
            with atomic_write(self.path / CONFIG, durable=True) as file:
                file.write(json_file(self._header))

    @property
    def has_note(self) -> bool:
        """Whether someone wrote a note on the run."""
        return (self.path / NOTE).exists()

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path)

    def release(self) -> None:
        """Release the lock, so that another process can write here."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def close(self) -> None:
        """Release the lock; a folder that no checkpoint could be written to, which no list would show, is removed."""
        with suppress(OSError):
            if not (self.path / CHECKPOINT).exists():
                shutil.rmtree(self.path)
        self.release()

    def append_events(self, lines: Sequence[str]) -> None:
        """Append lines to the events; they are on the disk afterwards."""
        if lines:
            self._events.append("".join(lines))

    def append_losses(self, rows: Sequence[tuple[float, ...]]) -> None:
        """Append rows of an epoch and its losses; they are on the disk afterwards."""
        if rows:
            self._history.append("".join(table_row(int(epoch), losses) for epoch, *losses in rows), HEADER)

    def discard_after(self, epoch: int) -> None:
        """Remove the losses and the snapshots of later epochs, and what a killed process left half written."""
        self._history.keep(_bytes_until(self.path / HISTORY, epoch))
        self._events.keep(_bytes_until(self.path / EVENTS))
        for number, path in self.snapshots():
            if number > epoch:
                path.unlink()
        for folder in (self.path, self.path / SNAPSHOTS):
            remove_temporaries(folder)

    def write(self, run_state: RunState) -> None:
        """Write the checkpoint and metrics.json; both are on the disk afterwards."""
        checkpoint.write(self.path / CHECKPOINT, run_state.to_tree(), durable=True)
        numbers = metrics(run_state.progress, f"again-{self.name}")
        with atomic_write(self.path / METRICS, durable=True) as file:
            file.write(json_file({"created": self._header["created"], **numbers}))

    def write_snapshot(self, run_state: RunState) -> None:
        """Write a checkpoint of an epoch, beside those of other epochs."""
        path = self.path / SNAPSHOTS / snapshot_file(run_state.progress.epoch)
        checkpoint.write(path, run_state.to_tree(), durable=False)

    def snapshots(self) -> list[tuple[int, Path]]:
        """The epochs and the files of the snapshots, the earliest first."""
        return list_snapshots(self.path)

    def last_snapshot(self) -> int:
        """The epoch of the last snapshot, -1 where there is none."""
        return max((epoch for epoch, _ in self.snapshots()), default=-1)

    def thin_snapshots(self) -> bool:
        """Remove every other snapshot after the first where there are too many or too large ones; whether it did."""
        paths = [path for _, path in self.snapshots()]
        if len(paths) <= MAX_SNAPSHOTS and sum(path.stat().st_size for path in paths) <= MAX_SNAPSHOT_BYTES:
            return False
        for path in paths[1::2]:
            path.unlink(missing_ok=True)
        return True


def _bytes_until(path: Path, epoch: float = math.inf) -> int:
    """The size of the complete lines at the start of a file, in the history those up to an epoch."""
    size = 0
    with open_plain_file(path) as file:
        for line in file:
            if not line.endswith(b"\n") or _epoch(line) > epoch:
                break
            size += len(line)
    return size


def _epoch(line: bytes) -> int:
    """The epoch that a line of the history is of; 0 for any other line."""
    text = line.partition(b",")[0]
    return int(text) if text.isdigit() else 0
