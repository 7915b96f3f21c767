"""What the screen costs: `python -m tests.benchmarks.screen` prints ratios, each taken in one run on this machine."""

import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from tests.terminal import Terminal

ROUNDS = 5
SECONDS = 8.0
FOREVER = ("--epochs", "100000000")
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
from tui_runge.config import Config
from tui_runge.session import Report, Session, Stop
seen = threading.Semaphore(0)
epochs = []
session = Session(Config(epochs=10**8), lambda progress: (epochs.append(progress.epoch), seen.release()))
thread = threading.Thread(target=session.run)
thread.start()
marks = []
for pause in (2, {seconds}):
    time.sleep(pause)
    session.send(Report())
    seen.acquire()
    marks.append((time.perf_counter(), epochs[-1]))
session.send(Stop())
thread.join()
(then, first), (now, last) = marks
print((last - first) / (now - then))
"""


def first_frame(folder: Path) -> float:
    """Seconds until the program shows its title."""
    start = perf_counter()
    terminal = Terminal(*FOREVER, cwd=folder)
    terminal.until("runge-tui")
    seconds = perf_counter() - start
    terminal.press("q")
    terminal.end()
    return seconds


def bare_frame(folder: Path) -> float:
    """Seconds until a Textual app with one label shows it."""
    start = perf_counter()
    terminal = Terminal(cwd=folder, program=["-c", BARE])
    terminal.until("a label")
    seconds = perf_counter() - start
    terminal.press("\x11")
    terminal.end()
    return seconds


def speed_with_screen(folder: Path) -> float:
    """Epochs a second while the screen shows them, settled."""
    terminal = Terminal(*FOREVER, cwd=folder)
    terminal.until("● training")

    def mark(seconds: float) -> tuple[float, int]:
        deadline = perf_counter() + seconds
        while perf_counter() < deadline:
            terminal.read(0.05)
        found = re.search(r"epoch +([\d,]+) of", terminal.text)
        assert found is not None, terminal.text
        shown = found.group(1)
        terminal.until(lambda text: f"{shown} of" not in text)
        found = re.search(r"epoch +([\d,]+) of", terminal.text)
        assert found is not None, terminal.text
        return perf_counter(), int(found.group(1).replace(",", ""))

    (then, first), (now, last) = mark(2), mark(SECONDS)
    terminal.press("q")
    terminal.end()
    return (last - first) / (now - then)


def speed_without_screen() -> float:
    """Epochs a second of the same session in a process that shows nothing."""
    words = [sys.executable, "-c", HEADLESS.format(seconds=SECONDS)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frames = [first_frame(folder) / bare_frame(folder) for _ in range(ROUNDS)]
        print(f"first frame, against a bare Textual app    {statistics.median(frames):.2f} x")
        speeds = [speed_with_screen(folder) / speed_without_screen() for _ in range(ROUNDS)]
        print(f"epochs/s, against the same without screen  {statistics.median(speeds):.2f} x")


if __name__ == "__main__":
    main()
