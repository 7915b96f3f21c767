"""`runge-tui runs`: the list of the runs that were kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.output import UNKNOWN, print_json, run_to_json, stdout_console, stdout_width
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.text import shorten
from tui_runge.runs.numbers import format_duration, format_error
from tui_runge.runs.summary import RunSummary

NEEDED = ("run", "status", "epochs", ERROR_LABELS["mse_f"], ERROR_LABELS["mse_df"])
"""The columns that are always there."""
NOTE, REMARKS = "note", "differs from the defaults in"
WORDS = ("run", "status", "target", NOTE, REMARKS)
"""The columns that stand at the left; the others are numbers."""
BY_NEED = (NOTE, REMARKS, ERROR_LABELS["max_f"], ERROR_LABELS["max_df"], "target", "time")
"""The other columns, those first that get room first."""
GAP = 2
"""Spaces between two columns."""


@dataclass(frozen=True)
class Column:
    """A column of the table: its heading, and a text a run."""

    title: str
    texts: tuple[str, ...]

    @property
    def width(self) -> int:
        """The cells of the widest of its texts."""
        return max(map(cell_len, (self.title, *self.texts)))


TARGET_WIDTH = 24
"""Letters of a target that is a formula, or of where its points are from."""


def run(invocation: Invocation) -> int:
    """Print the list of runs, the newest first."""
    try:
        summaries = invocation.runs_directory.runs.list()
    except ValueError as error:
        invocation.error(error)
    if invocation.arguments.json:
        print_json([run_to_json(summary) for summary in summaries])
    else:
        stdout_console().print(_table(fitting(columns(summaries), stdout_width())))
    return 0


def columns(summaries: Sequence[RunSummary]) -> list[Column]:
    """The columns of the table of runs, without notes where there are none."""
    rows = [_row(summary) for summary in summaries]
    titles = ("run", "status", "target", "epochs", *ERROR_LABELS.values(), "time", NOTE, REMARKS)
    made = [Column(title, tuple(row[place] for row in rows)) for place, title in enumerate(titles)]
    return [column for column in made if column.title != NOTE or any(column.texts)]


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """The columns that fit a width, whole: those that are needed, which always stay, then each other that has room."""
    shown = {column.title for column in columns if column.title in NEEDED}
    for title in BY_NEED:
        wider = shown | {title}
        if sum(column.width + GAP for column in columns if column.title in wider) - GAP <= width:
            shown = wider
    return [column for column in columns if column.title in shown]


def _table(columns: Sequence[Column]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for column in columns:
        table.add_column(column.title, justify="left" if column.title in WORDS else "right", no_wrap=True)
    for texts in zip(*(column.texts for column in columns), strict=True):
        table.add_row(*map(Text, texts))
    return table


def _row(summary: RunSummary) -> list[str]:
    if summary.problem:
        return [summary.name, summary.status, *[""] * 7, summary.note, summary.problem]
    errors = (format_error(getattr(summary.errors, name), UNKNOWN) for name in ERROR_LABELS)
    numbers = (str(summary.epoch), *errors, format_duration(summary.seconds))
    return [
        summary.name,
        summary.status,
        shorten(summary.config.data or summary.config.target, TARGET_WIDTH),
        *numbers,
        summary.note,
        summary.differs,
    ]
