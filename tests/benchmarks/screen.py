"""What the screen costs: `python -m tests.benchmarks.screen` prints the table under Light, in about two minutes.

The real program runs in a pseudo-terminal of 120 x 36; ratios are medians of runs taken in turn on this machine.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import cycle, pairwise
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from tests.benchmarks.watched import Watched

ROUNDS = 3
STARTS = 7
SECONDS = 6.0
FOREVER = ("--epochs", "100000000")
KEYS = ("W", "w")
"""Keys that change a line of the panel which nothing else changes, there and back; `ECHO` is in that line."""
ECHO = b"weight"
BARE = """
from textual.app import App
from textual.widgets import Label
class Bare(App):
    def compose(self):
        yield Label("a label")
Bare().run()
"""
HEADLESS = """
import threading, time
from tui_runge.core.config import Config
from tui_runge.core.commands import RequestProgress, Stop
from tui_runge.core.run_start import New
from tui_runge.session.session import Session
seen = threading.Semaphore(0)
epochs = []
session = Session(New(Config(epochs=10**8)), lambda progress: (epochs.append(progress.epoch), seen.release()))
thread = threading.Thread(target=session.run)
thread.start()
marks = []
for pause in (3, {seconds}):
    time.sleep(pause)
    session.send(RequestProgress())
    seen.acquire()
    marks.append((time.perf_counter(), epochs[-1]))
session.send(Stop())
thread.join()
(then, first), (now, last) = marks
print((last - first) / (now - then))
"""
MEMORY = """
import tracemalloc
from tui_runge.core.history import SERIES, History
tracemalloc.start()
history = History()
for epoch in range(1_000_000):
    history.append((1.0 / (epoch + 1),) * len(SERIES))
print(tracemalloc.get_traced_memory()[0] / 1e6)
"""


class Measured:
    """What the rounds measured, a list for each row of the table."""

    def __init__(self) -> None:
        self.speed: list[float] = []
        self.speed_of_pages: tuple[list[float], ...] = ([], [])
        self.young: list[float] = []
        self.settled: list[float] = []
        self.keys: list[float] = []
        self.sent: list[float] = []
        self.sent_slowly: list[float] = []
        self.memory: list[float] = []
        self.freeze: list[float] = []
        self.frame: list[float] = []
        self.loss: list[float] = []
        self.quit: list[float] = []


def seconds(command: Callable[[], object]) -> float:
    start = perf_counter()
    command()
    return perf_counter() - start


def python(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout


def start(folder: Path, measured: Measured) -> None:
    """The first frame against that of a bare app, and the first loss against torch's import."""
    bare = Watched(cwd=folder, program=["-c", BARE])
    bare.wait(b"a label")
    bare.press("\x11")
    bare.rest()
    ours = Watched(*FOREVER, cwd=folder)
    measured.frame.append(ours.wait(b"runge-tui") / bare.wait(b"a label"))
    shown = ours.wait("● training".encode())
    measured.loss.append(shown / seconds(lambda: python("import torch")))
    measured.quit.append(ours.quit())


def settled(folder: Path, measured: Measured) -> None:
    """A long run: its speed against that without a screen, redraws, bytes, and keys while it trains."""
    terminal = Watched(*FOREVER, cwd=folder)
    first = terminal.wait("● training".encode())
    terminal.look(2)
    measured.young.append(terminal.redraws(first, first + 2) / 2)
    terminal.look(1)
    then, before = terminal.epoch()
    terminal.look(SECONDS)
    now, after = terminal.epoch()
    measured.settled.append(terminal.redraws(then, now) / (now - then))
    measured.sent.append(terminal.bytes(then, now) / (now - then))
    for key, _ in zip(cycle(KEYS), range(40), strict=False):
        measured.keys.append(terminal.answer(key, ECHO))
        terminal.look(0.05)
    measured.quit.append(terminal.quit())
    measured.speed.append((after - before) / (now - then) / float(python(HEADLESS.format(seconds=SECONDS))))


def pages(folder: Path, measured: Measured) -> None:
    """The speed with the second page of charts open, then with the third."""
    speeds = []
    for turns in (1, 2):
        place = folder / f"page {turns}"  # its preferences are its own
        place.mkdir(exist_ok=True)
        terminal = Watched(*FOREVER, cwd=place)
        terminal.wait("● training".encode())
        for _ in range(turns):
            terminal.press("m")
            terminal.look(0.5)
        terminal.look(3)
        then, before = terminal.epoch()
        terminal.look(SECONDS)
        now, after = terminal.epoch()
        terminal.quit()
        speeds.append((after - before) / (now - then))
    alone = float(python(HEADLESS.format(seconds=SECONDS)))
    for speed, found in zip(speeds, measured.speed_of_pages, strict=True):
        found.append(speed / alone)


def slow(folder: Path, measured: Measured) -> None:
    """Bytes with --slow; and beside it, since neither looks at the clock, the memory of a long history."""
    history = subprocess.Popen([sys.executable, "-c", MEMORY], stdout=subprocess.PIPE, text=True)
    terminal = Watched(*FOREVER, "--slow", cwd=folder)
    terminal.wait("● training".encode())
    terminal.look(3)
    then = terminal.now
    terminal.look(SECONDS)
    measured.sent_slowly.append(terminal.bytes(then, terminal.now) / (terminal.now - then))
    terminal.quit()
    measured.memory.append(float(history.communicate()[0]))


def freeze(folder: Path, measured: Measured) -> None:
    """The longest time without an answer to keys pressed all the time, from the first frame until it trains."""
    terminal = Watched(*FOREVER, cwd=folder)
    terminal.wait(b"runge-tui")
    keys = cycle(KEYS)
    trains: float | None = None
    while trains is None or terminal.now < trains + 0.5:
        terminal.press(next(keys))
        terminal.look(0.015)
        trains = trains or terminal.seen("● training".encode())
    answers = terminal.times(ECHO)
    measured.freeze.append(max(after - before for before, after in pairwise(answers)))
    measured.quit.append(terminal.quit())


def table(measured: Measured) -> str:
    """The table in Markdown."""
    rows = [
        ("epochs/s against no screen, settled", "0.88", "0.96", f"{median(measured.speed):.2f}"),
        *(
            (f"the same with the {name} page of charts open", "0.85", "0.93", f"{median(speeds):.2f}")
            for name, speeds in zip(("second", "third"), measured.speed_of_pages, strict=True)
        ),
        ("redraws a second while young", "8", "15", f"{median(measured.young):.0f}"),
        ("redraws a second, settled", "2", "5", f"{median(measured.settled):.1f}"),
        ("key to screen, p95", "60 ms", "30 ms", f"{1000 * quantiles(measured.keys, n=20)[-1]:.0f} ms"),
        ("bytes to the terminal a second, settled", "20 KB", "8 KB", f"{median(measured.sent) / 1000:.1f} KB"),
        ("the same with `--slow`", "3 KB", "1 KB", f"{median(measured.sent_slowly) / 1000:.1f} KB"),
        ("longest freeze of the keys", "300 ms", "50 ms", f"{1000 * median(measured.freeze):.0f} ms"),
        ("first frame, against a bare Textual app", "1.6x", "1.3x", f"{median(measured.frame):.2f}x"),
        ("first loss, against `import torch`", "1.5x", "1.2x", f"{median(measured.loss):.2f}x"),
        ("history's memory after 1,000,000 epochs", "10 MB", "1 MB", f"{median(measured.memory):.2f} MB"),
        ("quit while training", "0.5 s", "0.3 s", f"{median(measured.quit):.2f} s"),
    ]
    head = ["| while the report's run trains, 120x36 | at least | reach for | measured |", "| --- | --- | --- | --- |"]
    return "\n".join(head + [f"| {' | '.join(row)} |" for row in rows])


def main() -> None:
    measured = Measured()
    with tempfile.TemporaryDirectory() as name:
        for measure in (*(start,) * STARTS, *(settled, pages, freeze) * ROUNDS, slow):
            measure(Path(name), measured)
    print(table(measured))


if __name__ == "__main__":
    main()
