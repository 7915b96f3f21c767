"""The real program in a pseudo-terminal, seen as a person sees it."""

import os
import sys
import termios
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

import pexpect
import pyte

SHELL = """
import os, signal, sys

child = os.fork()
if not child:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
while os.WIFSTOPPED(status := os.waitpid(child, os.WUNTRACED)[1]):
    os.kill(os.getpid(), signal.SIGSTOP)
    os.killpg(child, signal.SIGCONT)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A shell of one job: it stops when that stops, and wakes it when it is woken itself."""


class Terminal:
    """Runs `python -m tui_runge` with some options; `until` waits for what the screen shows.

    With a `shell` the program is its job, which can be suspended; else it is the first of its session.
    """

    def __init__(
        self,
        *options: str,
        cwd: Path,
        size: tuple[int, int] = (120, 36),
        program: Sequence[str] = ("-m", "tui_runge"),
        shell: bool = False,
        **environment: str,
    ) -> None:
        columns, rows = size
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.output = b""
        self.child = pexpect.spawn(
            sys.executable,
            [*(("-c", SHELL) if shell else ()), *program, *options],
            cwd=str(cwd),
            dimensions=(rows, columns),
            env=os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | environment,
        )
        self.settings = termios.tcgetattr(self.child.child_fd)

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self._screen.display)

    @property
    def job(self) -> int:
        """The process group in the foreground, which is the program's number where a shell runs it."""
        return os.tcgetpgrp(self.child.child_fd)

    def press(self, keys: str) -> None:
        """Send keys as a terminal does."""
        self.child.send(keys)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal."""
        self.child.setwinsize(rows, columns)
        self._screen.resize(rows, columns)

    def clear(self) -> None:
        """Forget what the screen shows."""
        self._screen.reset()

    def read(self, seconds: float) -> bool:
        """Take in output that arrives within some time; False when the program has ended."""
        try:
            chunk = self.child.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.output += chunk
        self._take(chunk)
        return True

    def _take(self, chunk: bytes) -> None:
        """Show what arrived."""
        self._stream.feed(chunk)

    def until(self, condition: str | Callable[[str], bool], seconds: float = 60) -> None:
        """Wait until the screen shows a text or meets a condition; AssertionError with the screen otherwise."""
        met = (lambda text: condition in text) if isinstance(condition, str) else condition
        deadline = monotonic() + seconds
        while not met(self.text):
            alive = self.read(0.2)
            assert alive or met(self.text), f"ended before {condition!r}:\n{self.text}"
            assert monotonic() < deadline, f"waited in vain for {condition!r}:\n{self.text}"

    def end(self, seconds: float = 60) -> int:
        """Wait for the program's end; its exit status."""
        deadline = monotonic() + seconds
        while self.read(0.2):
            assert monotonic() < deadline, f"did not end:\n{self.text}"
        self.child.close()
        status = self.child.exitstatus
        assert status is not None, f"killed by signal {self.child.signalstatus}"
        return int(status)
