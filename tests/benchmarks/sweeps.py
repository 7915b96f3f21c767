"""What a sweep gains: `python -m tests.benchmarks.sweeps` prints it, in some minutes; with a number, of fewer runs.

The report's experiment with 300 epochs and a seed a run, in as many processes as there are cores: against as many
shells that each call `runge-tui train` again and again, and against training alone, which keeps and shows nothing. The
share is taken once every worker has torch.
"""

import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from time import monotonic, perf_counter

from tui_runge.core.config import Config
from tui_runge.core.run_start import New
from tui_runge.core.run_state import NullRecorder
from tui_runge.runs.directory import RunsDirectory
from tui_runge.session.unattended import train_unattended
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.local import LocalEngine, cores
from tui_runge.sweeps.plan import PlannedRun, make_plan
from tui_runge.sweeps.progress import train_sweep
from tui_runge.sweeps.results import read_rows
from tui_runge.sweeps.worker import Outcome

RUNS, EPOCHS, TURNS = 40, 300, 7
TRAIN = [sys.executable, "-m", "tui_runge", "train", "--no-config", "--epochs", str(EPOCHS)]


class Clock:
    """A watcher that notes when runs end."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.workers: set[int] = set()

    def began(self, worker: int, run: PlannedRun) -> None:
        pass

    def ended(self, worker: int, run: PlannedRun, outcome: Outcome) -> None:
        del run
        assert outcome.status == "done", outcome
        self.workers.add(worker)
        if len(self.workers) == cores():
            self.times.append(monotonic())

    def look(self) -> None:
        pass


def shells(folder: Path, runs: int) -> float:
    """The seconds of as many shells as there are cores, which train so many runs one after another."""
    line = f'for n in $(seq {runs // cores()}); do "$@" --seed $n --out {folder}/out-$0-$n 2>/dev/null >&2; done'
    start = monotonic()
    with ExitStack() as stack:
        for number in range(cores()):
            words = ["sh", "-c", line, str(number), *TRAIN, "--runs-dir", str(folder / "shells")]
            stack.enter_context(subprocess.Popen(words))
    return monotonic() - start


def sweep(folder: Path, runs: int) -> tuple[float, float]:
    """The seconds of a sweep of so many runs, and its epochs/s once all workers train."""
    place, watcher = RunsDirectory(folder / "sweep"), Clock()
    plan = make_plan("20261125-2010-amber", Config(epochs=EPOCHS), [], seeds=runs)
    start = monotonic()
    SweepsDirectory(place).write(plan)
    train_sweep(plan, place, LocalEngine(place, cores()), watcher, lambda: False)
    seconds = monotonic() - start
    assert all(row.status == "done" for row in read_rows(plan, place))
    return seconds, EPOCHS * (len(watcher.times) - 1) / (watcher.times[-1] - watcher.times[0])


def alone(runs: int) -> float:
    """The epochs/s of runs that are trained in this process and not kept, their making left out."""
    seconds = 0.0
    for seed in range(runs + 1):
        times: list[float] = []

        def note(times: list[float] = times) -> bool:
            times.append(perf_counter())
            return False

        train_unattended(New(Config(epochs=EPOCHS, seed=seed)), (), NullRecorder, perf_counter, note)
        seconds += times[-1] - times[0] if seed else 0.0  # the first is slower
    return (EPOCHS - 1) * runs / seconds


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(cores(), get_context("spawn")) as pool:
        by_hand = shells(Path(name), runs)
        took, _ = sweep(Path(name) / "whole", runs)
        shares = []
        for turn in range(TURNS):  # side by side, since other programs disturb the clock
            _, speed = sweep(Path(name) / str(turn), runs // 2)
            shares.append(speed / sum(pool.map(alone, [runs // 4 // cores()] * cores())))
    print(f"{runs} runs of {EPOCHS} epochs on {cores()} cores")
    print(f"shells {by_hand:.1f} s, sweep {took:.1f} s: {by_hand / took:.1f}x faster")
    low, middle, high = quantiles(shares, n=4)
    print(f"epochs/s of a sweep against training alone: {middle:.2f} (quartiles {low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else RUNS)
