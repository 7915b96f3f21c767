"""`runge-tui`: the screen, on a new run."""

import gc
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.terminal_background import is_light, query_background, worth_asking
from tui_runge.core.run_start import New, RunStart
from tui_runge.core.settings import LOG_TO_STDOUT, FolderPath
from tui_runge.core.user_files import user_file

if TYPE_CHECKING:
    from tui_runge.sweeps.background import SweepProcess
    from tui_runge.sweeps.plan import SweepPlan
    from tui_runge.tui.appearance import Appearance


def run(invocation: Invocation, *, learn: bool = False) -> int:
    """Open the screen on a new run, or a branch of another; with the lessons over it for who is to `learn`."""
    if invocation.reads_standard_input:
        invocation.error("the screen reads its keys from standard input: give --data a file, or use runge-tui train")
    return open_screen(invocation, invocation.new_run(), learn=learn)


def on_terminal() -> bool:
    """Whether there is a terminal for a screen."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def open_sweep(invocation: Invocation, plan: "SweepPlan", process: "SweepProcess | None" = None) -> int:
    """Open the screen on a sweep, which a process may train meanwhile; the exit status."""
    return open_screen(invocation, New(plan.base), sweep=plan.name, sweep_process=process)


def open_screen(
    invocation: Invocation,
    start: RunStart,
    *,
    learn: bool = False,
    sweep: str = "",
    sweep_process: "SweepProcess | None" = None,
) -> int:
    """Open the screen on a run, or on a sweep that a process may train, in the terminal or the browser in its place.

    Returns the exit status.
    """
    in_browser = is_in_browser(os.environ)
    if not in_browser and not on_terminal():
        invocation.error("the screen needs a terminal on its standard streams: use runge-tui train --out DIR")
    if invocation.settings.log == LOG_TO_STDOUT:
        invocation.error("the screen is drawn on standard output: log to a file by --log jsonl:PATH")
    log = invocation.open_log()
    # What is made while the program loads is no garbage, and to look for some costs the first frame 25 ms. The
    # application collects it once its training has begun.
    gc.disable()
    with nullcontext(bytes) if in_browser else _background_query() as read_answer:
        from tui_runge.tui.app import run as run_app

        typed = read_answer()
    # Of what the terminal is like, a browser's server knows nothing; and its visitors share no preferences.
    appearance = appearance_of(invocation, {} if in_browser else os.environ, is_light(typed))
    preferences = None if in_browser else user_file("state", "preferences.json", os.environ)
    settings = invocation.settings
    try:
        if preferences is not None:
            FolderPath().check("the folder of the preferences", str(preferences.parent))
    except ValueError as error:
        invocation.error(error)
    return run_app(
        start,
        invocation.runs_directory,
        Path(settings.out),
        appearance,
        preferences,
        tensorboard=bool(settings.tensorboard),
        formats=settings.formats,
        typed=typed,
        in_browser=in_browser,
        learn=learn,
        log=log,
        sweep=sweep,
        sweep_process=sweep_process,
    )


def is_in_browser(environment: Mapping[str, str]) -> bool:
    """Whether a server such as textual-serve has started the program, for a browser that shows the screen."""
    return environment.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def appearance_of(invocation: Invocation, environment: Mapping[str, str], light: bool | None = None) -> "Appearance":
    """How the screen looks and is used, as `Appearance.of` has it; ends the program where the keys cannot be."""
    from tui_runge.tui.appearance import Appearance

    try:
        return Appearance.of(invocation.settings, environment, light)
    except ValueError as error:
        invocation.error(f"[keys] of the configuration file: {error}")


def _background_query() -> AbstractContextManager[Callable[[], bytes]]:
    """The question whether the terminal's background is light, where an answer can be had."""
    if worth_asking(os.environ):
        return query_background(sys.stdin.fileno(), sys.stdout.fileno())
    return nullcontext(bytes)
