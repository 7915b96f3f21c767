"""The program as a server for browsers starts it: no terminal, and textual's packets on the standard streams."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pyte
import pytest

from tui_runge.runs.store import RunStore


class Page:
    """Runs the program as textual-serve does, and shows what a browser would."""

    def __init__(self, cwd: Path) -> None:
        self._screen = pyte.Screen(120, 36)
        self._stream = pyte.ByteStream(self._screen)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui_runge", "--runs-dir", "runs", "--epochs", "100000000"],
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ
            | {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver", "COLUMNS": "120", "ROWS": "36"}
            | {"LC_ALL": "C", "TERM": "dumb", "SSH_CONNECTION": "elsewhere"},  # of no terminal that shows it
        )
        assert self.process.stdout is not None
        self._output = self.process.stdout
        assert self._output.readline() == b"__GANGLION__\n"

    def send(self, kind: bytes, payload: bytes) -> None:
        """Send a packet: D for keys, M for what the server asks."""
        assert self.process.stdin is not None
        self.process.stdin.write(kind + len(payload).to_bytes(4, "big") + payload)
        self.process.stdin.flush()

    def close(self) -> None:
        """Close the stream that the packets come by, as a server does that is killed."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def until(self, text: str) -> None:
        """Show what comes until the screen has a text."""
        while text not in "\n".join(self._screen.display):
            kind, size = self._output.read(1), int.from_bytes(self._output.read(4), "big")
            assert kind, f"ended before {text!r}"
            payload = self._output.read(size)
            if kind == b"D":
                self._stream.feed(payload)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    page = Page(tmp_path)
    with page.process:
        yield page
        page.process.kill()


@pytest.mark.parametrize("gone", ["page", "server"])
def test_trains_without_a_terminal_and_ends_with_the_page_or_its_server(page: Page, tmp_path: Path, gone: str) -> None:
    page.until("● training")  # in letters beyond ASCII, whatever the locale of the server
    page.send(b"D", b"\x1a")
    page.until("not suspended")
    begun = monotonic()
    if gone == "page":
        page.send(b"M", json.dumps({"type": "quit"}).encode())
    else:
        page.close()
    page.process.wait(timeout=30)
    assert monotonic() - begun < 10  # half a second, on a machine that does nothing else
    (name,) = (runs := RunStore(tmp_path / "runs")).names()
    assert runs.summary(name).unfinished
    assert runs.read(name).progress.epoch > 0
