"""The real program, end to end, in a pseudo-terminal."""

import json
import os
import sys
import termios
from pathlib import Path
from time import monotonic

import pytest

from tests.terminal import Terminal
from tui_runge.export import FILES

FOREVER = ("--epochs", "100000000")


def leaves_the_terminal_as_it_was(terminal: Terminal) -> bool:
    """The alternate screen is left, the cursor is back, and so are the line settings."""
    restored = terminal.output.rstrip()
    left = restored.rfind(b"\x1b[?1049l") > restored.rfind(b"\x1b[?1049h")
    visible = restored.rfind(b"\x1b[?25h") > restored.rfind(b"\x1b[?25l")
    return left and visible


def test_it_trains_exports_and_quits(tmp_path: Path) -> None:
    terminal = Terminal("--epochs", "60", "--out", "results", cwd=tmp_path)
    terminal.until("loading torch")
    terminal.until("✓ finished")
    terminal.until("60 of 60")
    terminal.press("e")
    terminal.until("exported to")
    (folder,) = (tmp_path / "results").iterdir()
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert json.loads((folder / "metrics.json").read_text())["epochs"] == 60
    before = termios.tcgetattr(terminal.child.child_fd)
    terminal.press("q")
    assert terminal.end() == 0
    assert leaves_the_terminal_as_it_was(terminal)
    assert before != terminal.settings


def test_a_knob_turned_while_it_trains_acts_on_the_run(tmp_path: Path) -> None:
    terminal = Terminal(*FOREVER, cwd=tmp_path)
    terminal.until("● training")
    terminal.press("W")
    terminal.until("weight     2")
    terminal.press(" ")
    terminal.until("‖ paused")
    terminal.press("eD")
    terminal.until("64-64-64")
    terminal.until("exported to")
    (folder,) = (tmp_path / "runge-tui-exports").iterdir()
    (change,) = json.loads((folder / "metrics.json").read_text())["changes"]
    assert (change["name"], change["before"], change["after"]) == ("derivative_weight", 1, 2)
    terminal.press("q")
    assert terminal.end() == 0


@pytest.mark.parametrize(
    ("state", "keys"),
    [("loading torch", ""), ("● training", ""), ("● training", " "), ("● training", "e"), ("● training", "?")],
    ids=["loading", "training", "paused", "exporting", "help"],
)
def test_quitting_in_any_state_leaves_the_terminal_as_it_was(tmp_path: Path, state: str, keys: str) -> None:
    terminal = Terminal(*FOREVER, cwd=tmp_path)
    terminal.until(state)
    terminal.press(keys)
    if keys == "?":
        terminal.until("esc back")
        terminal.press("q")
        terminal.until(lambda text: "esc back" not in text)
    terminal.press("q")
    assert terminal.end() == 0
    assert leaves_the_terminal_as_it_was(terminal)


def test_a_terminal_of_twenty_by_five(tmp_path: Path) -> None:
    terminal = Terminal(*FOREVER, cwd=tmp_path, size=(20, 5))
    terminal.until("larger")
    terminal.child.setwinsize(36, 120)
    terminal._screen.resize(36, 120)
    terminal.until("● training")
    terminal.press("q")
    assert terminal.end() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads the processor time from /proc")
def test_a_terminal_that_stops_reading_does_not_stop_the_training(tmp_path: Path) -> None:
    terminal = Terminal(*FOREVER, cwd=tmp_path)
    terminal.until("● training")
    busy = processor_seconds(terminal.child.pid)
    deadline = monotonic() + 60
    # What the screen sends meanwhile fills every buffer on the way, and then the screen waits; the training does not.
    while processor_seconds(terminal.child.pid) < busy + 6:
        assert monotonic() < deadline, "the training stopped"
    terminal.press("q")
    assert terminal.end() == 0
    assert leaves_the_terminal_as_it_was(terminal)


def processor_seconds(pid: int) -> float:
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
