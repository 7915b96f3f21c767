"""A recording shows in a terminal emulator what the screen shows, frame by frame."""

import json
from dataclasses import replace

import pyte
import pytest

from tests.support.canned import copper_progress, progress
from tui_runge.core.progress import Progress
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.recording import asciicast, screens

SIZE = (100, 30)
EPOCHS = (0, 3, 40)
STATES = [replace(progress("running", epoch=epoch, run="amber"), seconds=float(epoch)) for epoch in EPOCHS]


def played(cast: bytes) -> list[list[str]]:
    """The rows that a terminal emulator shows after each event but the last."""
    header, *events = map(json.loads, cast.splitlines())
    screen = pyte.Screen(header["width"], header["height"])
    stream = pyte.Stream(screen)
    shown = []
    for _, kind, text in events[:-1]:
        assert kind == "o"
        stream.feed(text)
        shown.append(list(screen.display))
    return shown


def alone(rows: list[str]) -> list[str]:
    """What a terminal emulator shows of a whole screen."""
    return played(asciicast([rows], SIZE, 1, ""))[0]


async def test_each_frame_is_what_the_screen_shows() -> None:
    shown = await screens(STATES, SIZE, Appearance())
    cast = asciicast(shown, SIZE, 6, "runge-tui")
    frames = played(cast)
    assert frames == [alone(rows) for rows in shown]
    for epoch, frame in zip(EPOCHS, frames, strict=True):
        assert f"epoch   {epoch} of 1,200" in "\n".join(frame)
    assert "training" in frames[0][1]
    header, *events = map(json.loads, cast.splitlines())
    assert (header["version"], header["width"], header["height"]) == (2, *SIZE)
    assert [at for at, _, _ in events] == [0.0, 2.0, 4.0, 6]
    assert len(events[1][2]) < len(events[0][2])  # only rows that changed


@pytest.mark.slow
@pytest.mark.parametrize("states", [[copper_progress("finished")], [replace(STATES[0], status="diverged")]])
async def test_every_kind_of_run_is_shown_at_any_size(states: list[Progress]) -> None:
    for size in ((60, 20), (200, 50)):
        (rows,) = await screens(states, size, Appearance(ascii=True))
        (frame,) = played(asciicast([rows], size, 1, ""))
        assert (len(frame), len(frame[0])) == size[::-1]
        assert "\n".join(frame).isascii()
