"""Runs that are kept, made without a screen."""

from collections.abc import Sequence

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
