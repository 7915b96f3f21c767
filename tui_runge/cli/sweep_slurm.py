"""What `runge-tui sweep` does with a Slurm cluster: submits, prints a script, and trains a task's part there."""

import dataclasses
import shutil
import sys
from argparse import Namespace
from collections.abc import Sequence

from rich.console import Console

from tui_runge.cli.output import write_problem
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.engine import NullWatcher
from tui_runge.sweeps.plan import SweepPlan
from tui_runge.sweeps.progress import runs_left
from tui_runge.sweeps.results import SweepRow
from tui_runge.sweeps.selection import parse_numbers
from tui_runge.sweeps.slurm import (
    SlurmEngine,
    SlurmOptions,
    queued_jobs,
    requeue,
    sbatch_script,
    submissions_folder,
)


def check_slurm_options(arguments: Namespace) -> None:
    """Raise ValueError where options of a cluster stand beside such as they cannot go with."""
    if arguments.only is not None and arguments.resume is None:
        raise ValueError("--only is of a sweep that is planned already: give --resume SWEEP too")
    if arguments.slurm is None and not arguments.sbatch:
        return
    flag = "--sbatch" if arguments.sbatch else "--slurm"
    if arguments.jobs is not None:
        raise ValueError(f"{flag} leaves --jobs to each task: give cpus_per_task=N")
    for name in ("status", "watch", "report", "only", "requeue", "json"):
        if getattr(arguments, name) not in (None, False):
            raise ValueError(f"{flag} cannot go with --{name}")


def jobs_of_cluster(plan: SweepPlan, arguments: Namespace) -> int:
    """How many runs of a plan a cluster would train at once, 0 if none is asked for; raises ValueError."""
    if arguments.slurm is None and not arguments.sbatch:
        return 0
    options = SlurmOptions.parse(arguments.slurm or "")
    return options.number_of_tasks(plan.size) * options.cores


def planned_part(plan: SweepPlan, only: str | None, sweeps: SweepsDirectory) -> SweepPlan:
    """A plan that is resumed, or those of its runs that one task trains; raises ValueError."""
    if only is None:
        for job in queued_jobs(sweeps.runs, plan.name):
            raise ValueError(f"sweep {plan.name} is trained by {job}: wait for it, or type scancel {job.number}")
        return plan
    if plan.search is not None:
        raise ValueError("--only is not of a search, whose runs are not known before they are trained")
    numbers = parse_numbers(only, len(plan.runs))
    return dataclasses.replace(plan, runs=tuple(plan.runs[number - 1] for number in numbers))


def submit_sweep(plan: SweepPlan, sweeps: SweepsDirectory, arguments: Namespace) -> int:
    """Have Slurm train what is left of a plan, or print the script for that; the exit status.

    Of a new plan that Slurm does not take nothing is left. Raises ValueError in one line.
    """
    options, folder, new = SlurmOptions.parse(arguments.slurm or ""), sweeps.folder(plan.name), arguments.resume is None
    engine = SlurmEngine(sweeps.runs, options)
    if plan.search is not None:
        raise ValueError("a search chooses each setting by the errors of others, so that tasks cannot share it")
    if not arguments.sbatch:
        engine.check()
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    left = runs_left(plan, sweeps.runs)
    if not left:
        console.print(f"sweep {plan.name}: none of {plan.size} runs is left to train", markup=False)
        return 0
    try:
        if new:
            sweeps.write(plan)
        if arguments.sbatch:
            submissions_folder(sweeps.runs, plan.name).mkdir(exist_ok=True)
            sys.stdout.write(sbatch_script(sweeps.runs, plan.name, iter(left), options))
            sys.stdout.flush()
            told = f"sweep {plan.name}: {len(left)} runs; give what is printed to sbatch, in a file or by a pipe"
        else:
            engine.train(plan.name, iter(left), NullWatcher())
            told = f"sweep {plan.name}: {len(left)} runs, job {engine.job} of Slurm"
    except (OSError, ValueError) as error:
        if new:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            console.print(f"runge-tui sweep: {write_problem(error, folder)}", markup=False)
            return 1
        raise
    console.print(told, markup=False)
    console.print(f"to see how far it has come: runge-tui sweep --status {plan.name}", markup=False)
    return 0


def requeue_task(before: Sequence[SweepRow], after: Sequence[SweepRow], console: Console) -> None:
    """Put this task's job into the queue again, unless its time is too short to get any further; say so."""
    if [(row.status, row.epoch) for row in before] == [(row.status, row.epoch) for row in after]:
        reason = "in its time no run got any further"
    else:
        reason = requeue()
    console.print(f"not in Slurm's queue again: {reason}" if reason else "in Slurm's queue again", markup=False)
