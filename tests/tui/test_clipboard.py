"""Copying: what is sent to the terminal's clipboard, and that it is said."""

import base64
import math

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from tests.support.canned import copper_progress, progress
from tests.tui.test_app import running
from tui_runge.tui.clipboard import numbers_table


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What an app without a terminal writes to it."""
    pieces: list[str] = []
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, data: pieces.append(data) if "]52;" in data else None)
    monkeypatch.delenv("TMUX", raising=False)
    return pieces


async def test_c_copies_what_is_under_the_crosshair(written: list[str]) -> None:
    async with running(progress("paused", epoch=20)) as (_, pilot):
        await pilot.press("1", "enter", "c")
        assert (pilot.messages, written) == (["there is no crosshair: the arrows move one"], [])
        await pilot.press("right", "c")
        (sequence,) = written
        text = base64.b64decode(sequence.removeprefix("\x1b]52;c;").removesuffix("\a")).decode()
        assert text.startswith("epoch 20   ")
        assert [note.title for note in pilot.notifications] == ["not copied", "sent"]


async def test_in_tmux_the_terminal_around_it_is_asked_too(written: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    async with running(progress("paused", epoch=20)) as (_, pilot):
        await pilot.press("C")
        plain, wrapped = written
        assert wrapped == "\x1bPtmux;\x1b" + plain + "\x1b\\"


def test_the_table_has_the_numbers_of_the_panel_exactly() -> None:
    shown = progress("finished", epoch=20, run="amber")
    rows = [line.split("\t") for line in numbers_table(shown).splitlines()]
    assert rows[:4] == [["run", "amber"], ["epoch", "20"], ["seconds", "0.9"], ["loss", "training", "validation"]]
    assert rows[4] == ["total", repr(shown.loss("train_total")), repr(shown.loss("validation_total"))]
    assert rows[7:9] == [["error", "now", "report"], ["MSE(f)", "2.31e-08", "2.31e-08"]]
    assert len(rows) == 12


def test_where_there_is_no_reference_there_is_no_column_for_one() -> None:
    rows = [line.split("\t") for line in numbers_table(copper_progress()).splitlines()]
    assert rows[0] == ["run", "not kept"]
    assert rows[7] == ["error", "now"]
    assert math.isnan(float(rows[9][1]))
