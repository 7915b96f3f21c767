"""Runs that are kept, made without a screen."""

from tui_runge.commands import Command, Stop, Update
from tui_runge.config import Config
from tui_runge.progress import Progress
from tui_runge.runs.place import Place
from tui_runge.runs.recorder import Recorder
from tui_runge.saved import Begun, Keep
from tui_runge.session import Session
from tui_runge.start import Start


def listing(place: Place, records: list[Recorder]) -> Keep:
    """Keep runs in a place, and list their records, which can be waited for."""

    def keep(begun: Begun) -> Recorder:
        records.append(place.keep(begun))
        return records[-1]

    return keep


def train(place: Place, begin: Config | Start, *commands: Command) -> Progress:
    """Train to the end, or to a command that stops it, and write all of it; the last progress."""
    published: list[Progress] = []
    records: list[Recorder] = []

    def stop_at_the_end(progress: Progress) -> None:
        published.append(progress)
        if progress.status in ("finished", "diverged"):
            session.send(Stop())

    start = Start.new(begin) if isinstance(begin, Config) else begin
    session = Session(start.command, stop_at_the_end, keep=listing(place, records))
    for command in (Update(start.config), *commands):
        session.send(command)
    session.run()
    for record in records:
        record.wait(60)
    return published[-1]
