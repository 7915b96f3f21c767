"""The terminal as textual sees it: its answers are no keys."""

import os
import selectors
from codecs import getincrementaldecoder
from collections.abc import Iterable
from time import monotonic

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui_runge.tui.terminal_input import InputSplitter

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
    """Textual's driver for Linux and macOS; `typed` is what the terminal has sent before there was a driver."""

    typed = b""

    def run_input_thread(self) -> None:
        """Read the terminal and dispatch what the user does, until textual asks to stop or the terminal is gone."""
        splitter, parser = InputSplitter(), TokenParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode

        def dispatch(tokens: Iterable[str]) -> None:
            for token in tokens:
                for message in parser.feed(token):
                    self.process_message(message)

        typed, self.typed = self.typed, b""
        dispatch(splitter.feed(decode(typed), monotonic()))
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


def driver_class(typed: bytes) -> type[TerminalDriver]:
    """The class of a driver that first reads what the terminal has sent already."""

    class Driver(TerminalDriver):
        pass

    Driver.typed = typed
    return Driver
