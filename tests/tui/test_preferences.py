"""Preferences: kept from one start to the next, and never at the cost of a file that is worth repairing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.canned import CannedSession, progress
from tests.support.pilot import Observer, observed
from tui_runge.core.config import Config
from tui_runge.core.run_start import New
from tui_runge.tui.app import RungeApp
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.keys import KEYS
from tui_runge.tui.preferences import Preferences, PreferencesStore, load, save
from tui_runge.tui.widgets.chart import Chart
from tui_runge.tui.widgets.footer import key_line

ANY = st.builds(
    Preferences,
    theme=st.text(),
    log=st.lists(st.booleans()).map(tuple),
    smoothing=st.lists(st.integers(0, 9)).map(tuple),
    chart=st.integers(0, 4),
    layout=st.text(),
    refresh=st.text(),
)


@given(ANY)
def test_what_is_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, preferences: Preferences) -> None:
    path = tmp_path_factory.mktemp("preferences") / "new" / "preferences.json"
    save(path, preferences)
    assert load(path) == preferences
    assert [file.name for file in path.parent.iterdir()] == ["preferences.json"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"version": 2}', '{"version": 1, "theme": 3}', '{"version": 1, "log": [1]}']
)
def test_a_broken_file_is_named_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "preferences.json"
    path.write_text(text)
    store = PreferencesStore(path)
    assert store.problem.startswith(f"{path}: ")
    assert store.preferences == Preferences()
    store.save(Preferences(), Preferences(theme="light"))
    assert path.read_text() == text


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "preferences.json"
    file.write_text('{"version": 1, "theme": "light"}', encoding="utf-8-sig")
    assert load(file).theme == "light"


def test_a_name_of_a_later_release_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    path.write_text('{"version": 1, "theme": "light", "colour": 3}')
    assert load(path) == Preferences(theme="light")


def test_a_place_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = PreferencesStore(tmp_path / "other" / "preferences.json")
    (tmp_path / "other").touch()
    store.save(Preferences(), Preferences(theme="light"))
    assert store.problem.startswith("preferences not saved: ")


def test_only_what_changed_is_written_over_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    save(path, Preferences(theme="light", chart=3))
    PreferencesStore(path).save(Preferences(theme="dark", chart=0), Preferences(theme="dark", chart=1))
    assert load(path) == Preferences(theme="light", chart=1)


def app(path: Path | None, appearance: Appearance = Appearance()) -> RungeApp:  # noqa: B008 - frozen
    session = partial(CannedSession, first=progress("paused"))
    return RungeApp(New(Config()), Path(), session, appearance=appearance, preferences=path)


@asynccontextmanager
async def started(app: RungeApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Observer]:
    """Run an app for a test that has shown its first progress: none arrives while the screen is taken down."""
    async with observed(app, size) as pilot:
        await pilot.until(lambda: app.experiment.state == "paused")
        yield pilot


async def test_the_choices_of_one_start_are_those_of_the_next(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    async with started(app(path)) as pilot:
        await pilot.press("t", "l", "4")
        assert not path.exists()
    first = load(path)
    assert (first.theme, first.log, first.chart) == ("light", (False, *[True] * 11), 3)
    async with started(again := app(path), (80, 24)) as pilot:
        await pilot.pause()
        assert again.theme == "light"
        assert [chart.id for chart in again.screen.query(Chart) if chart.display] == ["chart-4"]
    assert load(path) == first


async def test_the_layout_and_the_refresh_rate_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    async with started(app(path), (120, 36)) as pilot:
        await pilot.press("y", "y", "f")
    assert (load(path).layout, load(path).refresh) == ("charts", "fast")
    async with started(again := app(path), (120, 36)) as pilot:
        await pilot.pause()
        assert not again.main_screen.query_one("#panel").display
        assert again.preferences.refresh == "fast"
        await pilot.press("y")
        assert again.main_screen.query_one("#panel").display
        await pilot.press("y")
        assert [chart.display for chart in again.main_screen.query(Chart)] == [True, False, False, False, False]


async def test_a_rate_asked_for_goes_before_the_one_kept_but_does_not_replace_it(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    save(path, Preferences(refresh="fast"))
    async with started(asked := app(path, Appearance(refresh="slow"))) as pilot:
        assert asked.preferences.refresh == "slow"
        await pilot.press("2")
    assert load(path).refresh == "fast"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_footer_fits_and_keeps_help_and_quit(width: int) -> None:
    shown = key_line((key for key in KEYS if key.id != "resume"), width)
    assert shown.cell_length <= width
    assert {"Help", "Quit"} <= set(shown.plain.split())
    assert shown.plain.endswith("…") or "Log/linear" in shown.plain


async def test_a_start_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    async with started(app(tmp_path / "preferences.json")):
        pass
    assert not list(tmp_path.iterdir())


async def test_a_theme_asked_for_goes_before_the_one_kept_but_does_not_replace_it(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    save(path, Preferences(theme="light"))
    async with started(asked := app(path, Appearance(theme="dark"))) as pilot:
        assert asked.theme == "dark"
        await pilot.press("2")
    assert load(path).theme == "light"


async def test_a_theme_that_is_no_more_is_as_good_as_none(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    save(path, Preferences(theme="mauve"))
    async with started(forgotten := app(path, Appearance(fallback_theme="light"))):
        assert forgotten.theme == "light"


async def test_a_broken_file_is_a_message_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    path.write_text("{")
    async with started(app(path)) as pilot:
        await pilot.press("t")
        assert [note.title for note in pilot.notifications] == ["preferences not used, nor saved"]
    assert path.read_text() == "{"
