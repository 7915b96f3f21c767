"""The terminal's background colour, asked of the terminal itself while the program loads, which costs no time."""

import contextlib
import os
import re
import select
from collections.abc import Callable, Iterator, Mapping

QUERY = b"\x1b]11;?\x1b\\\x1b[c"
"""xterm's OSC 11, then a query that every terminal answers: what comes after that answer was typed by the user."""
ANSWER = re.compile(rb"\x1b\]11;rgba?:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})", re.IGNORECASE)
END = re.compile(rb"\x1b\[\?[0-9;]*c")
PATIENCE = 0.05
"""Seconds to wait for the rest of an answer that has begun."""
LUMA = (0.2126, 0.7152, 0.0722)


def worth_asking(environment: Mapping[str, str]) -> bool:
    """Whether the terminal may answer. It may do so too late, over a slow line: the screen then drops the answer."""
    return environment.get("TERM", "dumb") not in ("dumb", "linux")


@contextlib.contextmanager
def query_background(keyboard: int, screen: int) -> Iterator[Callable[[], bytes]]:
    """Ask the terminal behind two descriptors for its background; yields a function that reads what came, once.

    That is the answer, all or some of it or nothing, with what was typed before it: whoever reads the terminal next
    needs that too. Nothing is echoed meanwhile. Where the system has no termios nothing is asked.
    """
    try:
        import termios
    except ImportError:
        yield bytes
        return
    before = termios.tcgetattr(keyboard)
    quiet = [*before]
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(keyboard, termios.TCSANOW, quiet)
    try:
        os.write(screen, QUERY)
        yield lambda: _read_answer(keyboard)
    finally:
        termios.tcsetattr(keyboard, termios.TCSANOW, before)


def is_light(answer: bytes) -> bool | None:
    """Whether the colour in an answer is a light one; None where there is none."""
    colour = ANSWER.search(answer)
    if colour is None:
        return None
    parts = (int(part, 16) / (16 ** len(part) - 1) for part in colour.groups())
    return bool(sum(share * part for share, part in zip(LUMA, parts, strict=True)) > 0.5)


def _read_answer(keyboard: int) -> bytes:
    """What the terminal has answered by now, with the rest of an answer that has begun."""
    answer = b""
    while select.select([keyboard], [], [], PATIENCE if answer else 0)[0] and not END.search(answer):
        piece = os.read(keyboard, 1024)
        if not piece:
            break
        answer += piece
    return answer
