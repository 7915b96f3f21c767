"""The terminal as textual sees it: its answers are no keys, and it can be left for a while, and come back to."""

import contextlib
import os
import selectors
import signal
import termios
from codecs import getincrementaldecoder
from collections.abc import Iterable
from time import monotonic

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui_runge.tui.terminal_input import InputSplitter

LATEST_ANSWER = 5.0
"""Seconds for which the answer to what the terminal was asked at the start is expected."""
LONGEST_SEQUENCE = 32
"""Characters after which textual takes an escape sequence for keys."""


class TokenParser(XTermParser):
    """Textual's parser, given whole sequences: it waits for no more, and what it does not know presses no keys."""

    def feed(self, data: str) -> Iterable[Message]:
        """The messages for one token."""
        is_sequence = data.startswith("\x1b[") and len(data) > 2
        if is_sequence and len(data) > LONGEST_SEQUENCE:
            return
        yield from super().feed(data)
        if self._timeout_time is not None:
            self._timeout_time = 0.0
            unknown = list(self.tick())
            if not is_sequence:
                yield from unknown


class TerminalDriver(LinuxDriver):
    """Textual's driver for Linux and macOS, which reads on where the question of the background stopped.

    `typed` is what the terminal had sent by then, None once it is read.
    """

    typed: bytes | None = None

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._watch_signals()

    @property
    def can_suspend(self) -> bool:
        """Whether there is a shell to wake the process; the first of a container cannot be stopped at all."""
        return os.getpid() != 1 and not is_orphaned()

    def run_input_thread(self) -> None:
        """Read the terminal and dispatch what the user does, until textual asks to stop or the terminal is gone."""
        typed, self.typed = self.typed, None
        splitter = InputSplitter(answer_until=0.0 if typed is None else monotonic() + LATEST_ANSWER)
        parser = TokenParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode

        def dispatch(tokens: Iterable[str]) -> None:
            for token in tokens:
                for message in parser.feed(token):
                    self.process_message(message)

        dispatch(splitter.feed(decode(typed or b""), monotonic()))
        with selectors.SelectSelector() as selector:  # on macOS the others do not know terminals
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if not selector.select(0.1):
                    dispatch(splitter.tick(monotonic()))
                    continue
                received = os.read(self.fileno, 4096)
                if not received:
                    return
                dispatch(splitter.feed(decode(received), monotonic()))

    def _disable_mouse_support(self) -> None:
        super()._disable_mouse_support()
        if self._mouse_pixels:  # textual leaves it on
            self.write("\x1b[?1016l")

    def _suspend(self) -> None:
        """Give the terminal back, stop with all the processes of the shell's job, and come back when woken."""
        if not self.can_suspend or not self._reads:
            return
        self.suspend_application_mode()
        self._signal_job(signal.SIGTSTP)
        self._loop.remove_signal_handler(signal.SIGCONT)
        os.kill(os.getpid(), signal.SIGSTOP)
        self._resume()

    def _woken(self) -> None:
        """Come back from a stop by SIGSTOP, which no process is told of: others have used the terminal since."""
        if self._reads and self._has_terminal:  # whoever loses its terminal is woken too
            self.suspend_application_mode()
            self._resume()

    def _resume(self) -> None:
        """Take the terminal again, once the shell gives it, and paint all of it."""
        while not self._reads:
            if not self._has_terminal:
                return
            self.resume_application_mode()  # stops the process again where it is in the background
        self._signal_job(signal.SIGCONT)
        self._app.call_later(self._app.refresh)

    @property
    def _has_terminal(self) -> bool:
        try:
            termios.tcgetattr(self.fileno)
        except termios.error:
            return False
        return True

    @property
    def _reads(self) -> bool:
        return self._key_thread is not None and self._key_thread.is_alive()

    def _signal_job(self, number: signal.Signals) -> None:
        """Send a signal to the other processes of the job, such as a script that started this one."""
        with contextlib.suppress(OSError):  # the terminal may not be that of a shell
            if os.tcgetpgrp(self.fileno) == os.getpgrp():
                signal.signal(number, signal.SIG_IGN)
                os.killpg(os.getpgrp(), number)
        self._watch_signals()

    def _watch_signals(self) -> None:
        # Textual's own handlers are called in the middle of whatever runs, which may be holding the lock they need.
        self._loop.add_signal_handler(signal.SIGTSTP, self._suspend)
        self._loop.add_signal_handler(signal.SIGCONT, self._woken)


def is_orphaned() -> bool:
    """Whether no shell waits for the process group, as where the program itself is what `ssh -t host` runs.

    The system calls a group orphaned in which no process has its parent in another group of the session, and lets
    ctrl+z stop none of it. Where a script started the program, the script's parent is the shell, taken to be there.
    """
    session = os.getsid(0)
    if os.getpgrp() == session:
        return True  # the parent of a session's first process is in another session
    try:
        return os.getsid(os.getppid()) != session
    except OSError:  # some systems do not tell of other sessions
        return True


def driver_class(typed: bytes) -> type[TerminalDriver]:
    """The class of a driver that first reads what the terminal has sent already."""

    class Driver(TerminalDriver):
        pass

    Driver.typed = typed
    return Driver
