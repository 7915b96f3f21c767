"""The progress of a sweep without a screen, on standard error: bars on a terminal, plain lines elsewhere."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from tui_runge.core.text import shorten
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.numbers import format_duration
from tui_runge.sweeps.engine import Watcher
from tui_runge.sweeps.plan import PlannedRun, SweepPlan, show_setting
from tui_runge.sweeps.progress import is_left
from tui_runge.sweeps.results import SweepRow, read_row
from tui_runge.sweeps.worker import Outcome

BAR_WIDTH = 16
PERIOD = 0.5
"""Seconds between two looks at how far the runs under way have come."""


@contextmanager
def sweep_display(
    plan: SweepPlan, rows: Sequence[SweepRow], runs: RunsDirectory, jobs: int, console: Console
) -> Iterator[Watcher]:
    """What shows how a sweep is trained whose rows stood so before.

    On a terminal that is a bar a worker and one of all, elsewhere a line for each tenth of the runs.
    """
    tally = _Tally(rows, plan.size)
    if not console.is_terminal:
        yield _Lines(tally, console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(BAR_WIDTH), TextColumn("{task.fields[text]}"))
    with Bar(*columns, console=console, transient=True, refresh_per_second=2) as bar:
        yield _Bars(plan, tally, bar, jobs, runs)


class _Tally:
    """How many runs have ended, and how long the others will take."""

    def __init__(self, rows: Sequence[SweepRow], total: int) -> None:
        self.total = total
        self.ended = sum(not is_left(row) for row in rows)
        self.failed = sum(row.diverged for row in rows)
        self._ended_before = self.ended
        self._start = monotonic()

    def add(self, outcome: Outcome) -> None:
        """Count a run that has ended."""
        self.ended += outcome.status != "stopped"
        self.failed += outcome.status == "failed"

    def __str__(self) -> str:
        """The numbers in one line, with the time left at the pace so far."""
        now = self.ended - self._ended_before
        seconds = (monotonic() - self._start) / now * max(0, self.total - self.ended) if now else 0.0
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.ended}/{self.total} runs{failed}" + (f", {format_duration(seconds)} left" if seconds else "")


class _Lines:
    """Prints a line whenever another tenth of the runs has ended."""

    def __init__(self, tally: _Tally, console: Console) -> None:
        self._tally = tally
        self._console = console
        self._printed = 10 * tally.ended // max(1, tally.total)

    def began(self, worker: int, run: PlannedRun) -> None:
        pass

    def ended(self, worker: int, run: PlannedRun, outcome: Outcome) -> None:
        del worker, run
        self._tally.add(outcome)
        tenths = 10 * self._tally.ended // self._tally.total
        if tenths > self._printed:
            self._console.print(str(self._tally), markup=False)
            self._printed = tenths

    def look(self) -> None:
        pass


class _Bars:
    """Shows a bar a worker, by what the folder of its run says, and one of all runs."""

    def __init__(self, plan: SweepPlan, tally: _Tally, bar: Bar, jobs: int, runs: RunsDirectory) -> None:
        self._plan = plan
        self._tally = tally
        self._bar = bar
        self._folder = str(runs.path)
        self._all = bar.add_task("all", total=tally.total, completed=tally.ended, text=str(tally))
        self._tasks = [bar.add_task(f"worker {n + 1}", total=1, text="loads torch") for n in range(jobs)]
        self._runs: dict[int, PlannedRun] = {}
        self._looked = 0.0

    def began(self, worker: int, run: PlannedRun) -> None:
        self._runs[worker] = run

    def ended(self, worker: int, run: PlannedRun, outcome: Outcome) -> None:
        del run
        self._tally.add(outcome)
        self._runs.pop(worker, None)

    def look(self) -> None:
        if monotonic() - self._looked < PERIOD:
            return
        self._looked = monotonic()
        self._bar.update(self._all, total=self._tally.total, completed=self._tally.ended, text=str(self._tally))
        for worker, run in self._runs.items():
            self._show(self._tasks[worker], run)

    def _show(self, task: TaskID, run: PlannedRun) -> None:
        row, epochs = read_row(run, self._folder), self._plan.config(run).epochs
        speed = "" if row.epochs_per_second is None else f", {row.epochs_per_second:.0f}/s"
        number, setting = run.name.removeprefix(f"{self._plan.name}-"), show_setting(run.setting)
        text = f"{number}: {row.epoch}/{epochs} epochs{speed}, {setting}, seed {run.seed}"
        room = self._bar.console.width - len("worker 99") - BAR_WIDTH - 3
        text = shorten(text, room) if row.errors else "loads torch"
        self._bar.update(task, total=epochs, completed=row.epoch, text=text)
