"""`runge-tui compare`: runs beside each other."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.table import Table

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.output import UNKNOWN, print_json, run_to_json, stdout_console
from tui_runge.problems import ERROR_POINTS
from tui_runge.runs.comparison import Comparison, compare
from tui_runge.runs.numbers import format_error
from tui_runge.runs.summary import RunSummary


def run(invocation: Invocation) -> int:
    """Print the hyperparameters in which runs differ and their errors, the best of each marked."""
    words = invocation.arguments.run
    if len(words) < 2:
        invocation.error("two runs at least must be named: runge-tui runs lists them")
    summaries = [_summary(invocation, word) for word in words]
    comparison = compare(summaries)
    if invocation.arguments.json:
        facts = {"runs": [run_to_json(summary) for summary in summaries], "differences": comparison.differences}
        print_json(facts)
        return 0
    names = [summary.name for summary in summaries]
    console = stdout_console()
    if comparison.differences:
        console.print(_difference_table(names, comparison.differences))
    else:
        console.print("the same hyperparameters")
    places = sorted({ERROR_POINTS[summary.errors_on] for summary in summaries})
    console.print(_error_table(names, comparison, " or ".join(places)))
    return 0


def _summary(invocation: Invocation, word: str) -> RunSummary:
    """The run that a word means; ends the program where it means none, or one that cannot be read."""
    runs = invocation.runs_directory.runs
    try:
        summary = runs.summary(runs.find(word))
    except ValueError as error:
        invocation.error(error)
    if summary.problem:
        invocation.error(f"run {summary.name}: {summary.problem}")
    return summary


def _difference_table(names: Sequence[str], differences: Mapping[str, Sequence[str]]) -> Table:
    table = Table("hyperparameter", *names, box=box.SIMPLE_HEAD)
    for name, values in differences.items():
        table.add_row(name.replace("_", " "), *values)
    return table


def _error_table(names: Sequence[str], comparison: Comparison, places: str) -> Table:
    table = Table(f"error on the {places}", box=box.SIMPLE_HEAD)
    for name in names:
        table.add_column(name, justify="right")
    for row in comparison.errors:
        cells = zip(row.values, row.best, strict=True)
        table.add_row(row.label, *("* " * best + format_error(value, UNKNOWN) for value, best in cells))
    table.add_row("epochs", *map(str, comparison.epochs))
    table.add_row("seconds", *(f"{seconds:.2f}" for seconds in comparison.seconds))
    return table
