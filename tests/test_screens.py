"""Pictures of every state of the screen, with canned progress, at the three sizes it is laid out for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.support.canned import CHANGED, COPPER, CannedSession, copper_progress, progress
from tests.support.pilot import Observer
from tui_runge.analysis import classical
from tui_runge.analysis.outcomes import Fitted
from tui_runge.analysis.outcomes import Outcome as Fit
from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.progress import Floats, Model, Progress
from tui_runge.core.run_start import New
from tui_runge.core.scaling import Scaling
from tui_runge.tui.app import RungeApp
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.charts.spec import Curve, Plot
from tui_runge.tui.lessons.lesson import Outcome
from tui_runge.tui.screens import value_editor
from tui_runge.tui.screens.value_editor import ValueEditor
from tui_runge.tui.widgets.knobs import KNOB_ROWS
from tui_runge.tui.widgets.problem_preview import Preview

SnapCompare = Callable[..., bool]

STATES: dict[str, Progress | None] = {
    "loading": None,
    "training": progress("running", changes=CHANGED),
    "paused": progress("paused"),
    "finished": progress("finished", epoch=1200),
    "diverged": progress("diverged", epoch=12, message="the loss became inf at epoch 13: lower the learning rate"),
}
SIZES = [(60, 20), (80, 24), (120, 36), (200, 50)]
SOME_SIZES = [*SIZES[1:3], *(pytest.param(size, marks=pytest.mark.slow) for size in SIZES[::3])]
"""For what is seldom looked at: all of them among the slow tests."""


def app(first: Progress | None, appearance: Appearance = Appearance()) -> RungeApp:  # noqa: B008 - frozen
    return RungeApp(New(Config()), Path("exports"), partial(CannedSession, first=first), appearance=appearance)


def measured_app(appearance: Appearance = Appearance()) -> RungeApp:  # noqa: B008 - frozen
    session = partial(CannedSession, first=copper_progress())
    return RungeApp(New(COPPER), Path("exports"), session, appearance=appearance)


def shown(state: str, *press: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Wait until the app is in a state, then press keys."""

    async def run_before(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, RungeApp)
        await Observer(app).until(lambda: app.experiment.state == state)
        await pilot.press(*press)
        await pilot.pause()

    return run_before


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", STATES)
def test_the_screen_in_each_state(snap_compare: SnapCompare, state: str, size: tuple[int, int]) -> None:
    status = {"training": "running"}.get(state, state)
    assert snap_compare(app(STATES[state]), terminal_size=size, run_before=shown(status))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_help(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(app(STATES["paused"]), terminal_size=size, run_before=shown("paused", "question_mark"))


def test_linear_losses(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(STATES["paused"]), terminal_size=(120, 36), run_before=shown("paused", "l"))


@pytest.mark.parametrize("chart", range(1, 6))
def test_each_chart_where_only_one_fits(snap_compare: SnapCompare, chart: int) -> None:
    assert snap_compare(app(STATES["finished"]), terminal_size=(80, 24), run_before=shown("finished", str(chart)))


def test_a_terminal_that_is_too_small(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(STATES["paused"]), terminal_size=(40, 10), run_before=shown("paused"))


def test_no_colour(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app(STATES["paused"]), terminal_size=(120, 36), run_before=shown("paused"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_maximised_chart_with_a_crosshair(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    keys = ("4", "enter", "right", "right", "plus")
    assert snap_compare(app(STATES["finished"]), terminal_size=size, run_before=shown("finished", *keys))


def test_a_smoothed_loss_over_seconds(snap_compare: SnapCompare) -> None:
    keys = ("1", "greater_than_sign", "greater_than_sign", "x", "enter")
    assert snap_compare(app(STATES["training"]), terminal_size=(120, 36), run_before=shown("running", *keys))


def test_a_value_waiting_for_a_restart(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(STATES["paused"]), terminal_size=(120, 36), run_before=shown("paused", "D", "up", "right"))


def test_a_bad_value_typed(snap_compare: SnapCompare) -> None:
    keys = ("enter", *["backspace"] * 5, "-", "3")
    assert snap_compare(app(STATES["paused"]), terminal_size=(120, 36), run_before=shown("paused", *keys))


def test_the_presets(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(STATES["paused"]), terminal_size=(80, 24), run_before=shown("paused", "p", "down"))


@pytest.mark.parametrize("size", SOME_SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("appearance", [Appearance(theme="light"), Appearance(ascii=True)], ids=["light", "ascii"])
def test_other_looks(snap_compare: SnapCompare, appearance: Appearance, size: tuple[int, int]) -> None:
    assert snap_compare(app(STATES["training"], appearance), terminal_size=size, run_before=shown("running"))


@pytest.mark.parametrize("appearance", [Appearance(theme="light"), Appearance(ascii=True)], ids=["light", "ascii"])
def test_the_help_in_other_looks(snap_compare: SnapCompare, appearance: Appearance) -> None:
    press = shown("paused", "question_mark")
    assert snap_compare(app(STATES["paused"], appearance), terminal_size=(120, 36), run_before=press)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_help_searched(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    press = shown("paused", "question_mark", "slash", *"weight")
    assert snap_compare(app(STATES["paused"]), terminal_size=size, run_before=press)


@pytest.mark.parametrize(
    "appearance", [Appearance(), Appearance(theme="light"), Appearance(ascii=True)], ids=["dark", "light", "ascii"]
)
def test_the_palette(snap_compare: SnapCompare, appearance: Appearance) -> None:
    assert snap_compare(app(STATES["paused"], appearance), terminal_size=(80, 24), run_before=shown("paused", "ctrl+p"))


@pytest.mark.parametrize("appearance", [Appearance(theme="light"), Appearance(ascii=True)], ids=["light", "ascii"])
def test_a_crosshair_in_other_looks(snap_compare: SnapCompare, appearance: Appearance) -> None:
    press = shown("finished", "4", "enter", "right", "right", "plus")
    assert snap_compare(app(STATES["finished"], appearance), terminal_size=(80, 24), run_before=press)


def canned_preview(config: Config) -> Preview:
    """What is shown of sin(3x)-x^2, with its curves whatever the formula."""
    x = np.linspace(-1, 1, 401)

    def plot(title: str, y: Floats) -> Plot:
        return Plot(title, (Curve("", "target", x, y, y),), x_limits=(-1, 1), x_label="x")

    text = "f(x) = sin(3x) - x²\nf′(x) = 3cos(3x) - 2x" if config.target == "sin(3*x)-x**2" else ""
    return Preview(config, plot("f of x", np.sin(3 * x) - x**2), plot("f′ of x", 3 * np.cos(3 * x) - 2 * x), text)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("more", ["", "+(x"], ids=["right", "wrong"])
def test_a_function_is_drawn_while_it_is_typed(
    snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], more: str
) -> None:
    monkeypatch.setattr(value_editor, "preview", canned_preview)
    monkeypatch.setattr(value_editor, "PREVIEW_DELAY", 0.001)

    async def typed(pilot: Pilot[None]) -> None:
        await shown("paused")(pilot)
        app = pilot.app
        assert isinstance(app, RungeApp)
        app.main_screen.select(next(row for row in KNOB_ROWS if row.parameter.name == "target"))
        await pilot.press("enter")
        app.screen.query_one(Input).value = "sin(3x)-x^2"
        await pilot.press("end")
        async with asyncio.timeout(60):
            while not str(app.screen.query_one("#formulas", Static).content):
                await pilot.pause()
        await pilot.press(*more)
        await pilot.pause()

    assert snap_compare(app(STATES["paused"]), terminal_size=size, run_before=typed)


@pytest.mark.parametrize("press", [("enter",), ("p",), ("ctrl+p",)], ids=["edit", "presets", "palette"])
def test_the_dialogues_on_a_small_screen(snap_compare: SnapCompare, press: tuple[str, ...]) -> None:
    assert snap_compare(app(STATES["paused"]), terminal_size=(60, 20), run_before=shown("paused", *press))


@pytest.mark.parametrize("size", SOME_SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("press", [("y",), ("y", "y")], ids=["one", "charts"])
def test_the_other_layouts(snap_compare: SnapCompare, press: tuple[str, ...], size: tuple[int, int]) -> None:
    assert snap_compare(app(STATES["finished"]), terminal_size=size, run_before=shown("finished", *press))


@pytest.mark.parametrize("size", SIZES[1:], ids=lambda size: f"{size[0]}x{size[1]}")
def test_measured_points(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(measured_app(), terminal_size=size, run_before=shown("running"))


def test_measured_points_in_ascii(snap_compare: SnapCompare) -> None:
    app = measured_app(Appearance(ascii=True))
    assert snap_compare(app, terminal_size=(120, 36), run_before=shown("running"))


def test_measured_points_in_a_maximised_chart(snap_compare: SnapCompare) -> None:
    press = shown("running", "4", "enter", "right", "right")
    assert snap_compare(measured_app(), terminal_size=(120, 36), run_before=press)


def test_where_the_training_points_of_a_function_crowd(snap_compare: SnapCompare) -> None:
    first = progress("finished", epoch=1200, config=Config(nodes="chebyshev", noise=0.05))
    press = shown("finished", "4", "enter")
    assert snap_compare(app(first), terminal_size=(80, 24), run_before=press)


@pytest.mark.parametrize("text", ["example:copper", "mine.csv"], ids=["example", "bad cells"])
def test_data_chosen(snap_compare: SnapCompare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text("x,f,df\n0,1,2\n1,one,2\n2,3\n3,,\nfour,5,6\n")
    rows = [row.parameter.name for row in KNOB_ROWS]
    ups = ["up"] * (rows.index("learning_rate") - rows.index("data"))

    async def choose(pilot: Pilot[None]) -> None:
        await shown("paused", *ups, "enter")(pilot)
        editor = pilot.app.screen
        assert isinstance(editor, ValueEditor)
        editor.query_one(Input).value = text
        await pilot.pause()
        editor._preview_soon(None)  # without its delay
        await editor._preview(Config(data=text)).wait()

    assert snap_compare(app(STATES["paused"]), terminal_size=(80, 24), run_before=choose)


def test_a_value_waiting_where_only_one_chart_fits(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(STATES["paused"]), terminal_size=(80, 24), run_before=shown("paused", "D"))


LEARNT = Outcome("MSE(f′) fell by 345x, MSE(f) fell by 224x.", as_expected=True)


@pytest.mark.parametrize("size", SIZES[1:3], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_lesson(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    learning = app(STATES["paused"])
    learning.lesson_player.outcomes["weight"] = LEARNT
    assert snap_compare(learning, terminal_size=size, run_before=shown("paused", "L", "n"))


def test_a_lesson_that_was_not_played(snap_compare: SnapCompare) -> None:
    assert snap_compare(app(STATES["paused"]), terminal_size=(80, 24), run_before=shown("paused", "L", "p"))


def canned_outcome(name: str, size: float, note: str = "") -> Fit:
    """What a method might have made of Runge's function: a curve off by a wave of a size."""
    errors = Errors(mse_f=size**2 / 2, mse_df=32 * size**2, max_f=size, max_df=8 * size)
    fitted = Fitted(lambda x: 1 / (1 + 25 * x**2) + size * np.cos(8 * x), lambda x: -8 * size * np.sin(8 * x))
    return Fit(name, errors, size / 100, fitted, note)


@pytest.mark.parametrize("size", SIZES[1:], ids=lambda size: f"{size[0]}x{size[1]}")
def test_classical_methods(snap_compare: SnapCompare, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    def fits(*args: Any) -> list[Fit]:
        (method,) = args[-1]
        number = [each.name for each in classical.METHODS].index(method.name)
        return [canned_outcome(method.name, 2.0 / 7**number, "degree 10" if method.has_degree else "")]

    monkeypatch.setattr(classical, "classical_fits", fits)

    async def run_before(pilot: Pilot[None]) -> None:
        await shown("finished", "i")(pilot)
        await Observer(pilot.app).until(lambda: "network" in getattr(pilot.app.screen, "outcomes", {}))
        await pilot.pause()  # the chart has shrunk by the table's last row

    assert snap_compare(app(STATES["finished"]), terminal_size=size, run_before=run_before)


def diagnosed(first: Progress, config: Config = Config()) -> RungeApp:  # noqa: B008 - frozen
    """The app with a run whose model is known: random weights, in the units of what is fitted."""
    low, high = first.fit.x[[0, -1]]
    scaling = Scaling((low + high) / 2, (high - low) / 2, float(first.fit.f_hat.mean()), float(np.ptp(first.fit.f_hat)))
    weights = 2.5 * np.random.default_rng(3).normal(size=2 * 8 + 8 * 9 + 9)  # so wild that no rounding shows
    model = Model.of(Config(hidden=(8, 8)), (0.05,), [weights], scaling)
    session = partial(CannedSession, first=replace(first, model=model))
    return RungeApp(New(config), Path("exports"), session)


@pytest.mark.parametrize("size", SIZES[1:], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_second_page(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    app = diagnosed(STATES["finished"] or progress())
    assert snap_compare(app, terminal_size=size, run_before=shown("finished", "m"))


def test_the_second_page_of_measured_points(snap_compare: SnapCompare) -> None:
    app = diagnosed(copper_progress(), COPPER)
    assert snap_compare(app, terminal_size=(120, 36), run_before=shown("running", "m"))


@pytest.mark.parametrize("chart", [2, 3])
def test_a_chart_of_the_second_page_where_only_one_fits(snap_compare: SnapCompare, chart: int) -> None:
    app = diagnosed(STATES["finished"] or progress())
    assert snap_compare(app, terminal_size=(80, 24), run_before=shown("finished", "m", str(chart)))


@pytest.mark.parametrize("size", SIZES[2:], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_third_page(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(app(STATES["finished"]), terminal_size=size, run_before=shown("finished", "m", "m"))


def test_the_third_page_of_measured_points(snap_compare: SnapCompare) -> None:
    app = diagnosed(copper_progress(), COPPER)
    assert snap_compare(app, terminal_size=(120, 36), run_before=shown("running", "m", "m"))


@pytest.mark.parametrize("chart", [2, 3])
def test_a_chart_of_the_third_page_where_only_one_fits(snap_compare: SnapCompare, chart: int) -> None:
    keys = ("m", "m", str(chart))
    assert snap_compare(app(STATES["finished"]), terminal_size=(80, 24), run_before=shown("finished", *keys))
