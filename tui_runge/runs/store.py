"""The runs in a folder: making, listing, reading, renaming and removing them."""

import difflib
import heapq
import itertools
import os
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from tui_runge.core.atomic_files import atomic_write
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.run_start import Branch, New, Resume, RunStart
from tui_runge.core.run_state import RunState
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.core.text import hint, printable, utf8
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
from tui_runge.runs.points import points_facts
from tui_runge.runs.recorder import FolderRecorder
from tui_runge.runs.summary import RunSummary

NAMED = 5
"""Names of runs in a message."""


class RunStore:
    """The runs in a folder, by names such as 20261123-1712-amber; the first run makes the folder.

    The names of new ones end with `word`, else with a short word by chance. Raises ValueError for a word against the
    rule.
    """

    def __init__(self, path: Path, word: str = "") -> None:
        self.path = path
        self._words = [check_word(word)] if word else []

    def record(self, start: RunStart, plan: Sequence[ScheduledChange] = ()) -> FolderRecorder:
        """Begin to record a run; raises ValueError where the run to resume cannot be, or is trained elsewhere."""
        if isinstance(start, Resume):
            folder = self._reopen(start)
            return FolderRecorder(lambda: folder)
        header = _header(start, plan)
        parent = start.run_state if isinstance(start, Branch) else None
        return FolderRecorder(lambda: self._create(header, parent, start.config.points))

    def record_planned(
        self, name: str, start: New | Resume, plan: Sequence[ScheduledChange], growth: float
    ) -> FolderRecorder:
        """Begin to record a run whose name is known before, with a `growth` as `FolderRecorder` has it.

        A folder of that name that a killed process began, and never saved to, is taken over. Raises ValueError where
        another process trains the run, or the one to resume cannot be, OSError where its folder cannot be written.
        """
        if isinstance(start, Resume):
            folder = self._reopen(start)
        else:
            path = self.path / name
            path.mkdir(parents=True, exist_ok=True)
            with _refusals(path):
                reading.check_run_folder(path)
            try:
                folder = RunFolder(path, _header(start, plan), points=start.config.points)
            except BlockingIOError as error:
                raise ValueError(error.strerror) from None
            if _was_saved(path):
                folder.release()
                raise ValueError(f"run {name} is there already")
            folder.discard_after(-1)
        return FolderRecorder(lambda: folder, growth, saves_start=False)

    def _create(self, header: Mapping[str, Any], parent: RunState | None, points: MeasuredPoints | None) -> RunFolder:
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
                    return RunFolder(path, header, parent, points)
                except OSError:
                    shutil.rmtree(path, ignore_errors=True)
                    raise
        raise AssertionError("count is endless")

    def _reopen(self, start: Resume) -> RunFolder:
        progress = start.run_state.progress
        path = self.path / progress.run
        with _refusals(path):
            reading.check_run_folder(path)
            folder = RunFolder(path, reading.read_json_object(path / CONFIG), points=start.config.points)
            try:
                folder.discard_after(progress.epoch)
            except OSError:
                folder.release()
                raise
        return folder

    def names(self) -> list[str]:
        """The names of all runs, the latest first by name; most are the newest first too.

        Raises ValueError where they cannot be listed.
        """
        try:
            paths = [path for path in self.path.iterdir() if NAME.fullmatch(path.name)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ValueError(f"cannot list the runs in {printable(str(self.path))}: {error.strerror}") from None
        return sorted((path.name for path in paths if _was_saved(path)), reverse=True)

    def was_saved(self, name: str) -> bool:
        """Whether there is a run of this name to read."""
        return _was_saved(self.path / name)

    def find(self, text: str = "") -> str:
        """The name of the run whose name is, begins with, or ends with a text; the newest run without one.

        Raises ValueError where there is no such run, or several.
        """
        names = self.names()
        newest = self.list()[:1] if names and not text else []
        if not names or not (text or newest):
            raise ValueError(f"there are no runs in {printable(str(self.path))}")
        if newest:
            return newest[0].name
        similar = [name for name in names if name.startswith(text) or name.endswith(f"-{text}")]
        matches = [text] if text in names else similar
        if not matches:
            raise ValueError(f"there is no run {printable(text)!r}{_hint(text, names)}")
        if len(matches) > 1:
            raise ValueError(f"run {text!r} could be any of {', '.join(matches[:NAMED])}")
        return matches[0]

    def read(self, name: str, epoch: int | None = None) -> RunState:
        """A run as it was saved last, or in its snapshot after an epoch; ValueError naming what is wrong with it."""
        return reading.read(self.path / name, epoch)

    def read_points(self, name: str) -> MeasuredPoints:
        """The measured points that a run is fitted to; raises ValueError where they are not to be had."""
        return reading.read_points(self.path / name)

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
        """The epochs after which a run can be seen and branched from, ascending; none where they cannot be read."""
        try:
            return [epoch for epoch, _ in list_snapshots(self.path / name)]
        except (OSError, ValueError):
            return []

    def list(self) -> list[RunSummary]:
        """All runs, the newest first, without those removed meanwhile; raises ValueError as `names` does."""
        runs = [run for name in self.names() if (run := self.summary(name)).problem != reading.GONE]
        return sorted(runs, key=lambda run: run.created, reverse=True)

    def summary(self, name: str) -> RunSummary:
        """The summary of a run; one that cannot be read is broken, and its `problem` says why."""
        return reading.summary(self.path / name)

    def note(self, name: str, text: str) -> None:
        """Write a person's note on a run; an empty one removes it. Raises ValueError where that cannot be."""
        run = self.path / name
        with _refusals(run):
            reading.check_run_folder(run)  # never through a link to elsewhere
            if not text:
                (run / NOTE).unlink(missing_ok=True)
                return
            with atomic_write(run / NOTE) as file:
                file.write(utf8(f"{text}\n"))

    def rename(self, name: str, word: str) -> str:
        """Give a run another word behind its date and time; returns its new name.

        Raises ValueError for a word against the rule or taken, for a run in training, and where that cannot be.
        """
        new = rename_word(name, word)
        if os.path.lexists(self.path / new):
            raise ValueError(f"there is a run {new} already: take another word")
        with self._locked(name) as path:
            path.rename(self.path / new)
        return new

    def delete(self, name: str) -> None:
        """Remove a run and all its files; raises ValueError for a run in training, and where that cannot be."""
        with self._locked(name) as path:
            if path.is_symlink():
                path.unlink()
            else:
                shutil.rmtree(path)

    @contextmanager
    def _locked(self, name: str) -> Iterator[Path]:
        """The folder of a run, which no other process can begin to train meanwhile.

        Raises ValueError where one trains it now, and for what fails meanwhile.
        """
        path = self.path / name
        with _refusals(path):
            lock = None if path.is_symlink() else RunLock(path)
            try:
                yield path
            finally:
                if lock is not None:
                    lock.release()


def _header(start: RunStart, plan: Sequence[ScheduledChange]) -> dict[str, Any]:
    """What config.json says of the start of a run that is not resumed."""
    return {
        "created": timestamp_now(),
        "config": start.config.to_json(),
        "plan": [change.show() for change in plan],
        "parent": start.parent,
        **points_facts(start.config),
    }


@contextmanager
def _refusals(run: Path) -> Iterator[None]:
    """Where something fails with the folder of a run, raise ValueError in one line that names both."""
    try:
        yield
    except BlockingIOError as error:
        raise ValueError(error.strerror) from None
    except reading.MALFORMED as error:
        raise ValueError(reading.refusal(run, error)) from None


def _was_saved(run: Path) -> bool:
    """Whether a run has a checkpoint; one that cannot be looked at counts, since its summary says why."""
    try:
        (run / CHECKPOINT).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _hint(text: str, names: Sequence[str]) -> str:
    """What to say where no run is called so: of many names only those like it in whole or in a part."""
    if len(names) <= NAMED:
        return hint(text, names)

    def likeness(name: str) -> float:
        return max(difflib.SequenceMatcher(None, text, known).ratio() for known in (name, *name.split("-")))

    return f": the nearest of {len(names):,} are {', '.join(heapq.nlargest(NAMED, names, likeness))}"
