"""The losses of runs while they train, for other programs: lines of JSON, or the events of TensorBoard."""

import math
import os
import stat
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO, FileIO
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from threading import Event, Thread
from time import time
from typing import Protocol

from tui_runge.core.history import SERIES
from tui_runge.core.settings import DEFAULT_LOG_FOLDER
from tui_runge.core.text import show_path
from tui_runge.export.tensorboard import EVENT_FILE, NOT_INSTALLED, EventWriter, is_installed, loss_scalars

PERIOD = 0.2
"""Seconds between two times of writing: what TensorBoard gets is bounded by it, to one epoch each time."""
MOST_WAITING = 2**18
"""The epochs that wait for a reader who does not read; older ones are dropped."""
MOST_AT_ONCE = 2**12
LINE = '{"run": "%s", "epoch": %d, ' + ", ".join(f'"{name}": %s' for name in SERIES) + "}\n"

# The files have no buffer: what is left in one of a pipe that was closed fails once more when Python lets go of it.

Row = tuple[int, tuple[float, ...]]
"""An epoch and its losses, in the order of `SERIES`."""


class LogFile(Protocol):
    """What a log is written to; its methods raise OSError."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    def open(self) -> None:
        """Do first what may take long: the log's thread does it, not the one that begins the log."""

    def write(self, run: str, rows: Sequence[Row]) -> None:
        """Write epochs of a run, behind those before; what was written can be read at once."""

    def close(self) -> None:
        """Let go of what was opened."""


class JsonLines:
    """A JSON object a line, for every epoch: to standard output, a file of its own or a named pipe.

    A named pipe is opened in the log's thread, since that waits for a reader. Raises ValueError for a
    place that cannot be written, and for a file that has something in it.
    """

    def __init__(self, path: Path | None) -> None:
        self.name = "standard output" if path is None else show_path(path)
        self._path = path
        self._file: FileIO | None = None
        if path is None:
            self._file = os.fdopen(os.dup(1), "wb", buffering=0)
        elif not _is_pipe(path):
            self._file = _new_file(path)

    def open(self) -> None:
        if self._file is None and self._path is not None:
            self._file = self._path.open("wb", buffering=0)

    def write(self, run: str, rows: Sequence[Row]) -> None:
        assert self._file is not None
        lines = "".join(_line(run, *row) for row in rows).encode()
        while lines:  # a pipe may take a part
            lines = lines[self._file.write(lines) :]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _is_pipe(path: Path) -> bool:
    try:
        return stat.S_ISFIFO(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def _new_file(path: Path) -> FileIO:
    """A file that is empty, or a device; raises ValueError for any other, which logs do not overwrite."""
    try:
        file = path.open("ab", buffering=0)
    except (OSError, ValueError) as error:
        raise _refusal(path, error) from None
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode) and file.tell():
        file.close()
        raise ValueError(f"log must be a new file or a pipe, got {show_path(path)}, which holds something: remove it")
    return file


def _refusal(path: Path, error: OSError | ValueError) -> ValueError:
    return ValueError(f"cannot log to {show_path(path)}: {error.strerror if isinstance(error, OSError) else error}")


def _line(run: str, epoch: int, losses: Sequence[float]) -> str:
    """An epoch as JSON, which has no number that is not finite."""
    return LINE % (run, epoch, *(repr(loss) if math.isfinite(loss) else "null" for loss in losses))


class EventFiles:
    """TensorBoard's event files: for each run a folder of its name.

    Of the epochs at hand the newest alone is written: as many a second as a curve needs, however fast a run trains.
    Raises ValueError where there is no such folder and none can be made.
    """

    def __init__(self, folder: Path) -> None:
        self.name = show_path(folder)
        self._folder = folder
        self._run: str | None = None
        self._file: FileIO | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise _refusal(folder, error) from None

    def open(self) -> None:
        EventWriter(BytesIO())  # which imports tensorboard

    def write(self, run: str, rows: Sequence[Row]) -> None:
        if self._file is None or run != self._run:
            self.close()
            self._run, self._file = run, self._begin(run, rows[0][0])
            self._written = BytesIO()
            self._events = EventWriter(self._written)
        epoch, losses = rows[-1]
        self._events.write(time(), epoch, loss_scalars(SERIES, losses))
        self._file.write(self._written.getvalue())  # in one piece, where an event alone is five
        self._written.seek(0)
        self._written.truncate()

    def _begin(self, run: str, epoch: int) -> FileIO:
        """The file of a run, beside those of earlier epochs where it was resumed."""
        folder = self._folder / (run or f"{datetime.now():%Y%m%d-%H%M%S}")
        folder.mkdir(exist_ok=True)
        return (folder / f"{EVENT_FILE}.{epoch:010d}").open("wb", buffering=0)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class LiveLog:
    """Writes epochs to a `LogFile` from a thread of its own: training only queues them.

    Of every `every` epochs one is written. Where that fails the log ends, and `problem` says so: no run does.
    """

    def __init__(self, file: LogFile, every: int = 1) -> None:
        self.problem = ""
        self._file = file
        self._every = every
        self._waiting: deque[tuple[str, Row]] = deque(maxlen=MOST_WAITING)
        self._written = 0
        self._closing = Event()
        self._thread = Thread(target=self._run_thread, name="log", daemon=True)
        self._thread.start()

    def add(self, run: str, epoch: int, losses: tuple[float, ...]) -> None:
        """Queue an epoch of a run."""
        if epoch % self._every == 0 and not self.problem:
            self._waiting.append((run, (epoch, losses)))

    def close(self, seconds: float) -> None:
        """Write what is left; that nobody has read more of it for so many seconds is a problem."""
        self._closing.set()
        written = -1
        while self._thread.is_alive() and written != self._written:
            written = self._written
            self._thread.join(seconds)
        if self._thread.is_alive():
            self.problem = f"nobody has read all of the log in {self._file.name}"

    def _run_thread(self) -> None:
        try:
            self._file.open()
            while not self._closing.wait(PERIOD):
                self._write()
            self._write()
        except OSError as error:
            self.problem = f"the log in {self._file.name} ended: {error.strerror or error}"
            self._waiting.clear()
        finally:
            self._file.close()

    def _write(self) -> None:
        """Write what is queued, run by run."""
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
            for run, group in groupby(taken, key=itemgetter(0)):
                self._file.write(run, [row for _, row in group])
            self._written += len(taken)


def open_log(target: str, every: int) -> LiveLog:
    """Begin the log that `LogTarget` has checked: jsonl, jsonl:PATH, tensorboard or tensorboard:DIR.

    Raises ValueError for a place that cannot be written.
    """
    kind, _, path = target.partition(":")
    if kind == "jsonl":
        return LiveLog(JsonLines(Path(path) if path else None), every)
    if not is_installed():
        raise ValueError(NOT_INSTALLED.format("log tensorboard"))
    return LiveLog(EventFiles(Path(path or DEFAULT_LOG_FOLDER)), every)
