"""The run before, faint behind the one that is shown."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot

from tests.support.canned import CHANGED, CannedSession, progress
from tests.support.pilot import Observer, observed
from tests.test_appearance import contrast, segments
from tests.test_screens import SIZES, SnapCompare
from tui_runge.core.commands import Stop
from tui_runge.core.config import Config
from tui_runge.core.presets import PRESETS
from tui_runge.core.progress import Change, Progress
from tui_runge.core.run_start import New
from tui_runge.tui.app import Progressed, RungeApp
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.ascii_filter import to_ascii
from tui_runge.tui.charts.builder import build
from tui_runge.tui.charts.kinds import CHARTS, ChartKind
from tui_runge.tui.charts.overlays import difference, ghost_names
from tui_runge.tui.charts.renderer import draw, title_row
from tui_runge.tui.charts.spec import Plot
from tui_runge.tui.charts.view import View
from tui_runge.tui.themes import THEMES
from tui_runge.tui.widgets.chart import Chart
from tui_runge.tui.widgets.metrics import Metrics

BEFORE = progress("finished", epoch=1200, config=Config(derivative_weight=10), run="20261123-1712-amber")
NOW = progress("running", epoch=300)


def ghosts_of(shown: Plot) -> list[str]:
    return [curve.label for curve in shown.curves if curve.letter]


def letters(shown: Plot, width: int = 80, height: int = 20) -> str:
    return "".join(text for row in draw(shown, width, height)[1:] for text, role in row if role == "ghost")


@pytest.mark.parametrize("kind", [kind for kind in CHARTS if not kind.needs_model], ids=lambda kind: kind.name)
def test_a_ghost_is_behind_every_chart_and_says_what_was_unlike(kind: ChartKind) -> None:
    shown = build(NOW, kind, View(), ghosts=(BEFORE,))
    assert ghosts_of(shown) == ["before: derivative weight 10"]
    assert build(NOW, kind, View()).x_limits == shown.x_limits
    moved = replace(BEFORE, fit=replace(BEFORE.fit, f_hat=BEFORE.fit.f_hat + 0.3, df_hat=BEFORE.fit.df_hat + 1.0))
    assert "·" in letters(build(NOW, kind, View(), ghosts=(moved,)))


def test_the_fit_of_another_target_is_no_ghost_of_this_one() -> None:
    other = replace(BEFORE, config=Config(target="steep"))
    found = [len(ghosts_of(build(NOW, kind, View(), ghosts=(other,)))) for kind in CHARTS]
    assert found == [*[1] * 3, *[0] * 6, *[1] * 3]


def test_a_longer_ghost_is_cut_at_the_planned_epochs_and_over_seconds_has_its_own() -> None:
    longer = progress("finished", epoch=3000, config=Config(epochs=3000))
    (ghost,) = [curve for curve in build(NOW, CHARTS[0], View(), ghosts=(longer,)).curves if curve.letter]
    assert (ghost.x[0], ghost.x[-1] <= 1202) == (1, True)
    (ghost,) = [
        curve for curve in build(NOW, CHARTS[0], View(), by_seconds=True, ghosts=(longer,)).curves if curve.letter
    ]
    assert np.isin(ghost.x, longer.times).all()


def test_a_ghost_that_diverged_squeezes_no_fit() -> None:
    wild = replace(BEFORE, fit=replace(BEFORE.fit, f_hat=BEFORE.fit.f_hat * 1e6))
    drawings = (draw(build(NOW, CHARTS[3], View(), ghosts=given), 60, 15)[1:] for given in ((), (wild,)))
    first, second = ([text for row in rows for text, role in row if role == "model"] for rows in drawings)
    assert first == second


def test_a_ghost_is_told_from_the_curves_in_ascii() -> None:
    shown = build(NOW, CHARTS[0], View(), ghosts=(BEFORE,))
    legend = {role: to_ascii(text.strip()) for text, role in title_row(shown, shown.curves, 80) if text.strip() != ""}
    assert (legend["train"], legend["validation"], legend["ghost"]) == ("*", "o", ".")


def test_the_legend_gives_way_by_degrees_and_is_never_cut() -> None:
    shown = build(NOW, CHARTS[0], View(), ghosts=(BEFORE,))
    texts = {width: "".join(text for text, _ in title_row(shown, shown.curves, width)) for width in (80, 40, 27, 20)}
    assert all(len(text) == width for width, text in texts.items())
    assert "· before: derivative weight 10" in texts[80]
    assert texts[40].endswith("val · before")
    assert texts[27].endswith("━ train ▖ val")
    assert "before" not in texts[27]
    assert "train" not in texts[20]


@pytest.mark.parametrize(
    ("ghost", "now", "text"),
    [
        (BEFORE, NOW, "derivative weight 10 → 1"),
        (NOW, NOW, "the same hyperparameters"),
        (replace(NOW, config=Config(optimizer="lm")), NOW, "optimizer lm → adam, dtype float64 → float32"),
        (
            progress("finished", 1200, Config(derivative_weight=2), changes=CHANGED),
            replace(NOW, config=Config(derivative_weight=2)),
            "derivative weight 1, 2 from 300 → 2",
        ),
        (
            progress("finished", 300, Config(derivative_weight=2), changes=CHANGED),
            replace(NOW, config=Config(derivative_weight=2)),
            "derivative weight 1 → 2",
        ),
        (
            NOW,
            progress(changes=(Change(112, "optimizer", "adam", "lm"),), config=Config(optimizer="lm", dtype="float32")),
            "optimizer adam → adam, lm from 112",
        ),
    ],
    ids=["value", "none", "dtype", "live", "unused", "branch"],
)
def test_what_differs_is_what_was_trained_with(ghost: Progress, now: Progress, text: str) -> None:
    assert difference(ghost, now) == text


def test_several_ghosts_go_by_their_words() -> None:
    other = replace(BEFORE, run="20261123-1713-birch-2")
    assert ghost_names((BEFORE, other, NOW)) == ["amber", "birch-2", "ghost 3"]
    shown = build(NOW, CHARTS[0], View(), ghosts=(BEFORE, other, NOW))
    assert [curve.letter for curve in shown.curves if curve.letter] == ["·", "+", "×"]


def make_app(first: Progress, appearance: Appearance = Appearance()) -> RungeApp:  # noqa: B008 - frozen
    return RungeApp(New(Config()), Path(), partial(CannedSession, first=first), appearance)


async def shown(pilot: Pilot[None], status: str) -> RungeApp:
    assert isinstance(pilot.app, RungeApp)
    app = pilot.app
    await Observer(app).until(lambda: app.experiment.state == status)
    return app


def numbers(app: RungeApp) -> str:
    return str(app.screen.query_one(Metrics).content)


@pytest.mark.parametrize("key", ["r", "R", "P"])
@pytest.mark.parametrize("status", ["running", "paused", "finished", "diverged"])
async def test_a_restart_makes_the_run_before_the_ghost(status: str, key: str) -> None:
    first = progress(status)  # type: ignore[arg-type]
    async with observed(make_app(first), (120, 36)) as pilot:
        app = await shown(pilot, status)
        await pilot.press(key)
        assert app.main_screen.ghosts == (first,)
        config = {"r": Config(), "R": Config(seed=112652011), "P": PRESETS["precise"].config()}[key]
        assert isinstance(app.experiment.session, CannedSession)
        assert New(config) in app.experiment.session.sent
        app.post_message(Progressed(progress("running", 5, config)))
        await pilot.pause()
        await shown(pilot, "running")
        assert difference(first, app.experiment.progress) in numbers(app) or key == "P"  # type: ignore[arg-type]
        assert "· ended" in numbers(app)


async def test_a_run_of_which_nothing_was_trained_is_no_ghost() -> None:
    async with observed(make_app(BEFORE), (120, 36)) as pilot:
        app = await shown(pilot, "finished")
        await pilot.press("r")
        app.post_message(Progressed(progress("paused", 0)))
        await shown(pilot, "paused")
        await pilot.press("r")
        assert app.main_screen.ghosts == (BEFORE,)
        app.experiment.session.send(Stop())
        app.experiment.state, app.experiment.progress = "failed", None
        await pilot.press("r")
        assert app.main_screen.ghosts == (BEFORE,)


async def test_g_hides_the_ghost_and_brings_it_back() -> None:
    async with observed(make_app(NOW), (120, 36)) as pilot:
        app = await shown(pilot, "running")
        chart = app.screen.query(Chart).first()
        alone = chart.rows
        await pilot.press("g")
        assert chart.rows == alone
        app.main_screen.show_ghosts((BEFORE,))
        assert "· derivative weight 10 → 1" in numbers(app)
        with_ghost = chart.rows
        assert with_ghost != alone
        await pilot.press("g")
        assert chart.rows == alone
        assert "derivative weight" not in numbers(app)
        await pilot.press("g")
        assert chart.rows == with_ghost


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_a_ghost_stands_out(theme: str) -> None:
    async with observed(make_app(NOW, Appearance(theme=theme)), (120, 36)) as pilot:
        app = await shown(pilot, "running")
        app.main_screen.show_ghosts((BEFORE,))
        await pilot.pause()
        ink = app.theme_variables["curve-ghost"]
        found = [s for s in segments(app, app.screen.region) if s.style and s.style.color and s.style.color.name == ink]
        assert {True, False} == {any(letter.isalnum() for letter in segment.text) for segment in found}
        assert all(contrast(s) >= (4.5 if any(letter.isalnum() for letter in s.text) else 3) for s in found)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    "appearance", [Appearance(), Appearance(theme="light"), Appearance(ascii=True)], ids=["dark", "light", "ascii"]
)
def test_a_ghost_on_the_screen(snap_compare: SnapCompare, appearance: Appearance, size: tuple[int, int]) -> None:
    async def show_ghost(pilot: Pilot[None]) -> None:
        app = await shown(pilot, "running")
        times = BEFORE.times
        before = BEFORE.curves
        curves = replace(before, low=before.low * 3, high=before.high * 3, first=before.first * 3)
        fit = replace(BEFORE.fit, f_hat=BEFORE.fit.f_hat + 0.1, df_hat=BEFORE.fit.df_hat + 0.5)
        app.main_screen.show_ghosts((replace(BEFORE, curves=curves, fit=fit, times=times),))
        await pilot.pause()

    assert snap_compare(make_app(NOW, appearance), terminal_size=size, run_before=show_ghost)
