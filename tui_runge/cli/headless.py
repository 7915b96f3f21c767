"""Training without a screen: progress on standard error, errors on standard output, files in a folder."""

import dataclasses
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from tui_runge.core.commands import RequestProgress, Stop
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import RunStart
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.export.exporter import ExportRequest, export, export_in_background, new_folder
from tui_runge.problems import problem_of
from tui_runge.runs.directory import RunsDirectory
from tui_runge.session.session import Session

PERIOD = 0.1
"""Seconds between two looks at the training."""


def train(
    start: RunStart,
    plan: Sequence[ScheduledChange],
    runs_directory: RunsDirectory,
    out: Path | None,
    exports: Path,
    *,
    tensorboard: bool = False,
) -> int:
    """Train to the end or to a signal, write the files to `out` or a new folder in `exports`; the exit status."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        folder = out or new_folder(exports, datetime.now())
        folder.mkdir(parents=True, exist_ok=True)
        with _signals() as received:
            progress = _run(start, plan, runs_directory, console, received)
            handed = ExportRequest(progress, runs_directory.history(progress.run), tensorboard)
            if {signal.SIGTERM, signal.SIGHUP} & set(received):
                export_in_background(handed, folder)  # nobody waits: the run is kept, the files come when they come
            elif received:  # the model takes longest, and the run that is kept has it
                export(dataclasses.replace(handed, progress=dataclasses.replace(progress, model=None)), folder)
            else:
                export(handed, folder)
    except OSError as error:
        console.print(f"runge-tui train: cannot write to {error.filename}: {error.strerror}", markup=False)
        return 1
    except RuntimeError as error:
        console.print(f"runge-tui train: {error}", markup=False)
        return 1
    Console(highlight=False).print(_table(progress))
    console.print(f"{progress.status} at epoch {progress.epoch}, files in {folder}", markup=False)
    kept = f"not kept: {progress.unsaved}" if progress.unsaved else f"kept as {progress.run}"
    console.print(f"run {kept}", markup=False)
    if progress.status == "diverged":
        console.print(progress.message, markup=False)
        return 1
    return 128 + received[0] if progress.status == "stopped" else 0


def _run(
    start: RunStart,
    plan: Sequence[ScheduledChange],
    runs_directory: RunsDirectory,
    console: Console,
    received: Sequence[int],
) -> Progress:
    """Train in a thread, showing progress, until the run ends or a signal was received; the last progress."""
    inbox: SimpleQueue[Progress | Exception] = SimpleQueue()
    session = Session(start, inbox.put, plan, runs_directory.record)

    def body() -> None:
        try:
            session.run()
        except Exception as error:  # the thread's end: whatever it was is shown to the user
            inbox.put(error)

    thread = Thread(target=body)
    thread.start()
    session.send(RequestProgress())
    try:
        with _shown(start.config.epochs, console) as show:
            while True:
                progress = inbox.get()
                if isinstance(progress, Exception):
                    raise RuntimeError(str(progress)) from progress
                show(progress)
                if progress.status != "running":
                    break
                session.ended.wait(PERIOD)
                session.send(Stop() if received else RequestProgress())
    finally:
        session.send(Stop())
        thread.join()
    while not inbox.empty():
        last = inbox.get()
        progress = last if not isinstance(last, Exception) else progress
    return progress


@contextmanager
def _signals() -> Iterator[list[int]]:
    """The interrupts received, as a list that grows; a second Ctrl-C acts as ever.

    Where the terminal is gone, what would be written there goes nowhere.
    """
    received: list[int] = []
    terminals = [each for each in (1, 2) if os.isatty(each)]

    def receive(number: int, _: object) -> None:
        received.append(number)
        if number == signal.SIGHUP:
            for each in terminals:
                os.dup2(os.open(os.devnull, os.O_WRONLY), each)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {each: signal.signal(each, receive) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield received
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _shown(epochs: int, console: Console) -> Iterator[Callable[[Progress], None]]:
    """A way to show progress: a bar on a terminal, a line for each tenth of the epochs elsewhere."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("loading torch", total=epochs)
        yield lambda progress: bar.update(task, completed=progress.epoch, description=_facts(progress))


class _Lines:
    """Prints a progress whenever another tenth of the epochs is done."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._printed = -1

    def __call__(self, progress: Progress) -> None:
        tenths = 10 * progress.epoch // progress.config.epochs
        if tenths > self._printed:
            self._console.print(_facts(progress), markup=False)
            self._printed = tenths


def _facts(progress: Progress) -> str:
    if not progress.epoch:
        return "epoch 0"
    loss = progress.curves.newest("train_total")
    return f"epoch {progress.epoch}/{progress.config.epochs}  loss {loss:.2e}  {progress.speed:.0f} epochs/s"


def _table(progress: Progress) -> Table:
    """The four errors, beside those to compare with where there are any."""
    reference = problem_of(progress.config).reference
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("error on the grid")
    table.add_column("now", justify="right")
    table.add_column("report", justify="right")
    for name, label in ERROR_LABELS.items():
        goal = f"{getattr(reference.errors, name):.2e}" if reference else "-"
        table.add_row(label, f"{getattr(progress.errors, name):.2e}", goal)
    return table
