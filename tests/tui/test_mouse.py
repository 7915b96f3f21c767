"""The mouse: what a click and the wheel do, beside the keys."""

from functools import partial
from pathlib import Path

from textual.events import MouseScrollDown, MouseScrollUp

from tests.support.canned import CannedSession, keep, progress
from tests.support.pilot import Observer, observed
from tui_runge.core.commands import Pause
from tui_runge.core.config import Config
from tui_runge.core.run_start import New
from tui_runge.core.settings import load_settings
from tui_runge.runs.directory import RunsDirectory
from tui_runge.tui.app import RungeApp
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.screens.runs import RunsScreen
from tui_runge.tui.widgets.footer import Footer
from tui_runge.tui.widgets.knobs import KNOB_ROWS, Knobs


def made(runs: Path | None = None) -> RungeApp:
    first = progress("running")
    directory = RunsDirectory(runs) if runs else None
    return RungeApp(New(Config()), Path(), partial(CannedSession, first=first), runs_directory=directory)


async def scroll(pilot: Observer, target: str, *, down: bool) -> None:
    """Turn the wheel over a widget by a notch."""
    kind = MouseScrollDown if down else MouseScrollUp
    x, y = pilot.app.screen.query_one(target).region.center
    pilot.app.screen._forward_event(kind(None, int(x), int(y), 0, 0, 0, False, False, False))
    await pilot.pause()


async def test_a_click_chooses_a_chart_and_another_on_it_maximises_it() -> None:
    async with observed(app := made(), (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == "running")
        screen = app.main_screen
        await pilot.click("#chart-3")
        assert (screen.views.chosen, screen.chart_focused, screen.maximised) == (2, True, False)
        await pilot.click("#chart-4")
        assert (screen.views.chosen, screen.maximised) == (3, False)
        await pilot.click("#chart-4")
        assert screen.maximised


async def test_a_click_and_the_wheel_select_a_knob() -> None:
    async with observed(app := made(), (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == "running")
        screen = app.main_screen
        lines = str(screen.query_one(Knobs).content).splitlines()
        row = next(n for n, line in enumerate(lines) if "derivative weight" in line)
        await pilot.click("#knobs", offset=(5, row + 1))
        assert screen.knob_row.parameter.name == "derivative_weight"
        await scroll(pilot, "#knobs", down=True)
        assert KNOB_ROWS[screen.selected - 1].parameter.name == "derivative_weight"
        for _ in KNOB_ROWS:
            await scroll(pilot, "#knobs", down=False)
        assert screen.selected == 0


async def test_a_click_on_a_word_of_the_footer_does_it() -> None:
    async with observed(app := made(), (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == "running")
        words = str(app.screen.query_one(Footer).content)
        await pilot.click("#footer", offset=(words.index("Pause"), 0))
        assert isinstance(app.experiment.session, CannedSession)
        assert Pause() in app.experiment.session.sent
        await pilot.click("#footer", offset=(words.index("Help"), 0))
        assert app.screen is not app.main_screen


async def test_in_the_list_of_runs_a_click_and_the_wheel_move_the_cursor_and_two_clicks_open(tmp_path: Path) -> None:
    for name in "abc":
        keep(tmp_path, f"20261123-1712-{name}")
    async with observed(app := made(tmp_path), (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == "running")
        await pilot.press("v")
        screen = app.screen
        assert isinstance(screen, RunsScreen)
        await pilot.until(lambda: len(screen.table.runs) == 3)
        await pilot.press("slash")
        await pilot.click("#runlist", offset=(5, 3))
        assert (screen.table.cursor, screen.focused) == (2, None)
        await scroll(pilot, "#runlist", down=False)
        assert screen.table.cursor == 1
        await scroll(pilot, "#runlist", down=True)
        assert screen.table.cursor == 2
        await pilot.click("#runlist", offset=(5, 0))
        assert screen.table.cursor == 2
        await pilot.double_click("#runlist", offset=(5, 2))
        await pilot.until(lambda: app.screen is app.main_screen)


def test_the_mouse_can_be_left_to_the_terminal() -> None:
    assert Appearance.of(load_settings({}, {}), {}).mouse
    assert not Appearance.of(load_settings({"mouse": False}, {}), {}).mouse
    assert not Appearance.of(load_settings({}, {"RUNGE_TUI_MOUSE": "no"}), {}).mouse
