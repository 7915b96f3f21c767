"""The browser as textual sees it, through a server that speaks textual's packets on the standard streams."""

import asyncio
import contextlib
import os
import signal
from functools import partial
from threading import Lock

from textual.app import App
from textual.drivers.web_driver import WebDriver


class BrowserDriver(WebDriver):
    """Textual's driver for browsers. A page that is closed ends the program as a terminal that is gone does."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._write = partial(_write_packet, self.fileno, Lock())

    def start_application_mode(self) -> None:
        """Start as textual does, but leave SIGTERM to whoever handled it before."""
        handler = signal.getsignal(signal.SIGTERM)
        super().start_application_mode()
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, handler)

    def run_input_thread(self) -> None:
        """Take what the page sends, until textual asks to stop or the server is gone."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            _hang_up()

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Do what the server asks for, which is to quit once the page is closed."""
        if packet_type == "quit":
            _hang_up()
        else:
            super().on_meta(packet_type, payload)


def _write_packet(descriptor: int, lock: Lock, packet: bytes) -> int:
    """Write a packet whole: pieces of a download are written by another thread, and a pipe would mix them."""
    rest = memoryview(packet)
    with lock, contextlib.suppress(BrokenPipeError):  # the end of the input tells that the server is gone
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    return len(packet)


def _hang_up() -> None:
    os.kill(os.getpid(), signal.SIGHUP)
