"""Which runs of a sweep are left to train, and training them."""

from collections import Counter
from collections.abc import Callable, Sequence

from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.engine import Engine, Watcher
from tui_runge.sweeps.plan import PlannedRun, SweepPlan
from tui_runge.sweeps.results import Status, SweepRow, read_rows

PASSES = 2
"""Times that the runs are gone through: a crash may have cost one that had ended its last writing."""


def is_left(row: SweepRow) -> bool:
    """Whether a run is to be trained: it has not ended, and no other process trains it; one that diverged has ended."""
    return row.status == "waiting" or (row.status == "failed" and not row.diverged)


def runs_left(plan: SweepPlan, directory: RunsDirectory) -> list[PlannedRun]:
    """The runs of a plan that are to be trained."""
    return [row.run for row in read_rows(plan, directory) if is_left(row)]


def counts(rows: Sequence[SweepRow]) -> Counter[Status]:
    """How many runs there are of each status."""
    return Counter(row.status for row in rows)


def train_sweep(
    plan: SweepPlan, directory: RunsDirectory, engine: Engine, watcher: Watcher, stopping: Callable[[], bool]
) -> SweepPlan:
    """Train those runs of a plan that have not ended, and only those; the plan as it has grown. Raises OSError."""
    if plan.search is not None:
        from tui_runge.sweeps.search import SearchedRuns

        searched = SearchedRuns(plan, directory, watcher)
        engine.train(plan.name, searched, searched)
        plan = searched.plan
    for number in range(PASSES):
        rows = [row for row in read_rows(plan, directory) if is_left(row)]
        left = [row.run for row in rows if not (number and row.status == "failed")]
        if not left or stopping():
            break
        engine.train(plan.name, iter(left), watcher)
    return plan
