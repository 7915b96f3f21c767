"""A folder of runs: new ones, and those that are there."""

import itertools
import random
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tui_runge.files import whole
from tui_runge.options import hint
from tui_runge.runs import reading
from tui_runge.runs.folder import CHECKPOINT, CONFIG, NOTE, Folder, begun_now, locked, snapshots
from tui_runge.runs.place import checked_word
from tui_runge.runs.recorder import Recorder
from tui_runge.runs.summary import Summary
from tui_runge.runs.words import WORDS
from tui_runge.saved import Begun, Saved, printable

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}", re.ASCII)


class Runs:
    """The runs in a folder, by names such as 20261123-1712-amber; the first run makes the folder.

    New ones are called by `name`, else by a short word. Raises ValueError for a name against its rule.
    """

    def __init__(self, path: Path, name: str = "") -> None:
        self.path = path
        self._words = [checked_word(name)] if name else []

    def keep(self, begun: Begun) -> Recorder:
        """The record of a new run, or of one that goes on; raises ValueError where another process trains that."""
        folder = self._again(begun) if begun.run else None
        created = begun_now()
        return Recorder(lambda: folder or self._new(created, begun))

    def _new(self, created: str, begun: Begun) -> Folder:
        """A folder of a name that none has yet."""
        self.path.mkdir(parents=True, exist_ok=True)
        when = f"{datetime.fromisoformat(created):%Y%m%d-%H%M}"
        generator = random.Random()
        words = self._words or generator.sample(WORDS, len(WORDS))
        for number in itertools.count(1):
            for word in words:
                path = self.path / (f"{when}-{word}" + (f"-{number}" if number > 1 else ""))
                try:
                    path.mkdir()
                except FileExistsError:
                    continue
                return Folder(path, {"created": created, **begun.to_json()})
        raise AssertionError("count is endless")

    def _again(self, begun: Begun) -> Folder:
        path = self.path / begun.run
        reading.refuse_strange(path)
        try:
            folder = Folder(path, reading.document(path / CONFIG))
            folder.forget_after(begun.epoch)
        except OSError as error:
            raise ValueError(f"run {begun.run}: {error.strerror}") from None
        return folder

    def names(self) -> list[str]:
        """The names of all runs, the newest first as far as names tell."""
        try:
            found = [path for path in self.path.iterdir() if NAME.fullmatch(path.name)]
        except FileNotFoundError:
            return []
        return sorted((path.name for path in found if (path / CHECKPOINT).exists()), reverse=True)

    def find(self, text: str = "") -> str:
        """The name of the run that a person means by it, its beginning or its end; the newest by default.

        Raises ValueError where none or several are meant.
        """
        names = self.names()
        if not names:
            raise ValueError(f"there are no runs in {self.path}")
        if not text:
            return self.list()[0].name
        near = [name for name in names if name.startswith(text) or name.endswith(f"-{text}")]
        meant = [name for name in names if text == name] or near
        if not meant:
            raise ValueError(f"there is no run {printable(text)!r}{hint(text, names)}")
        if len(meant) > 1:
            raise ValueError(f"run {text!r} could be any of {', '.join(meant[:5])}")
        return meant[0]

    def read(self, name: str, epoch: int | None = None) -> Saved:
        """A run as it was saved last, or in its snapshot after an epoch; ValueError naming what is wrong with it."""
        return reading.read(self.path / name, epoch)

    def snapshots(self, name: str) -> list[int]:
        """The epochs after which a run can be seen and branched from, ascending."""
        return [epoch for epoch, _ in snapshots(self.path / name)]

    def list(self) -> list[Summary]:
        """All runs, the newest first."""
        return sorted((self.summary(name) for name in self.names()), key=lambda run: run.created, reverse=True)

    def summary(self, name: str) -> Summary:
        """What a list says of a run."""
        return reading.summary(self.path / name)

    def note(self, name: str, text: str) -> None:
        """Write a person's note on a run; an empty one removes it. Raises OSError."""
        path = self.path / name / NOTE
        if not text:
            path.unlink(missing_ok=True)
            return
        with whole(path) as file:
            file.write(f"{text}\n".encode())

    def rename(self, name: str, word: str) -> str:
        """Give a run another word behind its date and time; its new name.

        Raises ValueError for a word against the rule or taken, and for a run in training; OSError.
        """
        new = "-".join([*name.split("-")[:2], checked_word(word)])
        if (self.path / new).exists():
            raise ValueError(f"there is a run {new} already: take another word")
        with self._held(name) as path:
            path.rename(self.path / new)
        return new

    def delete(self, name: str) -> None:
        """Remove a run and all its files; raises ValueError for a run in training, OSError."""
        with self._held(name) as path:
            if path.is_symlink():
                path.unlink()
            else:
                shutil.rmtree(path)

    @contextmanager
    def _held(self, name: str) -> Iterator[Path]:
        """The folder of a run that no other process may begin to train meanwhile."""
        path = self.path / name
        try:
            lock = None if path.is_symlink() else locked(path)
        except BlockingIOError as error:
            raise ValueError(error.strerror) from None
        try:
            yield path
        finally:
            if lock is not None:
                lock.release()
