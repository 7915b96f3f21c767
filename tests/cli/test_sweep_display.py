"""What is shown while a sweep trains."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from tui_runge.cli import sweep_display
from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.plan import PlannedRun, make_plan
from tui_runge.sweeps.results import SweepRow
from tui_runge.sweeps.variation import Variation
from tui_runge.sweeps.worker import Outcome

PLAN = make_plan("20261125-2010-amber", Config(epochs=300), [Variation.parse("derivative_weight=1,10")], seeds=5)
ROWS = [SweepRow(run, "done" if number < 2 else "waiting") for number, run in enumerate(PLAN.runs)]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test changes."""
    now = [100.0]
    monkeypatch.setattr(sweep_display, "monotonic", lambda: now[0])
    return now


def test_a_file_gets_a_line_for_each_tenth_of_the_runs(tmp_path: Path, clock: list[float]) -> None:
    console = Console(file=io.StringIO(), width=80)
    with sweep_display.sweep_display(PLAN, ROWS, RunsDirectory(tmp_path), 2, console) as display:
        for number, run in enumerate(PLAN.runs[2:5]):
            display.began(0, run)
            clock[0] += 10
            display.look()
            display.ended(0, run, Outcome("stopped", "") if number else Outcome("failed", "diverged"))
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == "3/10 runs, 1 failed, 1:10 left\n"


def test_a_terminal_gets_a_bar_a_worker(tmp_path: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    def read_row(run: PlannedRun, folder: str) -> SweepRow:
        assert folder == str(tmp_path)
        return SweepRow(run, "running", 120, "", Errors(1, 1, 1, 1), 1500.0, 0.08)

    monkeypatch.setattr(sweep_display, "read_row", read_row)
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None, legacy_windows=False)
    with sweep_display.sweep_display(PLAN, ROWS, RunsDirectory(tmp_path), 2, console) as display:
        display.began(1, PLAN.runs[2])
        clock[0] += 1
        display.look()
        bars = display
        assert isinstance(bars, sweep_display._Bars)
        shown = [(str(task.fields["text"]), task.completed, task.total) for task in bars._bar.tasks]
    assert shown == [
        ("2/10 runs", 2, 10),
        ("loads torch", 0, 1),
        ("0003: 120/300 epochs, 1500/s, derivative_weight=1, …", 120, 300),
    ]
