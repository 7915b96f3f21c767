"""Runs that are kept, made without a screen."""

import hashlib
from collections.abc import Sequence
from typing import Any

from tui_runge.core.commands import Command, RequestProgress, Stop
from tui_runge.core.config import Config
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import New, RunStart
from tui_runge.core.run_state import RecorderFactory
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.recorder import FolderRecorder
from tui_runge.session.session import Session


def listing(directory: RunsDirectory, records: list[FolderRecorder]) -> RecorderFactory:
    """Record runs in a directory, and list their records, which can be waited for."""

    def record(start: RunStart, plan: tuple[ScheduledChange, ...]) -> FolderRecorder:
        records.append(directory.record(start, plan))
        return records[-1]

    return record


def train(
    directory: RunsDirectory, begin: Config | RunStart, *commands: Command, plan: Sequence[ScheduledChange] = ()
) -> Progress:
    """Train to the end, or to a command that stops it, and write all of it; the last progress."""
    published: list[Progress] = []
    records: list[FolderRecorder] = []

    def stop_at_the_end(progress: Progress) -> None:
        published.append(progress)
        if progress.status in ("finished", "diverged"):
            session.send(Stop())

    start = New(begin) if isinstance(begin, Config) else begin
    session = Session(start, stop_at_the_end, plan, make_recorder=listing(directory, records))
    for command in (RequestProgress(), *commands):
        session.send(command)
    session.run()
    for record in records:
        record.wait(60)
    return published[-1]


def facts_of(directory: RunsDirectory, name: str) -> dict[str, object]:
    """What has to be the same of a run, bit for bit, and of another of its configuration."""
    saved = directory.runs.read(name)
    digest = hashlib.sha256(repr(_lists(saved.trainer)).encode()).hexdigest()
    history = hashlib.sha256((directory.path / name / "history.csv").read_bytes()).hexdigest()
    return {"trainer": digest, "history": history, "status": saved.progress.status, "epoch": saved.progress.epoch}


def _lists(tree: Any) -> Any:
    """A state with lists for its arrays, so that its text shows every bit."""
    match tree:
        case dict():
            return {name: _lists(each) for name, each in tree.items()}
        case list() | tuple():
            return [_lists(each) for each in tree]
    return tree.tolist() if hasattr(tree, "tolist") else tree
