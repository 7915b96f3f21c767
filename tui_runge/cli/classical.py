"""`runge-tui classical`: what classical methods make of the points that a network is trained on."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from tui_runge.analysis.chebyshev_series import equal_degrees
from tui_runge.analysis.classical import classical_fits, training_points
from tui_runge.analysis.classical_table import HEADINGS, number_rows
from tui_runge.analysis.outcomes import EqualDegrees, Outcome, network
from tui_runge.cli.invocation import READING_OPTIONS, Invocation
from tui_runge.cli.output import UNKNOWN, print_json, stdout_console
from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.field_types import Integer
from tui_runge.core.progress import Progress
from tui_runge.problems import ERROR_POINTS, problem_of
from tui_runge.runs.numbers import finite_or_none

DEGREES = Integer(1, 500)
OF_A_NEW_PROBLEM = ("preset", "config", "no_config", *HYPERPARAMETERS, *READING_OPTIONS)
"""The options that say what is fitted, which a run says itself."""


def run(invocation: Invocation) -> int:
    """Print the errors and times of classical methods, and those of a run's network where one is given."""
    try:
        degree = DEGREES.parse("degree", invocation.arguments.degree)
        progress = _run_given(invocation)
        problem = problem_of(progress.config if progress else invocation.new_run().config)
        points = training_points(progress) if progress else problem.training
        outcomes = classical_fits(problem, degree, points)
        worth = equal_degrees(problem, progress.errors) if progress else None
    except ValueError as error:
        invocation.error(error)
    if progress:
        outcomes.append(network(progress))
    if invocation.arguments.json:
        facts = {"label": problem.label, "points": len(points.x), "degree": degree, "errors_on": problem.errors_on}
        print_json(facts | {"methods": [_to_json(outcome) for outcome in outcomes], "worth": _worth_to_json(worth)})
        return 0
    console = stdout_console()
    console.print(f"{problem.label}, {len(points.x):,} training points", markup=False)
    console.print(_table(outcomes, ERROR_POINTS[problem.errors_on]))
    if worth and str(worth):
        console.print(f"the network is {worth}")
    return 0


def _run_given(invocation: Invocation) -> Progress | None:
    """The run to compare with; raises ValueError where it cannot be read, or options name another problem beside it."""
    arguments = vars(invocation.arguments)
    if not arguments["run"]:
        return None
    for name in OF_A_NEW_PROBLEM:
        if arguments.get(name) not in (None, False):
            raise ValueError(f"a run says itself what is fitted: give RUN or --{name.replace('_', '-')}")
    runs = invocation.runs_directory.runs
    return runs.read(runs.find(arguments["run"])).progress


def _table(outcomes: Sequence[Outcome], place: str) -> Table:
    table = Table(f"error on the {place}", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    table.add_column("note")
    for outcome, numbers in zip(outcomes, number_rows(outcomes, UNKNOWN), strict=True):
        table.add_row(outcome.name, *numbers, Text(outcome.note))
    return table


def _to_json(outcome: Outcome) -> dict[str, Any]:
    errors = {name: finite_or_none(value) for name, value in asdict(outcome.errors).items()}
    return {"name": outcome.name, "errors": errors, "seconds": finite_or_none(outcome.seconds), "note": outcome.note}


def _worth_to_json(worth: EqualDegrees | None) -> dict[str, float | None] | None:
    return None if worth is None else {name: finite_or_none(degree) for name, degree in asdict(worth).items()}
