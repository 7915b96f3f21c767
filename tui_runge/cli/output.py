"""What the commands that print have in common: the console, the dash, the JSON of a run, and what a failure says."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from tui_runge.core.text import show_path
from tui_runge.runs.numbers import finite_or_none
from tui_runge.runs.summary import RunSummary

ENDLESS = 10**5
"""Columns of a console that never cuts or wraps: a terminal wraps by itself, and a program wants whole lines."""
UNKNOWN = "-"
"""Stands for a number that is not known; plain ASCII, for whoever reads the table with a program."""


def stdout_console() -> Console:
    """The console on standard output, on which every row of a table is one line, however long."""
    return Console(highlight=False, width=ENDLESS)


def stdout_width() -> int:
    """The columns of the terminal on standard output; as good as endless where it is none."""
    return Console().width if sys.stdout.isatty() else ENDLESS


def write_problem(error: OSError, path: Path) -> str:
    """What to say where a file could not be written: one in `path`, where the error does not name it."""
    return f"cannot write to {show_path(error.filename or path)}: {error.strerror or error}"


def run_to_json(summary: RunSummary) -> dict[str, Any]:
    """All that is known of a run, null for an error that is not."""
    values = asdict(summary)
    values |= {"created": summary.created.isoformat(), "config": summary.config.to_json(), "differs": summary.differs}
    values["errors"] = {name: finite_or_none(value) for name, value in values["errors"].items()}
    values["seconds"] = finite_or_none(summary.seconds)
    return values


def print_json(value: object) -> None:
    """Print a value as JSON, in ASCII where the output is not UTF-8, which JSON has to be."""
    utf8 = sys.stdout.encoding.lower().replace("_", "-") == "utf-8"
    print(json.dumps(value, indent=2, ensure_ascii=not utf8, allow_nan=False))  # noqa: T201
