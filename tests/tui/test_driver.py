"""The real program in a terminal that answers late, that tells another size than the environment, and that is left."""

import os
import shlex
import signal
import sys
import termios
from pathlib import Path
from time import monotonic

import pytest

from tests.support.canned import CannedSession
from tests.support.pilot import observed
from tests.support.terminal import Terminal
from tui_runge.cli.terminal_background import QUERY
from tui_runge.core.config import Config
from tui_runge.core.run_start import New
from tui_runge.tui.app import RungeApp
from tui_runge.tui.driver import is_orphaned

FOREVER = ("--epochs", "100000000", "--hidden", "8", "--runs-dir", "runs")
LATE = b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\\x1b[?62;22c"
MODES = (1000, 1002, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2048)
"""The terminal's modes that are not on in a shell."""


def knobs(terminal: Terminal) -> list[str]:
    """The panel of the hyperparameters."""
    lines = [line[-36:] for line in terminal.text.splitlines()]
    first = next(n for n, line in enumerate(lines) if "optimizer" in line)
    return lines[first : first + 8]


def modes_left_on(output: bytes) -> list[int]:
    """The modes that what was written has set last, and not taken back."""
    return [mode for mode in MODES if output.rfind(b"\x1b[?%dh" % mode) > output.rfind(b"\x1b[?%dl" % mode)]


def wait_until_stopped(terminal: Terminal) -> None:
    """Wait until the process is stopped, and take in what it wrote before."""
    deadline = monotonic() + 20
    while os.waitpid(terminal.child.pid, os.WUNTRACED | os.WNOHANG) == (0, 0):
        assert monotonic() < deadline, f"was not stopped:\n{terminal.text}"
        terminal.read(0.05)
    settle(terminal)


def settle(terminal: Terminal) -> None:
    """Take in all that is written until nothing more comes."""
    length = -1
    while len(terminal.output) > length:
        length = len(terminal.output)
        terminal.read(0.3)


def paused(tmp_path: Path, keys: str = "", shown: str = "‖ paused") -> Terminal:
    """The program as the job of a shell, its picture standing still, after some keys."""
    terminal = Terminal(*FOREVER, cwd=tmp_path, shell=True)
    terminal.until("● training")
    terminal.press(" ")
    terminal.until("‖ paused")
    terminal.press(keys)
    terminal.until(shown)
    settle(terminal)
    return terminal


@pytest.mark.parametrize(
    ("connection", "pieces"),
    [("", 1), ("192.0.2.1 1 192.0.2.2 22", 3)],
    ids=["near", "over a slow line"],
)
def test_a_late_answer_presses_no_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, connection: str, pieces: int
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    if connection:
        monkeypatch.setenv("SSH_CONNECTION", connection)
    terminal = Terminal(*FOREVER, cwd=tmp_path)
    terminal.until("● training")
    assert QUERY in terminal.output
    before = knobs(terminal)
    size = -(-len(LATE) // pieces)
    for start in range(0, len(LATE), size):
        terminal.child.send(LATE[start : start + size])
        terminal.read(0.01)
    terminal.press(" ")
    terminal.until("‖ paused")
    assert knobs(terminal) == before
    terminal.press("q")
    assert terminal.end() == 0
    assert not (tmp_path / "runge-tui-exports").exists()
    assert len([*(tmp_path / "runs").glob("[!.]*")]) == 1


def test_what_is_typed_while_the_program_loads_arrives(tmp_path: Path) -> None:
    terminal = Terminal(*FOREVER, cwd=tmp_path)
    while QUERY not in terminal.output:
        assert terminal.read(1)
    terminal.child.send(b"W" + LATE + b"W")
    terminal.until("derivative weight 5")


def test_bytes_that_are_no_utf_8_end_nothing(tmp_path: Path) -> None:
    terminal = paused(tmp_path)
    terminal.child.send(b"\xff\xe9W")
    terminal.until("derivative weight 2")
    terminal.press("q")
    assert terminal.end() == 0


def test_the_size_of_the_terminal_counts_whatever_the_environment_says(tmp_path: Path) -> None:
    terminal = Terminal(*FOREVER, cwd=tmp_path, COLUMNS="40", LINES="10")
    terminal.until("● training")
    terminal.resize(100, 30)
    terminal.until(lambda text: text.rstrip().count("\n") == 29 and "● training" in text)
    terminal.press("q")
    assert terminal.end() == 0


def test_the_help_is_as_wide_as_the_terminal(tmp_path: Path) -> None:
    terminal = Terminal("--help", cwd=tmp_path, COLUMNS="40", size=(150, 200))
    assert terminal.end() == 0
    assert "folder in which each export makes a new one" in terminal.text  # in one line


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("", "‖ paused"),
        pytest.param("\r", "╭─ learning rate", marks=pytest.mark.slow),
        pytest.param("v", " by when", marks=pytest.mark.slow),
    ],
    ids=["the charts", "a dialogue", "the list of runs"],
)
def test_ctrl_z_suspends_and_coming_back_paints_all(tmp_path: Path, keys: str, shown: str) -> None:
    terminal = paused(tmp_path, keys, shown)
    picture = terminal.text
    terminal.press("\x1a")
    wait_until_stopped(terminal)
    assert termios.tcgetattr(terminal.child.child_fd) == terminal.settings
    assert modes_left_on(terminal.output) == []
    assert terminal.output.rfind(b"\x1b[?25h") > terminal.output.rfind(b"\x1b[?25l")
    assert terminal.output.rfind(b"\x1b[?7h") > terminal.output.rfind(b"\x1b[?7l")
    terminal.clear()
    terminal.child.kill(signal.SIGCONT)
    terminal.until(lambda text: text == picture, 8)
    if keys:
        terminal.press("\x1b")
        terminal.until(lambda text: shown not in text)
    terminal.press("q")
    assert terminal.end() == 0
    assert modes_left_on(terminal.output) == []


@pytest.mark.parametrize(
    ("group", "session", "parents_session", "orphaned"),
    [
        (7, 5, 5, False),  # a job of a shell
        (7, 5, 3, True),  # one whose shell is gone: the parent is another
        (7, 5, None, True),  # on a system that does not tell
        (5, 5, 5, True),  # what a script without jobs started, such as that of ssh
        (5, 5, 3, True),  # the first of the session
    ],
)
def test_ctrl_z_needs_a_shell_that_waits(
    monkeypatch: pytest.MonkeyPatch, group: int, session: int, parents_session: int | None, orphaned: bool
) -> None:
    def getsid(process: int) -> int:
        if process and parents_session is None:
            raise PermissionError
        return parents_session or 0 if process else session

    monkeypatch.setattr(os, "getpgrp", lambda: group)
    monkeypatch.setattr(os, "getsid", getsid)
    assert is_orphaned() == orphaned


async def test_where_the_program_cannot_be_suspended_it_says_so() -> None:
    app = RungeApp(New(Config()), Path(), CannedSession)
    async with observed(app) as pilot:
        await pilot.press("ctrl+z")
        await pilot.until(lambda: "not suspended: no shell waits that could bring it back" in pilot.messages)


@pytest.mark.slow
def test_where_no_shell_waits_ctrl_z_is_a_message(tmp_path: Path) -> None:
    terminal = Terminal(*FOREVER, cwd=tmp_path)  # the first of its session
    terminal.until("● training")
    terminal.press("\x1a")
    terminal.until("not suspended: no shell waits")
    terminal.child.kill(signal.SIGTSTP)
    terminal.press(" ")
    terminal.until("‖ paused")
    terminal.press("q")
    assert terminal.end() == 0


@pytest.mark.parametrize(
    "number",
    [signal.SIGTSTP, pytest.param(signal.SIGSTOP, marks=pytest.mark.slow)],
    ids=lambda number: number.name,
)
def test_after_a_stop_by_a_signal_all_is_painted_and_every_key_arrives_once(
    tmp_path: Path, number: signal.Signals
) -> None:
    terminal = paused(tmp_path)
    terminal.child.send(b"\x1b[?2048;2$y")  # a terminal that tells its size and the mouse's place in pixels
    while b"\x1b[?1016h" not in terminal.output:
        assert terminal.read(1)
    picture = terminal.text
    for _ in range(2):
        os.kill(terminal.job, number)
        wait_until_stopped(terminal)
        assert number == signal.SIGSTOP or modes_left_on(terminal.output) == []
        terminal.clear()
        terminal.child.kill(signal.SIGCONT)
        terminal.until(lambda text: text == picture, 8)
    terminal.press("WW")
    terminal.until("derivative weight 5")
    terminal.press("q")
    assert terminal.end() == 0
    assert modes_left_on(terminal.output) == []


@pytest.mark.slow
def test_it_comes_back_to_another_size(tmp_path: Path) -> None:
    terminal = paused(tmp_path)
    terminal.press("\x1a")
    wait_until_stopped(terminal)
    terminal.clear()
    terminal.resize(100, 30)
    terminal.child.kill(signal.SIGCONT)
    terminal.until(lambda text: "‖ paused" in text and "quit" in text.splitlines()[-1].lower())
    terminal.press("q")
    assert terminal.end() == 0


@pytest.mark.slow
def test_a_shell_gets_its_terminal_back_and_a_script_that_started_the_program_sleeps_too(tmp_path: Path) -> None:
    program = ("-c", "import os; os.execvp('bash', ['bash', '--norc', '--noprofile', '-i'])")
    terminal = Terminal(cwd=tmp_path, program=program, PS1="the shell> ")
    terminal.until("the shell>")
    command = shlex.join([sys.executable, "-m", "tui_runge", *FOREVER])
    terminal.press(f"sh -c {shlex.quote(command + '; true')}\n")
    terminal.until("● training")
    terminal.press(" ")
    terminal.until("‖ paused")
    terminal.press("\x1a")
    terminal.until("Stopped")
    terminal.clear()
    terminal.press("fg\n")
    terminal.until("‖ paused")
    terminal.press("q")
    terminal.until("the shell>")
    terminal.press("exit\n")
    terminal.end()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP], ids=lambda number: number.name)
def test_a_program_that_is_ended_asleep_leaves_the_terminal_as_it_was(tmp_path: Path, number: signal.Signals) -> None:
    terminal = paused(tmp_path)
    os.kill(terminal.job, number)
    wait_until_stopped(terminal)
    os.kill(terminal.job, signal.SIGTERM)
    terminal.child.kill(signal.SIGCONT)
    assert terminal.end() == 128 + signal.SIGTERM
    assert modes_left_on(terminal.output) == []
