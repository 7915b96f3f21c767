"""Killing any process of a sweep at any moment loses no run: it goes on bit for bit, and each is there once."""

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from tests.support.trained_runs import facts_of, train
from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.local import CRASHED, LocalEngine
from tui_runge.sweeps.plan import PlannedRun, make_plan
from tui_runge.sweeps.progress import train_sweep
from tui_runge.sweeps.results import read_rows
from tui_runge.sweeps.variation import Variation
from tui_runge.sweeps.worker import Outcome

NAME = "20261125-2010-amber"
KILLS = 10
LONGEST = 6.0
"""Seconds until a kill, at most: some fall into the start of the workers, some into their training."""
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="finds children in /proc")]


def workers_of(parent: int) -> list[int]:
    """The workers that a process has started."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            its_parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if its_parent == parent and b"spawn_main" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


class Killer:
    """A watcher that kills the worker of one run whenever it has begun."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._under_way = ""

    def began(self, worker: int, run: PlannedRun) -> None:
        del worker
        self._under_way = run.name

    def ended(self, worker: int, run: PlannedRun, outcome: Outcome) -> None:
        pass

    def look(self) -> None:
        for process in multiprocessing.active_children():
            if self._under_way == self._run:
                process.kill()


def test_a_run_that_crashes_twice_is_named_and_the_others_are_trained(tmp_path: Path) -> None:
    place = RunsDirectory(tmp_path / "runs")
    plan = make_plan(NAME, Config(hidden=(4,), epochs=20), [], seeds=3)
    SweepsDirectory(place).write(plan)
    train_sweep(plan, place, LocalEngine(place, 1), Killer(plan.runs[0].name), lambda: False)
    rows = read_rows(plan, place)
    assert [row.status for row in rows] == ["failed", "done", "done"]
    assert rows[0].ended_by == CRASHED
    train_sweep(plan, place, LocalEngine(place, 1), Killer(""), lambda: False)
    assert [row.status for row in read_rows(plan, place)] == ["done"] * 3


@pytest.mark.timeout(600)
def test_workers_and_sweeps_killed_at_random_moments_end_as_if_nothing_had_happened(tmp_path: Path) -> None:
    place, rng = RunsDirectory(tmp_path / "runs"), random.Random(int(os.environ.get("KILLED_SEED", "1")))
    base = Config(epochs=3000)
    plan = make_plan(NAME, base, [Variation.parse("hidden=20,20:32:16,16")], seeds=2)
    SweepsDirectory(place).write(plan)
    words = [sys.executable, "-m", "tui_runge", "sweep", "--resume", NAME, "--runs-dir", str(place.path), "--jobs", "2"]
    killed = 0
    while killed < KILLS:
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as sweep:
            try:
                sweep.wait(rng.uniform(0, LONGEST))
                shutil.rmtree(place.path / rng.choice(plan.runs).name)  # all have ended: there is to be more to kill
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.kill(rng.choice([sweep.pid, *workers_of(sweep.pid)]), signal.SIGKILL)
                killed += 1
                if rng.random() < 0.5:  # it may go on for a while without its worker
                    with suppress(subprocess.TimeoutExpired):
                        sweep.wait(LONGEST)
                sweep.kill()
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "6 done of 6 runs" in done.stderr
    names = [run.name for run in plan.runs]
    assert sorted(place.runs.names()) == names
    for run in plan.runs:
        alone = RunsDirectory(tmp_path / run.name)
        train(alone, plan.config(run))
        assert facts_of(place, run.name) == facts_of(alone, alone.runs.names()[0])
        assert not [*(place.path / run.name).rglob(".*")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_sweep_and_keeps_what_was_reached(tmp_path: Path, number: signal.Signals) -> None:
    place = RunsDirectory(tmp_path / "runs")
    plan = make_plan(NAME, Config(hidden=(4,), epochs=10**8), [], seeds=3)
    SweepsDirectory(place).write(plan)
    words = [sys.executable, "-m", "tui_runge", "sweep", "--resume", NAME, "--runs-dir", str(place.path), "--jobs", "2"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True) as sweep:
        while sum(row.epoch > 0 for row in read_rows(plan, place)) < 2:
            assert sweep.poll() is None
        workers, start = workers_of(sweep.pid), monotonic()
        if number == signal.SIGINT:  # as a terminal sends it, to all
            os.killpg(sweep.pid, number)
        else:
            sweep.send_signal(number)
        _, told = sweep.communicate(timeout=20)
        took = monotonic() - start
    assert (sweep.returncode, len(workers) == 2) == (128 + number, True)
    assert took < LONGEST  # a second, on a machine that does nothing else
    assert told.splitlines()[1:] == [
        f"sweep {NAME}: 3 waiting of 3 runs",
        f"to train the rest: runge-tui sweep --resume {NAME}",
    ]
    assert not any(Path("/proc", str(worker)).exists() for worker in workers)
    for run in plan.runs[:2]:
        assert place.runs.read(run.name).progress.status == "stopped"
