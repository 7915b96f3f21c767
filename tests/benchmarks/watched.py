"""The real program in a pseudo-terminal, with the time at which each piece of its output came."""

import re
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.support.terminal import Terminal

REDRAW = b"\x1b[?2026h"
"""Begins each redraw in terminals that say they show it at once, as this one does."""
SUPPORTS = "\x1b[?2026;2$y"
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]")


class Watched(Terminal):
    """Keeps output as it came, and interprets none of it: that would cost time on the cores that are measured."""

    def __init__(self, *options: str, cwd: Path, **how: Any) -> None:
        self._start = perf_counter()
        home = str(cwd)  # not the user's own preferences
        super().__init__(*options, cwd=cwd, XDG_STATE_HOME=home, XDG_CONFIG_HOME=home, **how)
        self.child.delaybeforesend = None  # 50 ms otherwise, which would be taken for the program's
        self.pieces: list[tuple[float, bytes]] = []
        self._supports = False

    @property
    def now(self) -> float:
        """Seconds since the program was started."""
        return perf_counter() - self._start

    def _take(self, chunk: bytes) -> None:
        self.pieces.append((self.now, chunk))
        if b"\x1b[?2026$p" in self.output and not self._supports:
            self._supports = True
            self.press(SUPPORTS)

    def look(self, seconds: float) -> None:
        """Read for some time."""
        end = self.now + seconds
        while (left := end - self.now) > 0:
            self.read(left)

    def wait(self, text: bytes, seconds: float = 60) -> float:
        """When the program first showed a text."""
        while (when := self.seen(text)) is None:
            assert self.now < seconds, f"waited in vain for {text!r}"
            self.read(0.5)
        return when

    def seen(self, text: bytes) -> float | None:
        """When the program first showed a text, if it did."""
        return next(iter(self.times(text)), None)

    def times(self, text: bytes) -> list[float]:
        """When pieces came that show a text."""
        return [when for when, piece in self.pieces if text in piece]

    def answer(self, key: str, text: bytes) -> float:
        """Seconds from a key to a text it shows anew."""
        before, pressed = len(self.pieces), self.now
        self.press(key)
        while not any(text in piece for _, piece in self.pieces[before:]):
            assert self.read(5), "the program has ended"
        return self.now - pressed

    def epoch(self) -> tuple[float, int]:
        """When an epoch was shown next, and which."""
        before = len(self.pieces)
        while True:
            assert self.read(5), "the program has ended"
            shown = ESCAPES.sub(b"", b"".join(piece for _, piece in self.pieces[before:]))
            if found := re.search(rb"epoch +([\d,]+) of", shown):
                return self.now, int(found.group(1).replace(b",", b""))

    def redraws(self, first: float, last: float) -> int:
        """The redraws between two times."""
        return sum(piece.count(REDRAW) for when, piece in self.pieces if first < when <= last)

    def bytes(self, first: float, last: float) -> int:
        """The bytes sent between two times."""
        return sum(len(piece) for when, piece in self.pieces if first < when <= last)

    def rest(self) -> None:
        """Read until the program ends."""
        while self.read(5):
            assert self.now < 120, "the program did not end"

    def quit(self) -> float:
        """Seconds from q to the program's end."""
        pressed = self.now
        self.press("q")
        self.rest()
        self.child.wait()
        return self.now - pressed
