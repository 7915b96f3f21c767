"""The terminal's background: asked of a terminal, and what comes of its answer."""

import os
import sys
from collections.abc import Iterator

import pytest

from tui_runge.cli.terminal_background import QUERY, is_light, query_background, worth_asking
from tui_runge.tui.themes import suitable_theme

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
LIGHT, DARK = b"\x1b]11;rgb:ffff/fafa/f0f0\x1b\\", b"\x1b]11;rgb:12/12/12\x07"
OTHER = b"\x1b[?62;22c"


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The two ends of a pseudo-terminal: the terminal's, and the program's."""
    ends = os.openpty()
    yield ends
    for end in ends:
        os.close(end)


@pytest.mark.parametrize(
    ("answer", "light"), [(LIGHT + OTHER, True), (DARK + OTHER, False), (OTHER, None), (b"", None), (b"typed", None)]
)
def test_a_terminal_is_asked_and_left_as_it_was(terminal: tuple[int, int], answer: bytes, light: bool | None) -> None:
    import termios

    there, here = terminal
    before = termios.tcgetattr(here)
    with query_background(here, here) as read_answer:
        assert os.read(there, 100) == QUERY
        if answer:
            os.write(there, answer)
        received = read_answer()
    assert received == answer
    assert is_light(received) is light
    assert termios.tcgetattr(here) == before
    os.set_blocking(there, False)
    with pytest.raises(BlockingIOError):  # nothing was echoed
        os.read(there, 100)


@pytest.mark.parametrize(
    ("answer", "light"),
    [(b"\x1b]11;rgb:8/8/8", True), (b"\x1b]11;rgba:7000/7000/7000/ffff", False), (b"rgb:f/f/f", None)],
)
def test_a_colour_of_any_length_is_understood(answer: bytes, light: bool | None) -> None:
    assert is_light(answer) is light


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm", "SSH_CONNECTION": "here"}, True),
        ({"TERM": "tmux", "SSH_CONNECTION": "here", "TMUX": "there"}, True),
        ({"TERM": "linux"}, False),
        ({}, False),
    ],
)
def test_only_who_worth_asking_is_asked(environment: dict[str, str], expected: bool) -> None:
    assert worth_asking(environment) is expected


def test_what_the_terminal_says_goes_before_what_the_environment_does() -> None:
    assert suitable_theme({"COLORFGBG": "15;0"}, True) == "light"
    assert suitable_theme({"COLORFGBG": "0;15"}, False) == "dark"
    assert suitable_theme({"COLORFGBG": "0;15"}, None) == "light"
