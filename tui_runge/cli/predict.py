"""`runge-tui predict`: f̂ and f̂′ of a kept run at given places, as CSV. Needs no torch, and so answers at once."""

import math
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tui_runge.analysis.network import evaluate
from tui_runge.cli.invocation import Invocation
from tui_runge.core.field_types import STANDARD_INPUT
from tui_runge.core.formula import parse_number
from tui_runge.core.progress import Floats, Progress, trained_config
from tui_runge.core.settings import expand_home
from tui_runge.core.text import printable, shorten, show_path
from tui_runge.export.tables import PREDICTION, rows
from tui_runge.problems import problem_of

BLOCK = 4096
"""Places that are evaluated at a time: the memory that takes does not grow with their number."""
PLAIN_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
CELL_END = re.compile(r"[;,\s]")
COMMENT = "#"
LONGEST_LINE = 100_000


def run(invocation: Invocation) -> int:
    """Print a row for each place, in their order; outside the interval it is said once that nothing was fitted there.

    All places are read before anything is printed.
    """
    runs, given = invocation.runs_directory.runs, invocation.arguments
    try:
        progress = runs.read(runs.find(given.run)).progress
        x = np.array(list(_places(given.x, given.file)))
        if not x.size:
            raise ValueError("no x is given: name one, or a file that has one a line")
    except ValueError as error:
        invocation.error(error)
    assert progress.model is not None  # a checkpoint has one
    model = progress.model.in_float64()
    if outside := _outside(progress, x):
        sys.stderr.write(f"{invocation.parser.prog}: {outside}\n")
    sys.stdout.write(",".join(PREDICTION) + "\n")
    for block in np.array_split(x, math.ceil(x.size / BLOCK)):
        sys.stdout.write("".join(row + "\n" for row in rows(block, *evaluate(model, block))))
    return 0


def _places(words: Iterable[str], file: str | None) -> Iterator[float]:
    """The numbers given as words, those of standard input for a word that is -, then those of a file.

    Raises ValueError for what is no number, and for what cannot be read.
    """
    for word in words:
        if word.strip() == STANDARD_INPUT:
            yield from _places_in(sys.stdin.buffer, "standard input")
        else:
            yield _number(word, "x")
    if file is None:
        return
    try:
        with Path(expand_home("file", file)).open("rb") as opened:
            yield from _places_in(opened, show_path(file))
    except OSError as error:
        raise ValueError(f"cannot read {show_path(file)}: {error.strerror}") from None


def _places_in(file: BinaryIO, name: str) -> Iterator[float]:
    """The first cell of each line; passed over are blank lines, comments, and a first line with the heading x."""
    first = True
    for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), 1):
        if len(line) > LONGEST_LINE:
            raise ValueError(f"{name}, line {number}: a line must have at most {LONGEST_LINE:,} bytes")
        text = line.decode("utf-8-sig" if number == 1 else "utf-8", errors="replace").strip()
        if not text or text.startswith(COMMENT):
            continue
        cell = CELL_END.split(text, maxsplit=1)[0].strip('"')
        if not (first and cell.casefold() == "x"):
            yield _number(cell, f"{name}, line {number}: x")
        first = False


def _number(text: str, name: str) -> float:
    """The value of a number or of an expression such as pi/4; raises ValueError naming what it stands for."""
    text = text.strip()
    try:
        value = float(text) if PLAIN_NUMBER.fullmatch(text) else parse_number(text)
    except ValueError as error:
        shown = shorten(printable(text), 40)
        raise ValueError(f"{name} must be a number, such as -0.5 or pi/4, got {shown!r}: {error}") from None
    if not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {shorten(printable(text), 40)!r}")
    return value


def _outside(progress: Progress, x: Floats) -> str:
    """What to say of places outside the interval that was trained on; nothing where there are none."""
    low, high = problem_of(trained_config(progress)).interval
    outside = int(np.count_nonzero((x < low) | (x > high)))
    if not outside:
        return ""
    lie = "lie" if outside > 1 else "lies"
    return f"{outside:,} of {x.size:,} x {lie} outside [{low:g}, {high:g}], where nothing was fitted"
