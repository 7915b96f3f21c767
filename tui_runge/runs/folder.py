"""The folder of one run: its files, and the lock of the process that writes them."""

import json
import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_runge import __version__
from tui_runge.files import Grown, clear, plain_file, whole
from tui_runge.history import HEADER, row
from tui_runge.metrics import METRICS, metrics
from tui_runge.runs import checkpoint
from tui_runge.runs.place import HISTORY
from tui_runge.saved import VERSION, Saved

if TYPE_CHECKING:
    from filelock import BaseFileLock

CONFIG = "config.json"
EVENTS = "events.jsonl"
CHECKPOINT = "checkpoint.safetensors"
LOCK = "lock"
SNAPSHOTS = "snapshots"
NOTE = "note.txt"
MOST_SNAPSHOTS = 40
MOST_BYTES = 64 * 2**20
"""The size of all snapshots of a run, above which every other one goes."""


class Folder:
    """Writes one run's files; holds their lock from the first write until `release`. Methods raise OSError.

    `begun` is what config.json says of the run's start. Raises BlockingIOError where another process holds the lock.
    """

    def __init__(self, path: Path, begun: dict[str, Any]) -> None:
        self.path = path
        self._begun = {"version": VERSION, "tui_runge": __version__, **begun}
        self._lock: BaseFileLock | None = None
        self._events, self._history = Grown(path / EVENTS), Grown(path / HISTORY)
        self.ensure()

    @property
    def name(self) -> str:
        """The name of the run."""
        return self.path.name

    def ensure(self) -> None:
        """Make the folder and what it begins with, also where it was removed, and take its lock."""
        if self._lock is not None and (self.path / CONFIG).exists():
            return
        (self.path / SNAPSHOTS).mkdir(parents=True, exist_ok=True)
        self.release()
        self._lock = locked(self.path)
        if not (self.path / CONFIG).exists():
            with whole(self.path / CONFIG, durable=True) as file:
                file.write(_json(self._begun))

    def release(self) -> None:
        """Let another process write here."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def append_events(self, lines: Sequence[str]) -> None:
        """Append lines to the events; they are on the disk afterwards."""
        if lines:
            self._events.append("".join(lines))

    def append_losses(self, rows: Sequence[tuple[float, ...]]) -> None:
        """Append rows of an epoch and its losses; they are on the disk afterwards."""
        if rows:
            self._history.append("".join(row(int(epoch), losses) for epoch, *losses in rows), HEADER)

    def forget_after(self, epoch: int) -> None:
        """Cut off the losses and the snapshots of later epochs, and what a process that was killed left half done."""
        self._history.keep(_bytes_until(self.path / HISTORY, epoch))
        self._events.keep(_bytes_until(self.path / EVENTS))
        for number, path in self.snapshots():
            if number > epoch:
                path.unlink()
        for folder in (self.path, self.path / SNAPSHOTS):
            clear(folder)

    def write(self, saved: Saved) -> None:
        """Write the checkpoint and the numbers, each whole and on the disk."""
        checkpoint.write(self.path / CHECKPOINT, saved.to_tree(), durable=True)
        numbers = metrics(saved.progress, f"again-{self.name}")
        with whole(self.path / METRICS, durable=True) as file:
            file.write(_json({"version": VERSION, "created": self._begun["created"], **numbers}))

    def write_snapshot(self, saved: Saved) -> None:
        """Write a checkpoint to stay."""
        path = self.path / SNAPSHOTS / f"{saved.progress.epoch:010d}.safetensors"
        checkpoint.write(path, saved.to_tree(), durable=False)

    def snapshots(self) -> list[tuple[int, Path]]:
        """The epochs and the files of the snapshots, the earliest first."""
        return snapshots(self.path)

    def last_snapshot(self) -> int:
        """The epoch of the last snapshot, -1 where there is none."""
        return max((epoch for epoch, _ in self.snapshots()), default=-1)

    def thin_snapshots(self) -> bool:
        """Remove every other snapshot, but not the first, where there are too many or too large ones."""
        paths = [path for _, path in self.snapshots()]
        if len(paths) <= MOST_SNAPSHOTS and sum(path.stat().st_size for path in paths) <= MOST_BYTES:
            return False
        for path in paths[1::2]:
            path.unlink(missing_ok=True)
        return True


def locked(path: Path) -> "BaseFileLock":
    """The lock of a run's folder, taken; raises BlockingIOError where another process holds it."""
    from filelock import FileLock, Timeout

    if (path / LOCK).is_symlink():
        raise OSError(0, "not a plain file", str(path / LOCK))
    lock = FileLock(path / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise BlockingIOError(0, f"{path.name} is being trained by another process") from None
    return lock


def snapshots(path: Path) -> list[tuple[int, Path]]:
    """The epochs and the files of the snapshots in a run's folder, the earliest first."""
    found = (each for each in (path / SNAPSHOTS).glob("*.safetensors") if each.stem.isdecimal())
    return sorted((int(each.stem), each) for each in found)


def begun_now() -> str:
    """The time in config.json."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _bytes_until(path: Path, epoch: float = math.inf) -> int:
    """The bytes of a file's whole lines, in the history until an epoch."""
    size = 0
    with plain_file(path) as file:
        for line in file:
            if not line.endswith(b"\n") or _epoch(line) > epoch:
                break
            size += len(line)
    return size


def _epoch(line: bytes) -> int:
    """The epoch of a line of the history; 0 for another line."""
    text = line.partition(b",")[0]
    return int(text) if text.isdigit() else 0
