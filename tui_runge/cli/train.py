"""`runge-tui train`: training without a screen.

Progress goes to standard error, the files to a folder, and the table of errors to standard output, or to standard error
where the losses are logged to that.
"""

import dataclasses
import gc
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from rich import box
from rich.console import Console
from rich.table import Table

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.output import UNKNOWN, stdout_console, write_problem
from tui_runge.cli.progress_display import progress_display
from tui_runge.cli.signals import signals_received
from tui_runge.cli.terminal_size import own_size_counts
from tui_runge.core.commands import RequestProgress, Stop
from tui_runge.core.config import FUNCTION_NAMES, Config
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import RunStart
from tui_runge.core.scheduled_change import ScheduledChange, check_plan
from tui_runge.core.settings import LOG_TO_STDOUT
from tui_runge.core.text import show_path
from tui_runge.export.drawing import DrawingProcess
from tui_runge.export.exporter import ExportRequest, export, export_in_background, new_folder
from tui_runge.export.formats import check_place
from tui_runge.export.live_log import LiveLog
from tui_runge.problems import ERROR_POINTS, problem_of
from tui_runge.problems.residuals import residual_deviation
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.numbers import format_error
from tui_runge.session.session import Session

LOG_TIMEOUT = 1.0
"""Seconds that the end of the training waits for a reader of the log who reads no more."""
PERIOD = 0.1
"""Seconds between two requests for progress."""


def run(invocation: Invocation) -> int:
    """Train to the end or to a signal, and write the files; the exit status."""
    own_size_counts(sys.stderr)
    plan = _plan(invocation)
    resume = invocation.arguments.resume
    start = invocation.new_run() if resume is None else invocation.resumed_run(resume)
    try:
        check_plan(start.config, plan)
    except ValueError as error:
        invocation.error(error)
    runs_directory, console = invocation.runs_directory, Console(stderr=True, highlight=False, soft_wrap=True)
    folder = _export_folder(invocation)
    _tell_idle(invocation, start.config, console)
    log = invocation.open_log()
    results = console if invocation.settings.log == LOG_TO_STDOUT else stdout_console()
    gc.disable()  # until all is loaded: what is there by then is no garbage
    try:
        with signals_received() as signals, DrawingProcess() as drawing:
            try:
                progress = _train(start, plan, runs_directory, console, signals, log=log)
            finally:
                _close(log, console)
            history = runs_directory.history(progress.run)
            settings = invocation.settings
            request = ExportRequest(progress, history, bool(settings.tensorboard), settings.formats)
            try:
                _export(request, folder, signals, drawing)
            except (OSError, RuntimeError, ValueError) as error:
                reason = write_problem(error, folder) if isinstance(error, OSError) else error
                console.print(f"runge-tui train: {reason}", markup=False)
                console.print(_kept(progress), markup=False)  # so that it can be exported again
                return 1
    except OSError as error:
        console.print(f"runge-tui train: {write_problem(error, folder)}", markup=False)
        return 1
    except (RuntimeError, ValueError) as error:
        console.print(f"runge-tui train: {error}", markup=False)
        return 1
    gc.freeze()  # or the interpreter looks through all of torch once more at its end, for half a second
    results.print(_error_table(progress))
    if progress.config.points is not None:
        results.print(_residual_line(progress))
    console.print(f"{progress.status} at epoch {progress.epoch}, files in {show_path(folder)}", markup=False)
    console.print(_kept(progress), markup=False)
    if progress.status == "diverged":
        console.print(progress.message, markup=False)
        return 1
    return 128 + signals[0] if progress.status == "stopped" else 0


def _tell_idle(invocation: Invocation, config: Config, console: Console) -> None:
    """Say in one line which flags have no effect beside the others."""
    given = vars(invocation.arguments)
    names = [name for name in config.idle if given.get(name) is not None and name not in FUNCTION_NAMES]
    reasons = (f"--{name.replace('_', '-')} has no effect: {config.idle[name]}" for name in names)
    if names:
        console.print(f"runge-tui train: {'; '.join(reasons)}", markup=False)


def _plan(invocation: Invocation) -> list[ScheduledChange]:
    """The changes that --at plans; ends the program where they cannot be made."""
    plan = invocation.planned_changes()
    if plan and invocation.arguments.resume is not None:
        invocation.error("--at cannot change a run that is gone on with: give the values themselves, or --branch RUN")
    return plan


def _export_folder(invocation: Invocation) -> Path:
    """The folder for the files, made if need be; ends the program where it cannot be made.

    A folder named by --out takes the files. One from elsewhere takes a new folder a run, or each run would overwrite
    the files of the last.
    """
    out = Path(invocation.settings.out)
    try:
        folder = out if invocation.arguments.out else new_folder(out, datetime.now())
        folder.mkdir(parents=True, exist_ok=True)
        check_place(folder, invocation.settings.formats)
    except OSError as error:
        invocation.path_error(error)
    return folder


def _train(
    start: RunStart,
    plan: Sequence[ScheduledChange],
    runs_directory: RunsDirectory,
    console: Console,
    signals: Sequence[int],
    *,
    log: LiveLog | None,
) -> Progress:
    """Train in a thread, showing progress and logging, until the run ends or a signal was received; the last progress.

    Raises RuntimeError for whatever ended the thread.
    """
    inbox: SimpleQueue[Progress | Exception] = SimpleQueue()
    session = Session(start, inbox.put, plan, runs_directory.record, log=log.add if log else None)

    def run_session() -> None:
        try:
            session.run()
        except Exception as error:  # the thread's end: whatever it was is shown to the user
            inbox.put(error)

    thread = Thread(target=run_session)
    thread.start()
    session.send(RequestProgress())
    try:
        with progress_display(start.config.epochs, console) as show:
            while True:
                progress = inbox.get()
                gc.enable()
                if isinstance(progress, Exception):
                    raise RuntimeError(str(progress)) from progress
                show(progress)
                if progress.status != "running":
                    break
                session.ended.wait(PERIOD)
                session.send(Stop() if signals else RequestProgress())
    finally:
        session.send(Stop())
        thread.join()
    while not inbox.empty():
        last = inbox.get()
        progress = last if not isinstance(last, Exception) else progress
    return progress


def _close(log: LiveLog | None, console: Console) -> None:
    """End the log, if there is one, and say what is missing from it."""
    if log is not None:
        log.close(LOG_TIMEOUT)
        if log.problem:
            console.print(f"runge-tui train: {log.problem}", markup=False)


def _export(request: ExportRequest, folder: Path, signals: Sequence[int], drawing: DrawingProcess) -> None:
    """Write the files: all of them, or those for which there is time after a signal. Raises OSError."""
    if {signal.SIGTERM, signal.SIGHUP} & set(signals):
        export_in_background(request, folder)  # nobody waits: the run is kept, the files come when they come
    elif signals:  # some formats take long, and the run that is kept can be exported again
        export(dataclasses.replace(request, formats=()), folder, drawing)
    else:
        export(request, folder, drawing)


def _kept(progress: Progress) -> str:
    """Under which name the run is kept, or why it is not."""
    kept = f"not kept: {progress.unsaved}" if progress.unsaved else f"kept as {progress.run}"
    return f"run {kept}" + f", {progress.warning}" * bool(progress.warning)


def _error_table(progress: Progress) -> Table:
    """The four errors, beside those to compare with where there are any."""
    problem = problem_of(progress.config)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(f"error on the {ERROR_POINTS[problem.errors_on]}")
    table.add_column("now", justify="right")
    compared = [progress.errors]
    if problem.reference:
        table.add_column(problem.reference.name, justify="right")
        compared.append(problem.reference.errors)
    for name, label in ERROR_LABELS.items():
        table.add_row(label, *(format_error(getattr(errors, name), UNKNOWN) for errors in compared))
    return table


def _residual_line(progress: Progress) -> str:
    """How far the measured points lie from the fit, those held out too."""
    return (
        f"  standard deviation of the residual over all points: {format_error(residual_deviation(progress), UNKNOWN)}"
    )
