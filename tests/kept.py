"""Runs that are kept, made without a screen."""

from tui_runge.commands import Command, Stop, Update
from tui_runge.config import Config
from tui_runge.progress import Progress
from tui_runge.runs.place import Place
from tui_runge.session import Session
from tui_runge.start import Start


def train(place: Place, begin: Config | Start, *commands: Command) -> Progress:
    """Train to the end, or to a command that stops it; the last progress."""
    published: list[Progress] = []

    def stop_at_the_end(progress: Progress) -> None:
        published.append(progress)
        if progress.status in ("finished", "diverged"):
            session.send(Stop())

    start = Start.new(begin) if isinstance(begin, Config) else begin
    session = Session(start.command, stop_at_the_end, keep=place.keep)
    for command in (Update(start.config), *commands):
        session.send(command)
    session.run()
    return published[-1]
