"""What the commands that print runs have in common: the console, the dash, and the JSON of a run."""

import json
import math
from dataclasses import asdict
from typing import Any

from rich.console import Console

from tui_runge.runs.summary import RunSummary

WIDTH = 200
"""Columns of a table where no terminal says how many."""
UNKNOWN = "-"
"""Stands for a number that is not known; plain ASCII, for whoever reads the table with a program."""


def stdout_console() -> Console:
    """The console on standard output."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def run_to_json(summary: RunSummary) -> dict[str, Any]:
    """All that is known of a run, null for an error that is not."""
    values = asdict(summary)
    values |= {"created": summary.created.isoformat(), "config": summary.config.to_json(), "differs": summary.differs}
    values["errors"] = {name: value if math.isfinite(value) else None for name, value in values["errors"].items()}
    return values


def print_json(value: object) -> None:
    """Print a value as JSON."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))  # noqa: T201
