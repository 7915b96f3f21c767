"""`runge-tui record`: a kept run as a recording of the screen, or as an animated figure, from its snapshots."""

import asyncio
import os
import re
from collections.abc import Sequence
from pathlib import Path

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.output import stdout_console, write_problem
from tui_runge.core.atomic_files import atomic_write
from tui_runge.core.progress import Progress
from tui_runge.core.settings import expand_home
from tui_runge.core.text import show_path
from tui_runge.export.animation import FORMATS_BY_ENDING, animation
from tui_runge.runs.store import RunStore

CAST = ".cast"
SIZE = re.compile(r"([0-9]{1,3})x([0-9]{1,3})")
SMALLEST, LARGEST = (60, 20), (400, 200)
"""Columns and rows of a screen."""
LONGEST = {CAST: 3600.0, ".gif": 600.0, ".apng": 60.0, ".png": 60.0}
"""Seconds at most, by the file's ending: the formats of pictures count the time of each in so few bits."""


def run(invocation: Invocation) -> int:
    """Write a recording to a new file, whose ending says what it is."""
    given, runs = invocation.arguments, invocation.runs_directory.runs
    try:
        path = _new_path(given.file)
        size, seconds = _size(given.size), _seconds(given.seconds, LONGEST[path.suffix.lower()])
        if given.size is not None and path.suffix.lower() != CAST:
            raise ValueError(f"size is of a screen, in a file that ends in {CAST}: leave it out for a figure")
        name = runs.find(given.run)
        states = _states(runs, name)
    except ValueError as error:
        invocation.error(error)
    if path.suffix.lower() == CAST:
        content = _recording(invocation, states, size, seconds)
    else:
        content = animation(states, FORMATS_BY_ENDING[path.suffix.lower()], seconds)
    try:
        with atomic_write(path) as file:
            file.write(content)
    except OSError as error:
        invocation.parser.exit(1, f"{invocation.parser.prog}: {write_problem(error, path)}\n")
    stdout_console().print(f"run {name} at {len(states)} epochs, in {show_path(path)}", markup=False)
    return 0


def _recording(invocation: Invocation, states: Sequence[Progress], size: tuple[int, int], seconds: float) -> bytes:
    from tui_runge.tui.appearance import Appearance
    from tui_runge.tui.recording import asciicast, screens

    appearance = Appearance.of(invocation.settings, os.environ)
    shown = asyncio.run(screens(states, size, appearance))
    return asciicast(shown, size, seconds, f"runge-tui, run {states[-1].run}")


def _states(runs: RunStore, name: str) -> list[Progress]:
    """The run as it was at each of its snapshots and as it was saved last; raises ValueError."""
    last = runs.read(name).progress
    states = [runs.read(name, epoch).progress for epoch in runs.snapshots(name) if epoch < last.epoch]
    if not states:
        raise ValueError(f"run {name} has no snapshots: there is nothing to record but its end")
    return [*states, last]


def _new_path(text: str) -> Path:
    """The path of a file that does not exist, in a folder that does; raises ValueError."""
    path = Path(expand_home("out", text))
    endings = (CAST, *FORMATS_BY_ENDING)
    if path.suffix.lower() not in endings:
        raise ValueError(f"out must end in one of {', '.join(endings)}, got {show_path(text)}")
    if os.path.lexists(path):
        raise ValueError(f"out must be a new file, got {show_path(text)}: remove it, or name another")
    if not path.parent.is_dir():
        raise ValueError(f"out must lie in a folder that is there, got {show_path(text)}")
    return path


def _size(text: str | None) -> tuple[int, int]:
    """Columns and rows; raises ValueError."""
    if text is None:
        return 120, 36
    match = SIZE.fullmatch(text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(low <= number <= high for low, number, high in zip(SMALLEST, size, LARGEST, strict=True)):
        (columns, rows), (most_columns, most_rows) = SMALLEST, LARGEST
        raise ValueError(f"size must be from {columns}x{rows} to {most_columns}x{most_rows}, got {text!r}")
    return size


def _seconds(text: str, longest: float) -> float:
    """How long it lasts; raises ValueError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= longest:
        raise ValueError(f"seconds must be a number > 0 and <= {longest:g}, got {text!r}")
    return seconds
