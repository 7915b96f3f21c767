"""`runge-tui front`: MSE(f) against MSE(f') over the weights of the kept runs of one problem."""

from dataclasses import asdict
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.output import print_json, stdout_console
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.runs.front import FrontRun, front, same_problem_runs, what_is_missing
from tui_runge.runs.numbers import format_error


def run(invocation: Invocation) -> int:
    """Print the runs of the problem of a run, by default the latest, those on the front marked by *."""
    store = invocation.runs_directory.runs
    try:
        summary = store.summary(store.find(invocation.arguments.run))
        if summary.problem:
            raise ValueError(f"run {summary.name}: {summary.problem}")
        runs = front(same_problem_runs(store.list(), summary.config, summary.points), summary.name)
    except ValueError as error:
        invocation.error(error)
    if invocation.arguments.json:
        print_json([_to_json(each) for each in runs])
        return 0
    console = stdout_console()
    console.print(_table(runs))
    if len(runs) < 2:
        console.print(what_is_missing(summary.errors))
    return 0


def _table(runs: list[FrontRun]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("run")
    for heading in ("weight", ERROR_LABELS["mse_f"], ERROR_LABELS["mse_df"]):
        table.add_column(heading, justify="right")
    table.add_column("differs from the defaults in")
    for each in runs:
        errors = each.summary.errors
        mark, name = "* " * each.on_front, each.summary.name + " (this one)" * each.current
        numbers = (format_error(error) for error in (errors.mse_f, errors.mse_df))
        table.add_row(name, each.weight, *(f"{mark}{number}" for number in numbers), Text(each.summary.differs))
    return table


def _to_json(run: FrontRun) -> dict[str, Any]:
    summary = run.summary
    return {
        "name": summary.name,
        "derivative_weight": summary.config.derivative_weight,
        "function_weight": summary.config.function_weight,
        "errors": asdict(summary.errors),
        "on_front": run.on_front,
        "current": run.current,
    }
