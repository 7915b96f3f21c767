"""What keeping or logging a run costs its training: `python -m tests.benchmarks.keeping` prints it, in two minutes.

Two runs take turns of some seconds on this machine, one of them kept. Compared is the processor time of an epoch, that
of the thread which writes included: it is what training loses, and other programs disturb it less than the clock. A log
costs so little that this would not show it: given is what its own thread took.
"""

import sys
import tempfile
from pathlib import Path
from statistics import quantiles
from time import monotonic, process_time, thread_time
from timeit import timeit

import torch

from tui_runge.core.config import Config
from tui_runge.core.history import SERIES
from tui_runge.core.run_start import New
from tui_runge.core.run_state import NullRecorder
from tui_runge.export.live_log import open_log
from tui_runge.runs.directory import RunsDirectory
from tui_runge.session.run import Run

ROUNDS = 7
START = New(Config(epochs=10**8))
YOUTH, TURN = 2000, 4.0
"""Epochs before the first turn, and seconds of each."""
LOGGED = 20.0
"""Seconds for which a log is measured."""


def cost(run: Run) -> float:
    """The processor time of an epoch, in a turn of a run."""
    start, epochs, end = process_time(), 0, monotonic() + TURN
    while monotonic() < end:
        run.advance()
        epochs += 1
    return (process_time() - start) / epochs


def keeping(folder: Path) -> None:
    """Print by how much an epoch of a run that is kept costs more than one of a run that is not."""
    kept, alone = Run(START, (), RunsDirectory(folder).record), Run(START, (), NullRecorder)
    for run in (kept, alone):
        for _ in range(YOUTH):
            run.advance()
    ratios = [cost(kept) / cost(alone) for _ in range(ROUNDS)]
    for run in (kept, alone):
        run.stop("stopped")
        run.release(10)
    low, middle, high = (100 * (ratio - 1) for ratio in quantiles(ratios, n=4))
    sys.stdout.write(f"kept: {middle:.1f} % (quartiles {low:.1f} to {high:.1f} %)\n")


def logging(kind: str, folder: Path) -> None:
    """Print what the thread of a log takes for an epoch, as a part of what the training does, and so does queueing."""
    log = open_log(f"{kind}:{folder / kind}", every=1)
    run = Run(START, (), NullRecorder, log=log.add)
    for _ in range(YOUTH):
        run.advance()
    queueing = timeit(lambda: log.add("", 1, (0.0,) * len(SERIES)), number=YOUTH) / YOUTH
    every, own, epochs, end = process_time(), thread_time(), 0, monotonic() + LOGGED
    while monotonic() < end:
        run.advance()
        epochs += 1
    training = thread_time() - own
    writing = process_time() - every - training
    log.close(10)
    shares = (100 * part / training for part in (writing, queueing * epochs))
    sys.stdout.write("logged as {}: {:.2f} % to write, {:.2f} % to queue\n".format(kind, *shares))


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        keeping(Path(name, "runs"))
        for kind in ("tensorboard", "jsonl"):
            logging(kind, Path(name))


if __name__ == "__main__":
    main()
