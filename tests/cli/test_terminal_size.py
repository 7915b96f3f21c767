"""Which size counts: that of the terminal, or that of the environment."""

import os
import struct
import sys
from collections.abc import Iterator
from io import StringIO
from typing import TextIO

import pytest

from tui_runge.cli.terminal_size import own_size_counts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[TextIO]:
    """A terminal of no size, in an environment that tells one."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "10")
    there, here = os.openpty()
    with open(here, "w") as stream:  # noqa: PTH123 - a descriptor has no path
        yield stream
    os.close(there)


def test_a_terminal_that_tells_its_size_has_that(terminal: TextIO) -> None:
    import fcntl
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 36, 120, 0, 0))
    own_size_counts(terminal)
    assert not {"COLUMNS", "LINES"} & set(os.environ)


def test_a_terminal_that_tells_none_has_that_of_the_environment(terminal: TextIO) -> None:
    own_size_counts(terminal)
    assert (os.environ["COLUMNS"], os.environ["LINES"]) == ("40", "10")


@pytest.mark.usefixtures("terminal")
def test_what_is_no_terminal_has_the_size_of_the_environment() -> None:
    own_size_counts(StringIO())
    assert (os.environ["COLUMNS"], os.environ["LINES"]) == ("40", "10")
