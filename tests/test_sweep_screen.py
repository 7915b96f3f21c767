"""The screen of a sweep: its pictures, and what its keys do."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.support.canned import CannedSession, progress
from tests.support.canned_sweep import NAME, SIZES_TOO, kept_sweep, sweep_rows, sweep_state, unfinished_rows
from tests.support.pilot import Observer, observed
from tests.test_screens import SIZES, STATES, SnapCompare, app
from tui_runge.core.commands import Pause
from tui_runge.core.config import Config
from tui_runge.core.run_start import New
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.results import SweepRow
from tui_runge.sweeps.watch import SweepState, SweepWatch
from tui_runge.tui.app import RungeApp
from tui_runge.tui.screens.help import Help
from tui_runge.tui.screens.prompts import LeaveSweep
from tui_runge.tui.screens.runs import RunsScreen
from tui_runge.tui.screens.sweep import SweepScreen
from tui_runge.tui.widgets.chart import Chart

ROWS = {
    "unfinished": unfinished_rows(),
    "waiting": [SweepRow(row.run, "waiting") for row in sweep_rows()],
    "done": sweep_rows(),
}


class Reader:
    """Gives a state, which a test may change."""

    def __init__(self, state: SweepState) -> None:
        self.state = state
        self.asked: list[list[str]] = []

    def read(self) -> SweepState:
        return self.state

    async def read_states(self, names: object) -> list[object]:
        self.asked.append(list(names))  # type: ignore[call-overload]
        return []


def pictured(rows: str, *press: str) -> Callable[[Pilot[None]], object]:
    """Open the screen on canned rows, then press keys."""

    async def run_before(pilot: Pilot[None]) -> None:
        reader = Reader(sweep_state(ROWS[rows]))
        screen = SweepScreen(reader.read, reader.read_states, period=1000)  # type: ignore[arg-type]
        observer = Observer(pilot.app)
        await observer.until(lambda: getattr(pilot.app, "experiment").state == "paused")  # noqa: B009
        await pilot.app.push_screen(screen)
        await observer.until(lambda: screen.state is not None)
        await pilot.press(*press)
        await pilot.pause()

    return run_before


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "size",
    [pytest.param(size, marks=() if size == (80, 24) else SLOW, id=f"{size[0]}x{size[1]}") for size in SIZES],
)
def test_a_sweep_at_every_size(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(app(STATES["paused"]), terminal_size=size, run_before=pictured("unfinished", "down", "down"))


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "keys"), [("waiting", ()), ("done", ("l",)), ("unfinished", ("x", "shift+tab"))])
def test_other_views_of_a_sweep(snap_compare: SnapCompare, rows: str, keys: tuple[str, ...]) -> None:
    assert snap_compare(app(STATES["paused"]), terminal_size=(120, 36), run_before=pictured(rows, *keys))


@asynccontextmanager
async def watching(rows: list[SweepRow]) -> AsyncIterator[tuple[SweepScreen, Reader, Observer]]:
    """The screen of a sweep, read once."""
    reader, runge = Reader(sweep_state(rows)), app(STATES["paused"])
    async with observed(runge) as pilot:
        screen = SweepScreen(reader.read, reader.read_states, period=1000)  # type: ignore[arg-type]
        await runge.push_screen(screen)
        await pilot.until(lambda: screen.state is not None)
        yield screen, reader, pilot


def values(screen: SweepScreen) -> list[str]:
    """The values of the settings, in the order that they stand in."""
    return [" ".join(value for _, value in each.setting) for each in screen.table.settings]


def title(screen: SweepScreen) -> str:
    return screen.query_one(Chart).rows[0][0][0]


async def test_keys_choose_error_axis_order_and_setting() -> None:
    async with watching(sweep_rows(SIZES_TOO, spread=0.0)) as (screen, reader, pilot):
        plan_order = values(screen)
        assert title(screen).startswith("MSE(f′) by derivative weight")
        await pilot.press("tab", "x")
        assert title(screen).startswith("MaxErr(f) by hidden")
        await pilot.press("shift+tab", "x", "l")
        assert title(screen).startswith("MSE(f′) by derivative weight")
        assert not screen.logarithmic

        await pilot.press("greater_than_sign", "greater_than_sign")
        assert values(screen)[0] in ("1 64,64", "10 64,64")
        assert values(screen)[-1] == "0.1 32,32" or values(screen)[-1] == "100 32,32"
        await pilot.press("r")
        assert values(screen)[-1] in ("1 64,64", "10 64,64")
        await pilot.press("less_than_sign", "less_than_sign")
        assert values(screen) == plan_order

        await pilot.press("end")
        assert screen.table.cursor == len(plan_order) - 1
        await pilot.press("k", "pageup", "j", "enter")
        await pilot.until(lambda: reader.asked)
        (names,) = reader.asked
        assert len(names) == 1
        await pilot.press("g")
        await pilot.until(lambda: len(reader.asked) == 2)
        assert reader.asked[1][0] == names[0]
        assert len(reader.asked[1]) == 5

        await pilot.press("question_mark")
        assert isinstance(screen.app.screen, Help)
        await pilot.press("escape", "escape")
        await pilot.until(lambda: not isinstance(pilot.app.screen, SweepScreen))


async def test_a_search_that_has_not_begun_is_watched() -> None:
    async with watching([]) as (screen, _, pilot):
        await pilot.press("down", "greater_than_sign", "x", "tab", "enter")
        await pilot.until(lambda: "no run of this setting has ended yet" in pilot.messages)
        assert "0 of 0 done" in str(screen.query_one("#heading", Static).content)


async def test_what_is_read_again_is_shown_and_the_cursor_stays_on_its_setting() -> None:
    async with watching(unfinished_rows()) as (screen, reader, pilot):
        await pilot.press("down", "down", "down", "enter")
        await pilot.until(lambda: reader.asked)
        chosen = screen.table.setting
        await pilot.press("end", "enter")
        await pilot.until(lambda: "no run of this setting has ended yet" in pilot.messages)
        reader.state = sweep_state(sweep_rows(SIZES_TOO))
        screen._read_again()
        await pilot.until(lambda: screen.state is reader.state)
        assert "40 of 40 done" in str(screen.query_one("#heading", Static).content)
        assert screen.table.cursor == len(screen.table.settings) - 1
        await pilot.press("home", "down", "down", "down")
        assert screen.table.setting == chosen


def opened(directory: RunsDirectory, sweep: str, process: object = None) -> RungeApp:
    session = partial(CannedSession, first=progress("finished", 20))
    return RungeApp(
        New(Config()),
        Path(),
        session,
        runs_directory=directory,
        sweep=sweep,
        sweep_process=process,  # type: ignore[arg-type]
    )


def sent(app: RungeApp) -> list[object]:
    session = app.experiment.session
    assert isinstance(session, CannedSession)
    return [*session.sent]


@pytest.mark.parametrize("key", ["enter", pytest.param("g", marks=SLOW)])
async def test_nothing_is_trained_until_a_run_of_the_sweep_is_opened(tmp_path: Path, key: str) -> None:
    app = opened(kept_sweep(tmp_path), NAME)
    async with observed(app, (120, 36)) as pilot:
        await pilot.until(lambda: isinstance(app.screen, SweepScreen) and app.screen.state)
        assert not app.experiment.begun
        await pilot.press("down", key)
        await pilot.until(lambda: app.experiment.state == "finished")
        assert app.experiment.config.derivative_weight == 10
        assert Pause() in sent(app)
        await pilot.press("v")
        assert isinstance(app.screen, RunsScreen)
        await pilot.press("s")
        await pilot.until(lambda: isinstance(app.screen, SweepScreen) and app.screen.state)
        await pilot.press("s", "escape")
        await pilot.until(lambda: isinstance(app.screen, RunsScreen))


class Process:
    """Stands for the process that trains a sweep."""

    name, running, stopped = NAME, True, False

    def problem(self) -> str:
        return "the training of the sweep ended with status 1"

    def stop(self) -> None:
        self.stopped = True


@pytest.mark.parametrize(("key", "stopped"), [("s", True), pytest.param("l", False, marks=SLOW)])
async def test_who_leaves_a_sweep_in_training_is_asked(tmp_path: Path, key: str, stopped: bool) -> None:
    process = Process()
    app = opened(kept_sweep(tmp_path), NAME, process)
    async with observed(app) as pilot:
        await pilot.until(lambda: isinstance(app.screen, SweepScreen) and app.screen.state)
        await pilot.until(lambda: process.problem() in pilot.messages)
        await pilot.press("escape")
        assert isinstance(app.screen, LeaveSweep)
        await pilot.press("escape")
        assert isinstance(app.screen, SweepScreen)
        assert app.is_running
        await pilot.press("q", key)
        assert process.stopped == stopped
        assert not app._running or app._exit


async def test_without_a_sweep_that_is_said(tmp_path: Path) -> None:
    app = RungeApp(
        New(Config()),
        Path(),
        partial(CannedSession, first=progress("running")),
        runs_directory=RunsDirectory(tmp_path),
    )
    async with observed(app) as pilot:
        await pilot.until(lambda: app.experiment.state == "running")
        await pilot.press("v", "s")
        await pilot.until(lambda: any("there is no sweep" in message for message in pilot.messages))


def test_a_watched_sweep_reads_again_only_what_may_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = kept_sweep(tmp_path, ("1", "10", "100"))
    last = sweep_rows({"derivative_weight": ("1", "10", "100")}, seeds=1)[-1].run
    hidden = tmp_path / "elsewhere"
    (tmp_path / last.name).rename(hidden)
    watch = SweepWatch(directory, NAME)
    first = watch.read()
    assert (first.counts["done"], first.counts["waiting"]) == (2, 1)
    assert watch.read() is first
    read: list[str] = []
    from tui_runge.sweeps import results
    from tui_runge.sweeps import watch as module

    def noted(run: object, *arguments: str) -> SweepRow:
        read.append(getattr(run, "name"))  # noqa: B009
        return results.read_row(run, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "read_row", noted)
    hidden.rename(tmp_path / last.name)
    second = watch.read()
    assert second.counts["done"] == 3
    assert read == [last.name]
    assert second.summaries[0] is first.summaries[0]
    SweepsDirectory(directory).note_failure(NAME, last.name, "")
    assert watch.read() is second


def test_a_sweep_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sweep amber"):
        SweepWatch(RunsDirectory(tmp_path), "amber").read()
