"""What each key does, in each state: the commands it sends, and what the screen then says."""

import gc
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from tests.support.canned import COPPER, CannedSession, copper_progress, progress
from tests.support.pilot import Observer, observed
from tui_runge.core.commands import Command, Pause, RequestProgress, Step, Stop, Unpause, Update
from tui_runge.core.config import Config
from tui_runge.core.presets import PRESETS
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import New, RunStart
from tui_runge.export import exporter
from tui_runge.export.exporter import ExportRequest
from tui_runge.export.layout import FILES
from tui_runge.export.live_log import JsonLines, LiveLog
from tui_runge.problems import read_data
from tui_runge.runs.directory import RunsDirectory
from tui_runge.session.session import Session
from tui_runge.tui.app import NewSession, Progressed, RungeApp
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.keys import KEYS, RUNS_KEYS
from tui_runge.tui.screens.help import Help, _content
from tui_runge.tui.screens.main import MainScreen
from tui_runge.tui.screens.value_editor import ValueEditor
from tui_runge.tui.widgets.chart import Chart
from tui_runge.tui.widgets.knobs import KNOB_ROWS, KnobRow, Knobs
from tui_runge.tui.widgets.lines import Lines


@asynccontextmanager
async def running(
    first: Progress | None,
    out: Path = Path(),
    size: tuple[int, int] = (120, 36),
    config: Config | None = None,
    in_browser: bool = False,
) -> AsyncIterator[tuple[RungeApp, Observer]]:
    """The app with a canned session, in the state of `first`."""
    app = RungeApp(New(config or Config()), out, partial(CannedSession, first=first), in_browser=in_browser)
    async with observed(app, size) as pilot:
        await pilot.until(lambda: first is None or app.experiment.state == first.status)
        yield app, pilot


def row_of(name: str) -> KnobRow:
    """The row of a hyperparameter on the panel."""
    return next(row for row in KNOB_ROWS if row.parameter.name == name)


def sent(app: RungeApp) -> list[Command]:
    """The commands sent by keys: all but the screen's own first question."""
    assert isinstance(app.experiment.session, CannedSession)
    return app.experiment.session.sent[1:]


@pytest.mark.parametrize(
    ("status", "key", "command"),
    [
        ("running", "space", Pause()),
        ("paused", "space", Unpause()),
        ("paused", "s", Step()),
        ("running", "r", New(Config())),
        ("paused", "r", New(Config())),
        ("finished", "r", New(Config())),
        ("diverged", "r", New(Config())),
        ("running", "R", New(Config(seed=112652011))),
        ("running", "a", Update(Config(learning_rate=5e-4))),
        ("running", "A", Update(Config(learning_rate=2e-3))),
        ("running", "w", Update(Config(derivative_weight=0.5))),
        ("running", "W", Update(Config(derivative_weight=2))),
        ("paused", "W", Update(Config(derivative_weight=2))),
        ("finished", "W", Update(Config(derivative_weight=2))),
        ("running", "P", New(PRESETS["precise"].config())),
        ("finished", "right", Update(Config(learning_rate=2e-3))),
        ("running", "left", Update(Config(learning_rate=5e-4))),
    ],
)
async def test_a_key_sends_its_command(status: str, key: str, command: Command) -> None:
    async with running(progress(status)) as (app, pilot):  # type: ignore[arg-type]
        await pilot.press(key)
        assert [other for other in sent(app) if type(other) is type(command)] == [command]


@pytest.mark.parametrize(
    ("status", "key"), [("running", "s"), ("finished", "space"), ("diverged", "space"), ("paused", "x")]
)
async def test_a_key_that_does_not_apply_does_nothing(status: str, key: str) -> None:
    async with running(progress(status)) as (app, pilot):  # type: ignore[arg-type]
        await pilot.press(key)
        assert not any(isinstance(command, Pause | Unpause | Step | New | Update) for command in sent(app))


async def test_keys_pressed_while_torch_is_loading_are_kept() -> None:
    async with running(None) as (app, pilot):
        await pilot.press("W", "W", "space")
        assert sent(app) == [Update(Config(derivative_weight=2)), Update(Config(derivative_weight=5)), Pause()]
        assert app.experiment.state == "loading"


@pytest.mark.parametrize("first", [progress("running"), None])
async def test_garbage_is_collected_again_once_all_is_loaded(first: Progress | None) -> None:
    gc.disable()
    try:
        async with running(first):
            assert gc.isenabled() == (first is not None)
    finally:
        gc.enable()
        gc.unfreeze()


async def test_a_changed_knob_is_on_the_panel_at_once() -> None:
    async with running(progress("running")) as (app, pilot):
        await pilot.press("A")
        assert "0.002" in str(app.screen.query_one(Knobs).content)


async def test_weights_that_leave_nothing_to_fit_are_refused_with_a_message() -> None:
    config = Config(function_weight=0, derivative_weight=1e-3)
    async with running(progress("running", config=config), config=config) as (app, pilot):
        await pilot.press("w")
        assert app.experiment.config == config
        assert pilot.messages == ["function_weight and derivative_weight must not both be 0: there is nothing to fit"]


@pytest.mark.parametrize(
    ("key", "hidden"), [("n", (32, 32)), ("N", (128, 128)), ("d", (64,)), ("D", (64, 64, 64))], ids=["n", "N", "d", "D"]
)
async def test_a_knob_that_acts_at_a_restart_waits_for_it_marked(key: str, hidden: tuple[int, ...]) -> None:
    async with running(progress("running")) as (app, pilot):
        await pilot.press(key)
        assert app.experiment.config == Config(hidden=hidden)
        assert str(app.screen.query_one(Knobs).content).count("r↻") >= 1
        assert not any(isinstance(command, New) for command in sent(app))
        await pilot.press("r")
        assert New(Config(hidden=hidden)) in sent(app)


async def test_every_knob_can_be_selected_and_turned_there_and_back() -> None:
    async with running(progress("running")) as (app, pilot):
        seen = set()
        for _ in KNOB_ROWS:
            await pilot.press("down")
            seen.add(main_screen(app).knob_row)
            await pilot.press("right", "left")
        assert seen == set(KNOB_ROWS)


async def test_the_panel_shows_the_help_of_the_selected_knob_and_nothing_of_the_one_before() -> None:
    async with running(progress("paused")) as (app, pilot):
        before = app.export_screenshot()
        assert "learning&#160;rate;" in before
        await pilot.press("D")
        await pilot.pause()
        after = app.export_screenshot()
        assert "units&#160;of&#160;each&#160;hidden" in after
        assert "learning&#160;rate;" not in after


async def test_another_theme_colours_the_charts_too() -> None:
    async with running(progress("paused")) as (app, pilot):
        chart = app.screen.query(Chart).first()

        def ink() -> list[str]:
            return [str(segment.style.color) for segment in chart.render_line(0) if segment.style]

        before = ink()
        await pilot.press("t")
        await pilot.pause()
        assert not set(ink()) & set(before)


async def test_u_undoes_and_0_takes_the_default() -> None:
    async with running(progress("running")) as (app, pilot):
        await pilot.press("A", "A", "W")
        assert app.experiment.config == Config(learning_rate=5e-3, derivative_weight=2)
        await pilot.press("u")
        assert app.experiment.config == Config(learning_rate=5e-3)
        await pilot.press("u")
        assert app.experiment.config == Config(learning_rate=2e-3)
        await pilot.press("0")
        assert app.experiment.config == Config()
        await pilot.press("u", "u", "u", "u", "u")
        assert app.experiment.config == Config()
        assert Update(Config()) in sent(app)


async def test_enter_types_an_exact_value_judged_as_it_is_typed() -> None:
    async with running(progress("running")) as (app, pilot):
        await pilot.press("enter", *["backspace"] * 5, *"-3")
        assert "learning_rate must be > 0, got -3" in str(app.screen.query_one("#error", Static).content)
        await pilot.press("enter")
        assert isinstance(app.screen, ValueEditor)
        assert app.experiment.config == Config()
        await pilot.press("backspace", "backspace", *"3e-4")
        assert not str(app.screen.query_one("#error", Static).content)
        await pilot.press("enter")
        assert app.experiment.config == Config(learning_rate=3e-4)
        assert Update(app.experiment.config) in sent(app)


async def test_in_a_browser_no_file_is_read_but_examples_are() -> None:
    async with running(progress("running"), in_browser=True) as (app, pilot):
        main_screen(app).select(row_of("data"))
        await pilot.press("enter", "ctrl+u", *"x.csv", "enter")
        said = str(app.screen.query_one("#error", Static).content)
        assert said.startswith("data must be an example in a browser, got x.csv")
        assert isinstance(app.screen, ValueEditor)
        app.screen.query_one(Input).value = COPPER.data
        await pilot.press("enter")
        await pilot.until(lambda: not isinstance(app.screen, ValueEditor))
        assert app.experiment.config == COPPER


async def test_a_function_is_typed_mended_and_trained() -> None:
    async with running(progress("running")) as (app, pilot):

        def said() -> str:
            return str(app.screen.query_one("#error", Static).content)

        def formulas() -> str:
            return str(app.screen.query_one("#formulas", Static).content)

        main_screen(app).select(row_of("target"))
        await pilot.press("enter")
        await pilot.until(lambda: "f′(x) = -50x / (1 + 25x²)²" in formulas())
        await pilot.press("ctrl+u", *"1/(x-0.5")
        assert "target: '(' is never closed at character 3 of '1/(x-0.5'" in said()
        await pilot.press(")")
        await pilot.until(lambda: said() == "1/(x-0.5) is not finite at x = 0.5: choose an interval without it")
        await pilot.press("enter")
        await pilot.until(lambda: said().startswith("1/(x-0.5) is not finite"))
        assert isinstance(app.screen, ValueEditor)
        assert app.experiment.config == Config()
        await pilot.press("ctrl+u", *"abs(x)+1")
        await pilot.until(
            lambda: formulas().startswith("f(x) = abs(x) + 1\nf′(x) = sign(x)\nabs(x) has a kink at x = 0")
        )
        assert all(chart.rows for chart in app.screen.query(Chart))
        await pilot.press("enter")
        await pilot.until(lambda: not isinstance(app.screen, ValueEditor))
        assert app.experiment.config == Config(target="abs(x)+1")
        assert sent(app)[-1] == New(Config(target="abs(x)+1"))


async def test_an_interval_is_judged_with_the_function_and_trained() -> None:
    config = Config(target="log(x)", interval="1,2")
    async with running(progress("running"), config=config) as (app, pilot):
        main_screen(app).select(row_of("interval"))
        await pilot.press("enter", "ctrl+u", *"-1,2", "enter")
        await pilot.until(lambda: "log(x) is not finite" in str(app.screen.query_one("#error", Static).content))
        await pilot.press("ctrl+u", *"1,pi", "enter")
        await pilot.until(lambda: New(Config(target="log(x)", interval="1,pi")) in sent(app))


async def test_a_function_that_is_trained_already_is_not_trained_anew() -> None:
    async with running(progress("running")) as (app, pilot):
        main_screen(app).select(row_of("target"))
        await pilot.press("enter", "enter")
        await pilot.until(lambda: not isinstance(app.screen, ValueEditor))
        assert not any(isinstance(command, New) for command in sent(app))


async def test_data_is_chosen_from_examples_or_typed_mended_and_trained(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("x,f\n" + "".join(f"{row},bad\n" for row in range(9)))
    async with running(progress("running")) as (app, pilot):

        def content(id: str) -> str:
            return str(app.screen.query_one(id, Static).content)

        main_screen(app).select(row_of("data"))
        await pilot.press("enter", "down")
        await pilot.until(
            lambda: content("#formulas") == "236 points of x and f\nx 14.13 to 851.61,   f 0.08 to 21.085"
        )
        assert "▸ example:copper" in content("#examples")
        await pilot.press("down")
        await pilot.until(lambda: content("#formulas").startswith("80 points of x, f and df\n"))
        await pilot.press("ctrl+u", "-", "enter")
        await pilot.until(lambda: content("#error").startswith("standard input is read at the start alone"))
        app.screen.query_one(Input).value = str(file)
        await pilot.until(lambda: content("#error").startswith("mine.csv has 9 bad cells: line 2, column f: 'bad'"))
        assert "line 6" in content("#error")
        assert "; and 4 more (mend" in content("#error")
        file.write_text("x,f,df\n0,1,\n1,2,5\n")
        await pilot.press("enter")
        await pilot.until(lambda: not isinstance(app.screen, ValueEditor))
        config = read_data(Config(data=str(file)))
        assert sent(app)[-1] == New(config)
        assert config.points is not None
        file.write_text("x,f,df\n0,1,\n1,2,7\n")
        await pilot.press("enter")
        await pilot.until(lambda: "\nkept as they were read before: " in content("#formulas"))


async def test_a_target_typed_takes_the_place_of_data() -> None:
    async with running(copper_progress(), config=COPPER) as (app, pilot):
        main_screen(app).select(row_of("target"))
        assert "of no effect: data is fitted" in str(main_screen(app).query_one(Knobs).content)
        await pilot.press("enter", "enter")
        await pilot.until(lambda: New(Config()) in sent(app))
        await pilot.press("u")
        main_screen(app).select(row_of("interval"))
        await pilot.press("enter", "ctrl+u", *"0,1", "enter")
        await pilot.until(lambda: app.experiment.config == COPPER.with_values(interval="0,1"))
        assert not isinstance(sent(app)[-1], New)


async def test_a_small_screen_shows_the_function_as_text_alone() -> None:
    async with running(progress("running"), size=(80, 20)) as (app, pilot):
        main_screen(app).select(row_of("target"))
        await pilot.press("enter")
        await pilot.until(lambda: str(app.screen.query_one("#formulas", Static).content))
        assert not app.screen.query_one("#curves").display


async def test_escape_leaves_the_field_and_the_old_value() -> None:
    async with running(progress("running")) as (app, pilot):
        await pilot.press("enter", *"77", "escape")
        assert not isinstance(app.screen, ValueEditor)
        assert app.experiment.config == Config()


async def test_p_offers_the_presets_and_trains_the_chosen_one() -> None:
    async with running(progress("running")) as (app, pilot):
        await pilot.press("p", "down", "enter")
        await pilot.pause()
        assert New(PRESETS["raise-derivative-weight"].config()) in sent(app)
        await pilot.press("p", "escape")
        assert app.experiment.config.derivative_weight == 10


async def test_a_chart_is_maximised_read_zoomed_and_left() -> None:
    async with running(progress("finished", epoch=1200)) as (app, pilot):
        await pilot.press("2", "enter")
        await pilot.pause()
        assert [chart.id for chart in app.screen.query(Chart) if chart.display] == ["chart-2"]
        await pilot.press("right")
        screen = main_screen(app)
        assert screen.views.views[1].cross == 600
        await pilot.press("right")
        assert screen.views.views[1].cross == 612
        assert "epoch 612" in str(app.screen.query_one("#title", Static).content)
        await pilot.press("plus")
        assert screen.views.views[1].span == (306, 906)
        await pilot.press("shift+right")
        assert screen.views.views[1].span == (456, 1056)
        await pilot.press("0")
        assert screen.views.views[1].span is None
        assert app.experiment.config == Config()
        await pilot.press("escape")
        await pilot.pause()
        assert all(chart.display for chart in app.screen.query(Chart))


async def test_smoothing_and_scale_belong_to_a_chart() -> None:
    async with running(progress("paused")) as (app, pilot):
        await pilot.press(
            "2", "greater_than_sign", "l", "3", "greater_than_sign", "greater_than_sign", "less_than_sign"
        )
        views = main_screen(app).views.views
        assert [view.smoothing for view in views] == [0, 1, 1, *[0] * 9]
        assert [view.log for view in views] == [True, False, *[True] * 10]


async def test_x_shows_the_losses_over_seconds() -> None:
    async with running(progress("paused"), size=(200, 50)) as (app, pilot):
        await pilot.press("x")
        assert main_screen(app).views.by_seconds
        assert any("seconds" in part for part, _ in app.screen.query(Chart).first().rows[-1])


def main_screen(app: RungeApp) -> MainScreen:
    assert isinstance(app.screen, MainScreen)
    return app.screen


async def test_l_turns_the_losses_linear_and_back() -> None:
    async with running(progress("paused")) as (app, pilot):
        chart = app.screen.query(Chart).first()
        logarithmic = chart.rows
        await pilot.press("l")
        assert chart.rows != logarithmic
        await pilot.press("l")
        assert chart.rows == logarithmic


async def test_digits_and_tab_choose_the_chart_where_only_one_fits() -> None:
    async with running(progress("paused"), size=(80, 24)) as (app, pilot):

        async def shown_after(*keys: str) -> list[str | None]:
            await pilot.press(*keys)
            await pilot.pause()
            return [chart.id for chart in app.screen.query(Chart) if chart.display]

        assert await shown_after() == ["chart-1"]
        assert await shown_after("4") == ["chart-4"]
        assert await shown_after("tab") == ["chart-5"]
        assert await shown_after("tab") == ["chart-1"]
        assert await shown_after("shift+tab") == ["chart-5"]


async def test_question_mark_opens_the_help_and_closes_it() -> None:
    async with running(progress("running")) as (app, pilot):
        await pilot.press("question_mark")
        assert isinstance(app.screen, Help)
        await pilot.press("W")
        assert app.experiment.config == Config()
        for key in ("question_mark", "escape", "q"):
            await pilot.press(key)
            assert not isinstance(app.screen, Help)
            await pilot.press("question_mark")


async def test_the_footer_shows_the_keys_that_apply() -> None:
    async with running(progress("running")) as (app, _):
        assert {"Pause", "Restart", "Export"} <= words(app)
        assert not {"Resume", "Step"} & words(app)
    async with running(progress("paused")) as (app, _):
        assert {"Resume", "Step"} <= words(app)
    async with running(None) as (app, _):
        assert not {"Resume", "Step"} & words(app)


def words(app: RungeApp) -> set[str]:
    return {binding.binding.description for binding in app.screen.active_bindings.values() if binding.binding.show}


@pytest.mark.slow
async def test_e_exports_to_a_new_folder_each_time(tmp_path: Path) -> None:
    async with running(progress("running"), out=tmp_path) as (_, pilot):
        await pilot.press("e", "e")
        await pilot.until(lambda: [note.title for note in pilot.notifications].count("exported to") == 2)
        folders = list(tmp_path.iterdir())
        assert len(folders) == 2
        assert all({path.name for path in folder.iterdir()} == set(FILES) for folder in folders)
        assert set(pilot.messages) >= {str(folder) for folder in folders}


async def test_upper_e_exports_as_what_is_marked_now_and_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[ExportRequest] = []
    done: Future[None] = Future()
    done.set_result(None)

    def take(request: ExportRequest, _: Path) -> "Future[None]":
        requests.append(request)
        return done

    monkeypatch.setattr(exporter, "export_in_background", take)
    monkeypatch.setattr(exporter, "new_folder", lambda parent, _: parent)
    async with running(progress("finished")) as (app, pilot):
        await pilot.press("E", "space", "down", "down", "down", "space", "space", "down", "space", "enter")
        await pilot.until(lambda: len(requests) == 1)
        await pilot.press("e")
        await pilot.until(lambda: len(requests) == 2)
        assert [request.formats for request in requests] == [("c", "latex")] * 2
        await pilot.press("E", "space", "escape")
        await pilot.pause()
        assert app.export_queue.formats == ("c", "latex")


async def test_e_says_that_torch_is_loading() -> None:
    async with running(None) as (app, pilot):
        await pilot.press("e")
        assert not any(isinstance(command, RequestProgress) for command in sent(app))
        assert pilot.messages == ["there is nothing yet: torch is loading"]


async def test_e_held_makes_no_more_than_one_export_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Future[None]] = []

    def export(*_: object) -> "Future[None]":
        begun.append(Future())
        return begun[-1]

    monkeypatch.setattr(exporter, "export_in_background", export)
    async with running(progress("finished", epoch=1200), out=tmp_path) as (_, pilot):
        await pilot.press(*"e" * 24)
        await pilot.until(lambda: begun)
        assert len(begun) == 1
        begun[0].set_result(None)
        await pilot.until(lambda: len(begun) == 2)
        begun[1].set_result(None)
        await pilot.until(lambda: pilot.messages.count("one export waits already") == 1)
        assert len(list(tmp_path.iterdir())) == 2


async def test_a_folder_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with running(progress("paused"), out=tmp_path / "file") as (app, pilot):
        await pilot.press("e")
        await pilot.until(lambda: pilot.notifications)
        assert [note.severity for note in pilot.notifications] == ["error"]
        assert app.is_running


@pytest.mark.parametrize("status", ["running", "paused", "finished", "diverged", "loading"])
async def test_q_stops_the_session_and_leaves(status: str) -> None:
    first = None if status == "loading" else progress(status)  # type: ignore[arg-type]
    async with running(first) as (app, pilot):
        await pilot.press("q")
    assert sent(app)[-1] == Stop()
    assert app.return_code == 0
    assert app.experiment.session.ended.wait(60)


class Failing(Session):
    """A session whose thread ends in an error."""

    def run(self) -> None:
        raise RuntimeError("no memory left")


async def test_a_failed_training_is_a_message_and_can_be_restarted() -> None:
    sessions: list[NewSession] = [Failing, partial(CannedSession, first=progress("running"))]

    def new_session(
        start: RunStart, publish: Callable[[Progress], object], *, refuse: Callable[[Command, str], object]
    ) -> Session:
        return sessions.pop(0)(start, publish, refuse=refuse)

    app = RungeApp(New(Config()), Path(), new_session)
    async with observed(app) as pilot:
        await pilot.until(lambda: app.experiment.state == "failed")
        assert pilot.messages == ["no memory left"]
        await pilot.press("r")
        await pilot.until(lambda: app.experiment.state == "running")


@pytest.mark.parametrize("pause", [pytest.param(False, marks=pytest.mark.slow), True], ids=["running", "paused"])
async def test_a_restart_that_cannot_be_is_a_message_and_the_run_goes_on(
    small: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pause: bool
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    runs_directory = RunsDirectory(tmp_path)
    new_session = partial(Session, make_recorder=runs_directory.record)
    app = RungeApp(New(small.with_values(epochs=10**9)), Path(), new_session, runs_directory=runs_directory)
    status = "paused" if pause else "running"

    def latest() -> Progress:
        assert app.experiment.progress is not None
        return app.experiment.progress

    async with observed(app, (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.progress and app.experiment.progress.epoch)
        await pilot.press(*(["space"] if pause else []))
        await pilot.until(lambda: app.experiment.state == status)
        before = latest()
        app.experiment.set_value("device", "cuda")
        await pilot.press("r")
        await pilot.until(lambda: pilot.notifications)
        (refusal,) = pilot.notifications
        assert (refusal.title, refusal.message) == (
            "not restarted",
            "device must be one this machine has, got 'cuda': use auto or cpu",
        )
        await pilot.until(lambda: pause or latest().epoch > before.epoch)
        assert (app.experiment.state, latest().run, latest().config) == (status, before.run, before.config)
        assert not app.main_screen.ghosts
        assert app.experiment.config.device == "cuda"
        app.experiment.set_default("device")
        await pilot.press("r")
        await pilot.until(lambda: latest().run != before.run)
        assert [ghost.run for ghost in app.main_screen.ghosts] == [before.run]


async def test_a_frame_of_a_settled_run_draws_two_charts_and_the_last_one_all(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str | None] = []
    monkeypatch.setattr(Chart, "show", lambda chart, _: drawn.append(chart.id))
    async with running(progress("paused")) as (app, pilot):
        for status, expected in (("running", 2), ("running", 2), ("finished", 5)):
            drawn.clear()
            app.post_message(Progressed(replace(progress(status), seconds=60.0)))  # type: ignore[arg-type]
            await pilot.pause()
            assert len(drawn) == expected


def test_nothing_is_animated_on_a_slow_line() -> None:
    assert RungeApp(New(Config()), Path(), appearance=Appearance(slow=True)).animation_level == "none"


async def test_resizing_to_nothing_and_back_keeps_the_run() -> None:
    async with running(progress("paused")) as (app, pilot):
        rows = app.screen.query(Chart).first().rows
        for size in ((20, 5), (1, 1), (80, 24), (250, 70), (120, 36)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert app.screen.query(Chart).first().rows == rows


async def test_the_real_thing_trains_to_the_end(small: Config) -> None:
    app = RungeApp(New(small), Path())
    async with observed(app, (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == "finished")
        assert app.experiment.progress is not None
        assert app.experiment.progress.epoch == small.epochs
        await pilot.press("r")
        await pilot.press("D", "r")
        await pilot.until(
            lambda: (
                app.experiment.progress
                and app.experiment.progress.config.hidden == (4, 4)
                and app.experiment.state == "finished"
            )
        )


SIZES = [(60, 20), (80, 24), (120, 36), (200, 50)]


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_laid_out_by_size_is_as_before_once_a_maximised_chart_is_left(size: tuple[int, int]) -> None:
    async with running(progress("finished", epoch=1200), size=size) as (app, pilot):
        await pilot.press("1")
        before = laid_out(app)
        await pilot.press("enter", "escape")
        await pilot.pause()
        assert laid_out(app) == before


@pytest.mark.parametrize(("before", "after"), [((120, 36), (80, 24)), ((80, 24), (200, 50))])
@pytest.mark.parametrize("keys", [(), ("question_mark",)], ids=["main", "help"])
async def test_what_is_laid_out_by_size_follows_it(
    before: tuple[int, int], after: tuple[int, int], keys: tuple[str, ...]
) -> None:
    async with running(progress("finished", epoch=1200), size=after) as (app, pilot):
        await pilot.pause()
        expected = laid_out(app)
    async with running(progress("finished", epoch=1200), size=before) as (app, pilot):
        await pilot.press(*keys)
        await pilot.resize_terminal(*after)
        await pilot.press(*["escape"] * len(keys))
        await pilot.pause()
        assert laid_out(app) == expected


def laid_out(app: RungeApp) -> dict[str, str]:
    """What the main screen says in its texts."""
    assert isinstance(app.screen, MainScreen)
    texts = (app.screen.query_one("#title", Static), *app.screen.query(Lines))
    return {str(widget.id): str(widget.content) for widget in texts}


def test_in_the_help_no_key_runs_into_its_text() -> None:
    lines = str(_content((*KEYS, *RUNS_KEYS))).splitlines()
    assert "  escape, q, v back" in lines


async def test_a_log_of_losses_that_has_ended_is_told_of_once() -> None:
    log = LiveLog(JsonLines(Path("/dev/full")))
    log.add("amber", 1, (0.0,) * 6)
    log.close(60)
    app = RungeApp(New(Config()), Path(), partial(CannedSession, first=progress("paused", epoch=3)), log=log)
    async with observed(app) as pilot:
        await pilot.until(lambda: pilot.messages)
        app.post_message(Progressed(progress("paused", epoch=4)))
        await pilot.until(lambda: app.experiment.progress is not None and app.experiment.progress.epoch == 4)
        assert pilot.messages == ["the log in /dev/full ended: No space left on device"]
