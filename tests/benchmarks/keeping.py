"""What keeping or logging a run costs its training: `python -m tests.benchmarks.keeping` prints it, in three minutes.

Two runs take turns of some seconds on this machine, one of them kept or logged. Compared is the processor time of an
epoch, that of the thread which writes included: it is what training loses, and other programs disturb it less than the
clock.
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
from tui_runge.export.live_log import open_log
from tui_runge.runs.directory import RunsDirectory
from tui_runge.session.run import Run

ROUNDS = 7
START = New(Config(epochs=10**8))
YOUTH, TURN = 2000, 4.0
"""Epochs before the first turn, and seconds of each."""


def cost(run: Run) -> float:
    """The processor time of an epoch, in a turn of a run."""
    start, epochs, end = process_time(), 0, monotonic() + TURN
    while monotonic() < end:
        run.advance()
        epochs += 1
    return (process_time() - start) / epochs


def compare(title: str, run: Run) -> None:
    """Print by how much an epoch of a run costs more than one of a run that is neither kept nor logged."""
    alone = Run(START, (), NullRecorder)
    for each in (run, alone):
        for _ in range(YOUTH):
            each.advance()
    ratios = [cost(run) / cost(alone) for _ in range(ROUNDS)]
    for each in (run, alone):
        each.stop("stopped")
        each.release(10)
    low, middle, high = (100 * (ratio - 1) for ratio in quantiles(ratios, n=4))
    sys.stdout.write(f"{title}: {middle:.1f} % (quartiles {low:.1f} to {high:.1f} %)\n")


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compare("kept", Run(START, (), RunsDirectory(folder / "runs").record))
        for kind in ("tensorboard", "jsonl"):
            log = open_log(f"{kind}:{folder / kind}", every=1)
            compare(f"logged as {kind}", Run(START, (), NullRecorder, log=log.add))
            log.close(10)


if __name__ == "__main__":
    main()
