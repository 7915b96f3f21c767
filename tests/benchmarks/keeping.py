"""What keeping a run costs its training: `python -m tests.benchmarks.keeping` prints it, in about a minute.

Two runs take turns of some seconds on this machine, one of them kept. Compared is the processor time of an epoch, that
of the thread which writes included: it is what training loses, and other programs disturb it less than the clock.
"""

import sys
import tempfile
from pathlib import Path
from statistics import quantiles
from time import monotonic, process_time

import torch

from tui_runge.core.config import Config
from tui_runge.core.run_start import New
from tui_runge.core.run_state import NullRecorder
from tui_runge.runs.directory import RunsDirectory
from tui_runge.session.run import Run

ROUNDS = 7
YOUTH, TURN = 2000, 4.0
"""Epochs before the first turn, and seconds of each."""


def cost(run: Run) -> float:
    """The processor time of an epoch, in a turn of a run."""
    start, epochs, end = process_time(), 0, monotonic() + TURN
    while monotonic() < end:
        run.advance()
        epochs += 1
    return (process_time() - start) / epochs


def main() -> None:
    torch.set_num_threads(1)
    config = Config(epochs=10**8)
    with tempfile.TemporaryDirectory() as name:
        kept, alone = Run(New(config), (), RunsDirectory(Path(name)).record), Run(New(config), (), NullRecorder)
        for run in (kept, alone):
            for _ in range(YOUTH):
                run.advance()
        ratios = [cost(kept) / cost(alone) for _ in range(ROUNDS)]
        for run in (kept, alone):
            run.stop("stopped")
            run.release(10)
    low, middle, high = quantiles(ratios, n=4)
    sys.stdout.write(f"{100 * (middle - 1):.1f} % (quartiles {100 * (low - 1):.1f} to {100 * (high - 1):.1f} %)\n")


if __name__ == "__main__":
    main()
