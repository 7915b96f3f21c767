"""The runs in a folder: making, listing, reading, renaming and removing them."""

import itertools
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from tui_runge.core.atomic_files import atomic_write
from tui_runge.core.run_start import Branch, Resume, RunStart
from tui_runge.core.run_state import RunState
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.core.text import hint, printable
from tui_runge.runs import reading
from tui_runge.runs.folder import RunFolder
from tui_runge.runs.layout import (
    CHECKPOINT,
    CONFIG,
    NAME,
    NOTE,
    check_word,
    list_snapshots,
    rename_word,
    run_name,
    timestamp_now,
)
from tui_runge.runs.lock import RunLock
from tui_runge.runs.name_words import WORDS
from tui_runge.runs.recorder import FolderRecorder
from tui_runge.runs.summary import RunSummary


class RunStore:
    """The runs in a folder, by names such as 20261123-1712-amber; the first run makes the folder.

    The names of new ones end with `word`, else with a short word by chance. Raises ValueError for a word against the
    rule.
    """

    def __init__(self, path: Path, word: str = "") -> None:
        self.path = path
        self._words = [check_word(word)] if word else []

    def record(self, start: RunStart, plan: Sequence[ScheduledChange] = ()) -> FolderRecorder:
        """Begin to record a run; raises ValueError where another process trains the run to resume."""
        if isinstance(start, Resume):
            folder = self._reopen(start)
            return FolderRecorder(lambda: folder)
        header = {
            "created": timestamp_now(),
            "config": start.config.to_json(),
            "plan": [change.show() for change in plan],
            "parent": start.parent,
        }
        parent = start.run_state if isinstance(start, Branch) else None
        return FolderRecorder(lambda: self._create(header, parent))

    def _create(self, header: Mapping[str, Any], parent: RunState | None) -> RunFolder:
        """Make a folder of a name that is not taken; nothing is left of one that cannot be written."""
        self.path.mkdir(parents=True, exist_ok=True)
        created = datetime.fromisoformat(header["created"])
        generator = random.Random()
        words = self._words or generator.sample(WORDS, len(WORDS))
        for number in itertools.count(1):
            for word in words:
                path = self.path / run_name(created, word, number)
                try:
                    path.mkdir()
                except FileExistsError:
                    continue
                try:
                    return RunFolder(path, header, parent)
                except OSError:
                    shutil.rmtree(path, ignore_errors=True)
                    raise
        raise AssertionError("count is endless")

    def _reopen(self, start: Resume) -> RunFolder:
        progress = start.run_state.progress
        path = self.path / progress.run
        reading.check_run_folder(path)
        try:
            folder = RunFolder(path, reading.read_json_object(path / CONFIG))
            folder.discard_after(progress.epoch)
        except OSError as error:
            raise ValueError(f"run {progress.run}: {error.strerror}") from None
        return folder

    def names(self) -> list[str]:
        """The names of all runs, the latest first by name; most are the newest first too."""
        try:
            paths = [path for path in self.path.iterdir() if NAME.fullmatch(path.name)]
        except FileNotFoundError:
            return []
        return sorted((path.name for path in paths if (path / CHECKPOINT).exists()), reverse=True)

    def find(self, text: str = "") -> str:
        """The name of the run whose name is, begins with, or ends with a text; the newest run without one.

        Raises ValueError where there is no such run, or several.
        """
        names = self.names()
        if not names:
            raise ValueError(f"there are no runs in {self.path}")
        if not text:
            return self.list()[0].name
        similar = [name for name in names if name.startswith(text) or name.endswith(f"-{text}")]
        matches = [text] if text in names else similar
        if not matches:
            raise ValueError(f"there is no run {printable(text)!r}{hint(text, names)}")
        if len(matches) > 1:
            raise ValueError(f"run {text!r} could be any of {', '.join(matches[:5])}")
        return matches[0]

    def read(self, name: str, epoch: int | None = None) -> RunState:
        """A run as it was saved last, or in its snapshot after an epoch; ValueError naming what is wrong with it."""
        return reading.read(self.path / name, epoch)

    def read_parent(self, text: str, epoch: int | None) -> RunState:
        """The run to branch from, by a text as in `find`, last or after an epoch as in `read`; raises ValueError.

        What it has no more, since it was thinned out, renamed or removed, is read from a branch that began there.
        """
        name = text
        try:
            name = self.find(text)
            return self.read(name, epoch)
        except ValueError:
            if epoch is not None:
                for branch in self.names():
                    if self.summary(branch).parent == f"{name}@{epoch}":
                        with suppress(ValueError):
                            return reading.read_parent(self.path / branch, name, epoch)
            raise

    def snapshots(self, name: str) -> list[int]:
        """The epochs after which a run can be seen and branched from, ascending."""
        return [epoch for epoch, _ in list_snapshots(self.path / name)]

    def list(self) -> list[RunSummary]:
        """All runs, the newest first."""
        return sorted((self.summary(name) for name in self.names()), key=lambda run: run.created, reverse=True)

    def summary(self, name: str) -> RunSummary:
        """The summary of a run; one that cannot be read is broken, and its `problem` says why."""
        return reading.summary(self.path / name)

    def note(self, name: str, text: str) -> None:
        """Write a person's note on a run; an empty one removes it. Raises OSError."""
        path = self.path / name / NOTE
        if not text:
            path.unlink(missing_ok=True)
            return
        with atomic_write(path) as file:
            file.write(f"{text}\n".encode())

    def rename(self, name: str, word: str) -> str:
        """Give a run another word behind its date and time; returns its new name.

        Raises ValueError for a word against the rule or taken, and for a run in training; OSError.
        """
        new = rename_word(name, word)
        if (self.path / new).exists():
            raise ValueError(f"there is a run {new} already: take another word")
        with self._locked(name) as path:
            path.rename(self.path / new)
        return new

    def delete(self, name: str) -> None:
        """Remove a run and all its files; raises ValueError for a run in training, OSError."""
        with self._locked(name) as path:
            if path.is_symlink():
                path.unlink()
            else:
                shutil.rmtree(path)

    @contextmanager
    def _locked(self, name: str) -> Iterator[Path]:
        """The folder of a run, which no other process can begin to train meanwhile.

        Raises ValueError where one trains it now.
        """
        path = self.path / name
        try:
            lock = None if path.is_symlink() else RunLock(path)
        except BlockingIOError as error:
            raise ValueError(error.strerror) from None
        try:
            yield path
        finally:
            if lock is not None:
                lock.release()
