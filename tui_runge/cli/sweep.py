"""`runge-tui sweep`: many runs, planned, trained and told of.

Progress goes to standard error, and with --json the runs to standard output.
"""

import dataclasses
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.output import print_json, write_problem
from tui_runge.cli.screen import appearance_of, on_terminal, open_sweep
from tui_runge.cli.signals import TIME_IS_NEARLY_UP, signals_received
from tui_runge.cli.sweep_display import sweep_display
from tui_runge.cli.sweep_report import report_sweep
from tui_runge.cli.sweep_slurm import check_slurm_options, jobs_of_cluster, planned_part, requeue_task, submit_sweep
from tui_runge.cli.terminal_size import own_size_counts
from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.field_types import Choice, Integer
from tui_runge.core.run_start import New
from tui_runge.runs.numbers import finite_or_none, format_duration
from tui_runge.sweeps.background import SweepProcess
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.estimate import estimate
from tui_runge.sweeps.local import LocalEngine, cores
from tui_runge.sweeps.plan import MOST_RUNS, PlannedRun, Search, SweepPlan, show_setting
from tui_runge.sweeps.progress import counts, train_sweep
from tui_runge.sweeps.results import SweepRow, read_rows
from tui_runge.sweeps.search import NOT_INSTALLED, is_installed
from tui_runge.sweeps.slurm import QueuedJob, queued_jobs
from tui_runge.sweeps.variation import Variation

MOST_JOBS = 1024
OF_A_PLAN = (
    "vary",
    "zip",
    "seeds",
    "search",
    "minimise",
    "at",
    "preset",
    "config",
    "columns",
    "skip_rows",
    "validation_data",
    "name",
)
"""The options, beside the hyperparameters, that only a new plan can have."""
OF_A_SWEEP = ("resume", "status", "report", "watch")
"""The options that name a sweep which is planned already."""
MOST_NAMED = 20
"""Failed runs that are named at the end."""


def run(invocation: Invocation) -> int:
    """Plan and train a sweep, go on with one, or tell of one; the exit status.

    In a terminal a screen shows it, and another process trains.
    """
    own_size_counts(sys.stderr)
    arguments, sweeps = invocation.arguments, SweepsDirectory(invocation.runs_directory)
    try:
        check_slurm_options(arguments)
        if (status := _look_at(invocation, sweeps)) is not None:
            return status
        jobs = Integer(1, MOST_JOBS).parse("--jobs", arguments.jobs) if arguments.jobs else cores()
        if arguments.resume is not None:
            _refuse_plan_options(invocation, "--resume")
            plan = planned_part(sweeps.read(sweeps.find(arguments.resume)), arguments.only, sweeps)
        else:
            plan = _new_plan(invocation, sweeps)
        if plan.search is not None and not is_installed():
            raise ValueError(NOT_INSTALLED)
        if arguments.dry_run:
            return _print_plan(plan, invocation, jobs_of_cluster(plan, arguments) or jobs)
        if arguments.slurm is not None or arguments.sbatch:
            return submit_sweep(plan, sweeps, arguments)
    except ValueError as error:
        invocation.error(error)
    jobs, is_new = min(jobs, plan.size), arguments.resume is None
    if not (arguments.headless or arguments.json or arguments.only) and on_terminal():
        appearance_of(invocation, {})  # what no screen opens with is said before anything trains
        if is_new:
            sweeps.write(plan)
        return open_sweep(invocation, plan, SweepProcess.start(plan.name, sweeps, jobs))
    return _train(plan, sweeps, jobs, arguments)


def _look_at(invocation: Invocation, sweeps: SweepsDirectory) -> int | None:
    """Tell of a sweep that is planned already, if that is asked for; the exit status. Raises ValueError."""
    arguments = invocation.arguments
    asked = [f"--{name}" for name in OF_A_SWEEP if getattr(arguments, name) is not None]
    if len(asked) > 1:
        raise ValueError(f"{asked[0]} cannot go with {asked[1]}: give one of them")
    if arguments.status is not None:
        _refuse_plan_options(invocation, "--status")
        return _tell(sweeps, arguments.status, json=arguments.json)
    if arguments.report is not None:
        _refuse_plan_options(invocation, "--report")
        return report_sweep(invocation, sweeps)
    if arguments.out is not None:
        raise ValueError("--out is the folder of --report: the runs are kept in --runs-dir")
    if arguments.watch is not None:
        _refuse_plan_options(invocation, "--watch")
        return open_sweep(invocation, sweeps.read(sweeps.find(arguments.watch)))
    return None


def _refuse_plan_options(invocation: Invocation, flag: str) -> None:
    """Raise ValueError where an option is given that a sweep which is there already cannot heed."""
    given = vars(invocation.arguments)
    names = [name for name in (*OF_A_PLAN, *HYPERPARAMETERS) if given[name]]
    if names:
        raise ValueError(f"--{names[0].replace('_', '-')} is of a new sweep, and {flag} of one that is planned already")


def _new_plan(invocation: Invocation, sweeps: SweepsDirectory) -> SweepPlan:
    """The plan that is asked for; raises ValueError in one line."""
    arguments = invocation.arguments
    variations = [Variation.parse(text) for text in arguments.vary]
    seeds = Integer(1, MOST_RUNS).parse("--seeds", arguments.seeds or "1")
    if not variations and seeds == 1:
        raise ValueError("--vary NAME=VALUES or --seeds N must say what is varied; for a single run there is train")
    search = _search(arguments, variations, seeds)
    start = invocation.new_run()
    assert isinstance(start, New)
    at = invocation.planned_changes()
    return sweeps.new_plan(start.config, variations, seeds=seeds, zipped=arguments.zip, at=at, search=search)


def _search(arguments: Namespace, variations: Sequence[Variation], seeds: int) -> Search | None:
    """The search that is asked for, if one is; raises ValueError."""
    if arguments.search is None:
        if arguments.minimise is not None:
            raise ValueError("--minimise says what a search makes small: give --search N too")
        return None
    if arguments.zip:
        raise ValueError("--zip cannot be of a search, which chooses each value by itself")
    minimise = Choice(tuple(ERROR_LABELS)).parse("--minimise", arguments.minimise or "mse_df")
    points = Integer(1, MOST_RUNS).parse("--search", arguments.search)
    return Search(points, minimise, seeds, tuple(variation.show() for variation in variations))


def _print_plan(plan: SweepPlan, invocation: Invocation, jobs: int) -> int:
    """Print the runs that are planned, how many they are, and how long they will take."""
    if invocation.arguments.json:
        print_json(plan.to_json())
    else:
        ranges = [] if plan.search is None else [f"{text}\n" for text in plan.search.vary]
        sys.stdout.writelines(ranges + _lines([_planned(run, plan) for run in plan.runs]))
        sys.stdout.flush()
    seconds, source = estimate(plan, invocation.runs_directory, jobs)
    console = _console()
    workers = f"{min(jobs, plan.size)} at a time"
    console.print(f"{plan.size} runs, {workers}: about {format_duration(seconds)}, {source}", markup=False)
    return 0


def _planned(run: PlannedRun, plan: SweepPlan) -> tuple[str, ...]:
    return (run.name.removeprefix(f"{plan.name}-"), f"seed {run.seed}", show_setting(run.setting))


def _lines(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The rows of a table as lines; quick for very many."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]  # none of no rows
    return ["  ".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in rows]


def _train(plan: SweepPlan, sweeps: SweepsDirectory, jobs: int, arguments: Namespace) -> int:
    """Train what is left of a plan to the end or to a signal; the exit status."""
    console = _console()
    console.print(f"sweep {plan.name}: {plan.size} runs, {jobs} at a time", markup=False)
    try:
        if arguments.resume is None:
            sweeps.write(plan)
        with signals_received() as signals:

            def stopping() -> bool:
                return bool(signals)

            before = read_rows(plan, sweeps.runs)
            with sweep_display(plan, before, sweeps.runs, jobs, console) as display:
                plan = train_sweep(plan, sweeps.runs, LocalEngine(sweeps.runs, jobs, stopping), display, stopping)
    except KeyboardInterrupt:  # a second one: there is no time to say more
        return 130
    except OSError as error:
        console.print(f"runge-tui sweep: {write_problem(error, sweeps.folder(plan.name))}", markup=False)
        return 1
    rows = read_rows(plan, sweeps.runs)
    if arguments.json:
        print_json(_to_json(plan, rows))
    _print_end(console, plan, rows)
    if arguments.requeue and signals and signals[0] in TIME_IS_NEARLY_UP:
        requeue_task(before, rows, console)
    if signals:
        return 128 + signals[0]
    return 0 if all(row.status == "done" or row.diverged for row in rows) else 1


def _print_end(console: Console, plan: SweepPlan, rows: Sequence[SweepRow], queued: Sequence[QueuedJob] = ()) -> None:
    """Print how many runs have come to what end, those that failed by name, and who trains the rest or what to type."""
    number = counts(rows)
    failed = [row for row in rows if row.status == "failed"]
    for row in failed[:MOST_NAMED]:
        console.print(f"  {row.run.name} ({show_setting(row.run.setting)}): {row.ended_by}", markup=False)
    if failed[MOST_NAMED:]:
        console.print(f"  and {len(failed) - MOST_NAMED} more", markup=False)
    told = ", ".join(
        f"{number[status]} {status}" for status in ("done", "failed", "running", "waiting") if number[status]
    )
    console.print(f"sweep {plan.name}: {told} of {plan.size} runs", markup=False)
    for job in queued:
        console.print(f"  {job}", markup=False)
    if not queued and (number["waiting"] or len(rows) < plan.size or not all(row.diverged for row in failed)):
        console.print(f"to train the rest: runge-tui sweep --resume {plan.name}", markup=False)


def _tell(sweeps: SweepsDirectory, text: str, *, json: bool) -> int:
    """Print how far a sweep has come, or without a name all of them; raises ValueError."""
    names = [sweeps.find(text)] if text else sweeps.names()
    told = []
    for name in names:
        plan = sweeps.read(name)
        rows = read_rows(plan, sweeps.runs)
        if json:
            told.append(_to_json(plan, rows))
        else:
            _print_end(Console(highlight=False, soft_wrap=True), plan, rows, queued_jobs(sweeps.runs, name))
    if json:
        print_json(told[0] if text else told)
    return 0


def _to_json(plan: SweepPlan, rows: Sequence[SweepRow]) -> dict[str, Any]:
    """A sweep and its runs, null for what is not known."""
    return {
        "name": plan.name,
        "varied": plan.varied,
        "counts": counts(rows),
        "runs": [_row_to_json(row) for row in rows],
    }


def _row_to_json(row: SweepRow) -> dict[str, Any]:
    values = dataclasses.asdict(row)
    run = values.pop("run")
    if row.errors is not None:
        values["errors"] = {name: finite_or_none(value) for name, value in values["errors"].items()}
    return {**run, "setting": dict(row.run.setting), **values}


def _console() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=True)
