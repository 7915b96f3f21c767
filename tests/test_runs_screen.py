"""The list of runs, the comparison, and what their keys do."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.support.canned import CannedSession, keep, progress
from tests.support.pilot import Observer, observed
from tui_runge.core.commands import Pause
from tui_runge.core.config import Config
from tui_runge.core.run_start import New, Resume
from tui_runge.core.run_state import RunState
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.store import RunStore
from tui_runge.tui.app import RungeApp
from tui_runge.tui.runs_table import COLUMNS, fitted, name_cell
from tui_runge.tui.screens.compare import Compare
from tui_runge.tui.screens.main import MainScreen
from tui_runge.tui.screens.runs import RunsScreen

AMBER, BIRCH, CEDAR = "20261123-1712-amber", "20261123-1713-birch", "20261123-1714-cedar"
SIZES = [(60, 20), (80, 24), (120, 36), (200, 50)]
SOME_SIZES = [*SIZES[1:3], *(pytest.param(size, marks=pytest.mark.slow) for size in SIZES[::3])]
"""For what is seldom looked at: all of them among the slow tests."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three runs: one as by default, one of another weight, one that was cut short."""
    keep(tmp_path, AMBER)
    keep(tmp_path, BIRCH, progress("finished", 30, Config(derivative_weight=10.0)), note="the best so far")
    keep(tmp_path, CEDAR, progress("paused", 15, Config(activation="sin")))
    return tmp_path


def made(folder: Path | None) -> RungeApp:
    runs_directory = None if folder is None else RunsDirectory(folder)
    return RungeApp(
        New(Config()), Path(), partial(CannedSession, first=progress("running")), runs_directory=runs_directory
    )


@asynccontextmanager
async def listing(
    folder: Path, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[RungeApp, RunsScreen, Observer]]:
    """The app with the list of a folder's runs open and read."""
    app = made(folder)
    async with observed(app, size) as pilot:
        await pilot.until(lambda: app.experiment.state == "running")
        await pilot.press("v")
        screen = app.screen
        assert isinstance(screen, RunsScreen)
        await settled(app, pilot)
        yield app, screen, pilot


async def settled(app: RungeApp, pilot: Pilot[None]) -> None:
    """Wait for what reads or changes files."""
    await pilot.pause()
    while busy := [worker for worker in app.workers if worker.group in ("reading", "changing", "opening")]:
        await app.workers.wait_for_complete(busy)
        await pilot.pause()
    await pilot.pause()


def names(screen: RunsScreen) -> list[str]:
    return [run.name for run in screen.table.runs]


async def test_runs_are_listed_sorted_and_filtered(folder: Path) -> None:
    async with listing(folder) as (_, screen, pilot):
        assert sorted(names(screen)) == [AMBER, BIRCH, CEDAR]
        while COLUMNS[screen.table.sorted[0]].title != "epochs":
            await pilot.press("greater_than_sign")
        assert names(screen) == [CEDAR, AMBER, BIRCH]
        await pilot.press("r")
        assert names(screen) == [BIRCH, AMBER, CEDAR]
        await pilot.press("slash", *"best")
        assert names(screen) == [BIRCH]
        await pilot.press("escape")
        assert len(names(screen)) == 3
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_marked_runs_are_deleted_once_confirmed(folder: Path) -> None:
    async with listing(folder) as (app, screen, pilot):
        await pilot.press("space", "space", "d", "n")
        assert len(RunStore(folder).names()) == 3
        left = names(screen)[2]
        await pilot.press("d", "y")
        await settled(app, pilot)
        assert RunStore(folder).names() == [left] == names(screen)


async def test_a_folder_that_cannot_be_listed_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with listing(tmp_path / "file") as (app, screen, _):
        assert names(screen) == []
        (told,) = [notification.message for notification in app._notifications]
        assert told == f"cannot list the runs in {tmp_path / 'file'}: Not a directory"


async def test_a_run_removed_under_the_list_is_told_of(folder: Path) -> None:
    async with listing(folder) as (app, screen, pilot):
        name = names(screen)[0]
        shutil.rmtree(folder / name)
        await pilot.press("home", "n")
        app.screen.query_one(Input).value = "look again"
        await pilot.press("enter")
        await settled(app, pilot)
        assert f"run {name} is gone: it was removed or renamed" in [each.message for each in app._notifications]
        assert name not in names(screen)


async def test_a_run_is_noted_and_renamed(folder: Path) -> None:
    async with listing(folder) as (app, screen, pilot):
        await pilot.press("home")
        name = names(screen)[0]
        await pilot.press("n")
        app.screen.query_one(Input).value = "look again"
        await pilot.press("enter")
        await settled(app, pilot)
        assert RunStore(folder).summary(name).note == "look again"
        await pilot.press("home", "m")
        app.screen.query_one(Input).value = "zinc"
        await pilot.press("enter")
        await settled(app, pilot)
        assert any(name.endswith("-zinc") for name in names(screen))


async def test_an_unfinished_run_opens_paused_with_its_configuration(folder: Path) -> None:
    async with listing(folder) as (app, _, pilot):
        await pilot.press("slash", *"cedar", "enter", "enter")
        await settled(app, pilot)
        assert isinstance(app.experiment.session, CannedSession)
        opened, paused = app.experiment.session.sent[-2:]
        assert isinstance(opened, Resume)
        assert opened.run_state.progress.run == CEDAR
        assert paused == Pause()
        assert app.experiment.config.activation == "sin"


async def test_a_broken_run_is_listed_and_not_opened(folder: Path) -> None:
    (folder / AMBER / "metrics.json").write_text("{")
    async with listing(folder) as (app, screen, pilot):
        await pilot.press("slash", *"broken", "enter", "enter")
        assert names(screen) == [AMBER]
        assert app.screen is screen


async def test_marked_runs_become_ghosts(folder: Path) -> None:
    async with listing(folder) as (app, _, pilot):
        await pilot.press("space", "space", "g")
        await settled(app, pilot)
        assert len(app.main_screen.ghosts) == 2
        assert app.screen is app.main_screen


async def test_marked_runs_are_compared(folder: Path) -> None:
    async with listing(folder) as (app, _, pilot):
        await pilot.press("c")
        assert isinstance(app.screen, RunsScreen)
        await pilot.press("space", "space", "space", "c")
        await settled(app, pilot)
        assert isinstance(app.screen, Compare)
        facts = str(app.screen.query_one("#table", Static).content)
        assert "derivative weight" in facts
        assert "activation" in facts
        await pilot.press("tab", "escape")
        await settled(app, pilot)
        assert isinstance(app.screen, RunsScreen)


async def test_no_runs_and_no_place_are_said(tmp_path: Path) -> None:
    async with listing(tmp_path / "none") as (_, screen, _pilot):
        assert "there are none yet" in str(screen.query_one("#heading", Static).content)
    app = made(None)
    async with app.run_test() as pilot:
        await pilot.press("v")
        assert app.screen is app.main_screen


@pytest.mark.parametrize("width", [58, 78, 118, 198])
def test_the_columns_fill_the_width(width: int) -> None:
    assert sum(cells + 1 for _, cells in fitted(width, 16)) == width


@pytest.mark.parametrize(
    ("width", "notes", "words"),
    [
        (118, 0, {"differs"}),
        (118, 16, {"note", "differs"}),
        (118, 30, {"note"}),  # both do not fit
        (118, 48, {"note"}),
        (118, 49, {"differs"}),
        (78, 16, set()),
        (198, 30, {"note", "differs"}),
    ],
)
def test_notes_stand_before_the_differences_whole_or_not_at_all(width: int, notes: int, words: set[str]) -> None:
    shown = {column.title: cells for column, cells in fitted(width, notes)}
    assert shown.keys() & {"note", "differs"} == words
    assert shown.get("note", notes) == notes
    assert shown.keys() >= {"name", "status", "epochs", "MSE(f)", "MSE(f′)"}


@pytest.mark.parametrize("keys", [("enter",), ("g",)], ids=["open", "ghosts"])
async def test_a_run_that_cannot_be_read_leaves_one_in_the_list(folder: Path, keys: tuple[str, ...]) -> None:
    async with listing(folder) as (app, screen, pilot):
        name = names(screen)[0]
        shutil.rmtree(folder / name)
        await pilot.press(*keys)
        await settled(app, pilot)
        assert app.screen is screen
        assert f"run {name} is gone: it was removed or renamed" in pilot.messages
        assert len(names(screen)) == 2
        assert name not in names(screen)


async def test_an_unfinished_run_is_offered_and_gone_on_with(folder: Path) -> None:
    app = made(folder)
    async with observed(app) as pilot:
        await pilot.until(lambda: app.check_action("go_on", ()))
        await pilot.press("o")
        await settled(app, pilot)
        assert isinstance(app.experiment.session, CannedSession)
        (opened,) = (command for command in app.experiment.session.sent if isinstance(command, Resume))
        assert opened.run_state.progress.run == CEDAR
        assert not app.check_action("go_on", ())


def shot(*press: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Open the list of runs, and press keys there."""

    async def run_before(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, RungeApp)
        await Observer(app).until(lambda: app.experiment.state == "running")
        for key in ("v", *press):
            await pilot.press(key)
            await settled(app, pilot)

    return run_before


SHOTS = {
    "list": ("space", "down"),
    "filtered": ("slash", *"weight"),
    "compared": ("space", "space", "space", "c"),
    "deleting": ("d",),
    "noting": ("n", *"a note"),
}


@pytest.mark.parametrize("size", SOME_SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("what", ["list", "compared"])
def test_the_list_and_the_comparison_at_every_size(
    snap_compare: Callable[..., bool], folder: Path, what: str, size: tuple[int, int]
) -> None:
    assert snap_compare(made(folder), terminal_size=size, run_before=shot(*SHOTS[what]))


@pytest.mark.parametrize("what", ["filtered", "deleting", "noting"])
def test_what_is_asked_of_runs(snap_compare: Callable[..., bool], folder: Path, what: str) -> None:
    assert snap_compare(made(folder), terminal_size=(80, 24), run_before=shot(*SHOTS[what]))


@pytest.mark.slow
async def test_the_list_can_be_left_after_its_choice_came_too_late_below_another_screen(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listing(folder) as (app, screen, pilot):
        may_read, read = asyncio.Event(), app.run_library.read

        async def read_late(names: Sequence[str]) -> Sequence[RunState]:
            await may_read.wait()
            return await read(names)

        monkeypatch.setattr(screen, "_read_states", read_late)
        await pilot.press("enter", "question_mark")
        may_read.set()
        await settled(app, pilot)
        await pilot.press("escape")
        assert app.screen is screen
        await pilot.press("escape")
        await settled(app, pilot)
        assert app.screen_stack == [app.main_screen]


def test_of_a_long_name_the_end_is_shown() -> None:
    assert name_cell("20261125-2150-island-0004", 24) == "…261125-2150-island-0004"
    assert name_cell("amber", 7) == "amber  "
