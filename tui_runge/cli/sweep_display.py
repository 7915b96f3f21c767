"""The progress of a sweep without a screen, on standard error: bars on a terminal, plain lines elsewhere."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.numbers import format_duration
from tui_runge.sweeps.engine import Watcher
from tui_runge.sweeps.plan import PlannedRun, show_setting
from tui_runge.sweeps.progress import is_left
from tui_runge.sweeps.results import SweepRow, read_row
from tui_runge.sweeps.worker import Outcome

PERIOD = 0.5
"""Seconds between two looks at how far the runs under way have come."""


@contextmanager
def sweep_display(
    rows: Sequence[SweepRow], total: int, runs: RunsDirectory, jobs: int, console: Console
) -> Iterator[Watcher]:
    """What shows how a sweep of so many runs is trained, some of which stood so before.

    On a terminal that is a bar a worker and one of all, elsewhere a line for each tenth of the runs.
    """
    tally = _Tally(rows, total)
    if not console.is_terminal:
        yield _Lines(tally, console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[text]}"))
    with Bar(*columns, console=console, transient=True, refresh_per_second=2) as bar:
        yield _Bars(tally, bar, jobs, runs)


class _Tally:
    """How many runs have ended, and how long the others will take."""

    def __init__(self, rows: Sequence[SweepRow], total: int) -> None:
        self.total = total
        self.ended = sum(not is_left(row) for row in rows)
        self.failed = sum(row.ended_by == "diverged" for row in rows)
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

    def __init__(self, tally: _Tally, bar: Bar, jobs: int, runs: RunsDirectory) -> None:
        self._tally = tally
        self._bar = bar
        self._folder = str(runs.path)
        self._all = bar.add_task("all", total=tally.total, completed=tally.ended, text=str(tally))
        self._tasks = [bar.add_task(f"worker {n + 1}", total=None, text="loading torch") for n in range(jobs)]
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
        row = read_row(run, self._folder)
        speed = "" if row.epochs_per_second is None else f", {row.epochs_per_second:.0f} epochs/s"
        text = f"{run.name.rpartition('-')[2]} {show_setting(run.setting)}, seed {run.seed}: epoch {row.epoch}{speed}"
        self._bar.update(task, text=text)
