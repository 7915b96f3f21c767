"""What keeping a run costs its training: `python -m tests.benchmarks.keeping` prints it, in about two minutes.

Ratios of epochs a second with and without a record, taken in turn on this machine.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter, sleep

from tui_runge.commands import Report, Stop
from tui_runge.config import Config
from tui_runge.progress import Progress
from tui_runge.runs.place import Place
from tui_runge.saved import Keep, Unkept
from tui_runge.session import Session

ROUNDS = 15
YOUTH, SECONDS = 1.0, 3.0
NETWORKS = ((64, 64),)


def speed(hidden: tuple[int, ...], keep: Keep) -> float:
    """Epochs a second of a run that is no longer young."""
    published: list[tuple[float, int]] = []

    def publish(progress: Progress) -> None:
        published.append((perf_counter(), progress.epoch))

    session = Session(Config(hidden=hidden, epochs=10**8), publish, keep=keep)
    thread = Thread(target=session.run)
    thread.start()
    for pause in (YOUTH, SECONDS):
        sleep(pause)
        session.send(Report())
    sleep(0.1)
    session.send(Stop())
    thread.join()
    (then, first), (now, last), *_ = published
    return (last - first) / (now - then)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        for hidden in NETWORKS:
            pairs = [(speed(hidden, Place(Path(name)).keep), speed(hidden, Unkept)) for _ in range(ROUNDS)]
            ratios = sorted(kept / alone for kept, alone in pairs)
            text = ",".join(map(str, hidden))
            sys.stdout.write(f"| {text} | {median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f}) |\n")


if __name__ == "__main__":
    main()
