"""The end by a signal, Ctrl-C or a terminal that is gone: what was trained is on the disk, and nothing is torn."""

import signal
from pathlib import Path
from time import monotonic

import pytest

from tests.support.terminal import Terminal
from tui_runge.runs.layout import HISTORY
from tui_runge.runs.store import RunStore


def training(tmp_path: Path) -> Terminal:
    terminal = Terminal("--epochs", "100000000", "--runs-dir", "runs", cwd=tmp_path)
    terminal.until("● training")
    return terminal


def is_whole(folder: Path) -> bool:
    """Whether the one run there was cut short, and its losses are those up to its checkpoint."""
    runs = RunStore(folder)
    (name,) = runs.names()
    last = (runs.path / name / HISTORY).read_text().splitlines()[-1]
    epoch = runs.read(name).progress.epoch
    return runs.summary(name).unfinished and runs.summary(name).epoch == epoch == int(last.partition(",")[0]) > 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_saves_and_ends(tmp_path: Path, number: signal.Signals) -> None:
    terminal = training(tmp_path)
    terminal.child.kill(number)
    assert terminal.end() == 128 + number
    assert is_whole(tmp_path / "runs")


def test_ctrl_c_saves_and_ends(tmp_path: Path) -> None:
    terminal = training(tmp_path)
    terminal.press("\x03")
    assert terminal.end() == 130
    assert is_whole(tmp_path / "runs")


def test_a_terminal_that_is_gone_ends_the_run_saved(tmp_path: Path) -> None:
    terminal = training(tmp_path)
    terminal.child.ptyproc.fileobj.close()
    deadline = monotonic() + 20
    while terminal.child.ptyproc.isalive():
        assert monotonic() < deadline, "did not end"
    assert is_whole(tmp_path / "runs")


def test_a_training_without_a_screen_ends_when_its_terminal_is_gone(tmp_path: Path) -> None:
    program = ("-m", "tui_runge", "train")
    terminal = Terminal("--epochs", "100000000", "--runs-dir", "runs", cwd=tmp_path, program=program)
    terminal.until("epochs/s")
    terminal.child.ptyproc.fileobj.close()
    deadline = monotonic() + 20
    while terminal.child.ptyproc.isalive():
        assert monotonic() < deadline, "did not end"
    assert terminal.child.ptyproc.exitstatus == 128 + signal.SIGHUP
    assert is_whole(tmp_path / "runs")
