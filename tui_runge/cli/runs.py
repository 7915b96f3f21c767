"""`runge-tui runs`: the list of the runs that were kept."""

from collections.abc import Sequence

from rich import box
from rich.table import Table

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.output import UNKNOWN, print_json, run_to_json, stdout_console
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.text import shorten
from tui_runge.runs.numbers import format_duration, format_error
from tui_runge.runs.summary import RunSummary

TARGET_WIDTH = 24
"""Letters of a target that is a formula."""


def run(invocation: Invocation) -> int:
    """Print the list of runs, the newest first."""
    summaries = invocation.runs_directory.runs.list()
    if invocation.arguments.json:
        print_json([run_to_json(summary) for summary in summaries])
    else:
        stdout_console().print(_table(summaries))
    return 0


def _table(summaries: Sequence[RunSummary]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("run", "status", "target"):
        table.add_column(name, no_wrap=name == "run")
    for name in ("epochs", *ERROR_LABELS.values(), "time"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("differs from the defaults in")
    for summary in summaries:
        table.add_row(*_row(summary))
    return table


def _row(summary: RunSummary) -> list[str]:
    if summary.problem:
        return [summary.name, summary.status, *[""] * 7, summary.problem]
    errors = (format_error(getattr(summary.errors, name), UNKNOWN) for name in ERROR_LABELS)
    remarks = "; ".join(filter(None, (summary.differs, summary.note)))
    numbers = (str(summary.epoch), *errors, format_duration(summary.seconds))
    return [summary.name, summary.status, shorten(summary.config.target, TARGET_WIDTH), *numbers, remarks]
