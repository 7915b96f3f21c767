"""Reads measured points from a file, standard input or an example, which anyone may have written: nothing is run."""

import sys
from pathlib import Path
from typing import BinaryIO

from tui_runge.core.field_types import EXAMPLE, STANDARD_INPUT
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.settings import expand_home
from tui_runge.core.text import hint, printable, shorten, show_path
from tui_runge.problems.points_archive import SIGNATURE, parse_archive
from tui_runge.problems.points_columns import parse_columns
from tui_runge.problems.points_table import parse_table

MOST_BYTES = 32 * 2**20
EXAMPLES = Path(__file__).with_name("examples")


def read_points(source: str, columns: str = "", skip_rows: int = 0) -> MeasuredPoints:
    """The points of a file, of standard input (-) or of an example (example:NAME).

    `columns` says which columns are X,F or X,F,DF, by header names or numbers from 1; the first `skip_rows` lines are
    passed over. Raises ValueError in one line that names what is wrong and the way out.
    """
    if source == STANDARD_INPUT:
        name = "standard input"
        try:
            content = _read(sys.stdin.buffer, name)
        except OSError as error:
            raise ValueError(f"cannot read {name}: {error.strerror}") from error
        return parse_points(content, name, columns, skip_rows)
    if source.startswith(EXAMPLE):
        name = source.removeprefix(EXAMPLE)
        if name not in examples():
            raise ValueError(f"there is no example {shorten(name, 40)!r}{hint(name, examples())}")
        return parse_points((EXAMPLES / f"{name}.csv").read_bytes(), name, columns, skip_rows)
    path = Path(expand_home("data", source))
    name = printable(path.name)
    try:
        with path.open("rb") as file:
            content = _read(file, name)
    except OSError as error:
        raise ValueError(f"cannot read {show_path(source)}: {error.strerror}") from error
    except UnicodeError as error:
        raise ValueError(f"cannot read {show_path(source)}: no name of a file can hold one of its letters") from error
    return parse_points(content, name, columns, skip_rows)


def parse_points(content: bytes, name: str, columns: str = "", skip_rows: int = 0) -> MeasuredPoints:
    """The points that the bytes of a file hold, as `read_points` has them; `name` stands for it in messages."""
    wanted = parse_columns(columns)
    if not content.startswith(SIGNATURE):
        return parse_table(content, name, wanted, skip_rows)
    if skip_rows:
        raise ValueError(f"skip_rows must be 0 for {name}, an archive without lines, got {skip_rows}")
    return parse_archive(content, name, wanted)


def examples() -> dict[str, str]:
    """The examples by name, each with the first line of its file, which says what was measured."""
    titles = {}
    for path in sorted(EXAMPLES.glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            titles[path.stem] = file.readline().strip("# \n")
    return titles


def _read(file: BinaryIO, name: str) -> bytes:
    """The bytes of a file; one that is too large is refused before it is in memory."""
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        way_out = "keep fewer rows, or the columns x, f and df only"
        raise ValueError(f"{name} must have at most {MOST_BYTES >> 20} MiB: {way_out}")
    return content
