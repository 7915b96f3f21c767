"""The real program, end to end, in a pseudo-terminal."""

import json
import os
import sys
import termios
from pathlib import Path
from time import monotonic

import pytest

from tests.support.terminal import Terminal
from tui_runge.export.layout import FILES

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


@pytest.mark.slow
def test_a_knob_turned_while_it_trains_acts_on_the_run(tmp_path: Path) -> None:
    terminal = Terminal(*FOREVER, cwd=tmp_path)
    terminal.until("● training")
    terminal.press("W")
    terminal.until("derivative weight 2")
    terminal.press(" ")
    terminal.until("‖ paused")
    terminal.press("eDr")
    terminal.until("64–64–64–1")
    terminal.until("exported to")
    (folder,) = (tmp_path / "runge-tui-exports").iterdir()
    (change,) = json.loads((folder / "metrics.json").read_text())["changes"]
    assert (change["name"], change["before"], change["after"]) == ("derivative_weight", 1, 2)
    terminal.press("q")
    assert terminal.end() == 0


@pytest.mark.parametrize(
    ("state", "keys"),
    [
        ("loading torch", ""),
        ("● training", ""),
        ("● training", " "),
        ("● training", "e"),
        pytest.param("● training", "?", marks=pytest.mark.slow),
    ],
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


def test_an_export_asked_for_right_before_the_end_is_begun(tmp_path: Path) -> None:
    terminal = Terminal(*FOREVER, cwd=tmp_path)
    terminal.until("● training")
    terminal.press("eq")
    assert terminal.end() == 0
    assert len(list((tmp_path / "runge-tui-exports").iterdir())) == 1


def test_a_key_that_cannot_be_ends_the_start_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[keys]\nquit = "r"\n')
    terminal = Terminal("--config", str(file), cwd=tmp_path)
    assert terminal.end() == 2
    assert "[keys] of the configuration file: r cannot stand for both restart and quit" in terminal.text


def test_what_is_chosen_is_kept_and_a_key_of_ones_own_works(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[screen]\nascii = true\n[keys]\nquit = "z"\n')
    terminal = Terminal(*FOREVER, "--config", str(file), cwd=tmp_path, XDG_STATE_HOME=str(tmp_path))
    terminal.until("* training")
    assert terminal.text.isascii()
    terminal.press("tz")
    assert terminal.end() == 0
    assert json.loads((tmp_path / "runge-tui" / "preferences.json").read_text())["theme"] == "light"


def test_a_terminal_of_twenty_by_five(tmp_path: Path) -> None:
    terminal = Terminal(*FOREVER, cwd=tmp_path, size=(20, 5))
    terminal.until("larger")
    terminal.resize(120, 36)
    terminal.until("● training")
    terminal.press("q")
    assert terminal.end() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads the processor time from /proc")
@pytest.mark.slow
def test_a_terminal_that_stops_reading_does_not_stop_the_training(tmp_path: Path) -> None:
    terminal = Terminal(*FOREVER, cwd=tmp_path)
    terminal.until("● training")
    is_locked = processor_seconds(terminal.child.pid)
    deadline = monotonic() + 60
    # What the screen sends meanwhile fills every buffer on the way, and then the screen waits; the training does not.
    while processor_seconds(terminal.child.pid) < is_locked + 6:
        assert monotonic() < deadline, "the training stopped"
    terminal.press("q")
    assert terminal.end() == 0
    assert leaves_the_terminal_as_it_was(terminal)


def processor_seconds(pid: int) -> float:
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
