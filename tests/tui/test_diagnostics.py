"""The charts of where and why a fit is wrong, and the page they are on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.canned import CannedSession, copper_progress, progress
from tests.support.canned_app import running
from tests.support.measured_runs import atmosphere, measured_run
from tests.test_replay import trained
from tui_runge.core.commands import RequestProgress
from tui_runge.core.config import Config
from tui_runge.core.progress import Model, Progress
from tui_runge.core.run_start import New
from tui_runge.core.scaling import Scaling
from tui_runge.runs.directory import RunsDirectory
from tui_runge.tui.app import RungeApp
from tui_runge.tui.charts.builder import build, reading
from tui_runge.tui.charts.diagnostics import ErrorChart, Spectrum, SpectrumChart, UnitsChart, spectrum, telling
from tui_runge.tui.charts.kinds import PAGES, title
from tui_runge.tui.charts.renderer import draw
from tui_runge.tui.charts.view import View
from tui_runge.tui.charts.views import ChartViews
from tui_runge.tui.past_spectra import PastSpectra
from tui_runge.tui.screens.main import MainScreen
from tui_runge.tui.widgets.chart import Chart

RNG = np.random.default_rng(3)
MODEL = Model.of(Config(hidden=(6,)), (0.5,), [RNG.normal(size=19)], Scaling(0.0, 0.5, 0.3, 1.0))
NOW = progress("finished", epoch=1200, model=MODEL)
MEASURED = copper_progress(model=replace(MODEL, scaling=Scaling(433.0, 419.0, 12.0, 8.0)))


def drawn(shown: Progress, kind: ErrorChart | SpectrumChart | UnitsChart) -> str:
    return "\n".join("".join(text for text, _ in row) for row in draw(build(shown, kind, View()), 80, 20))


def test_the_errors_are_those_by_place_and_the_largest_are_marked() -> None:
    plot = build(NOW, ErrorChart(), View())
    fit = NOW.fit
    np.testing.assert_array_equal(plot.curves[0].high, np.abs(fit.f_hat - fit.f))
    np.testing.assert_array_equal(plot.curves[1].high, np.abs(fit.df_hat - fit.df))
    (at_f, text_f), (at_df, text_df) = plot.marks
    assert (text_f, text_df) == (f"f 2.0e-02 at {at_f:.3g}", f"f′ 1.8e-01 at {at_df:.3g}")
    picture = drawn(NOW, ErrorChart())
    assert all(text in picture for _, text in plot.marks)
    assert reading(NOW, ErrorChart(), View(cross=0.0)) == "x 0.0000   error of f 2.00e-02   of f′ 1.80e-01"


def test_an_exact_fit_and_one_that_is_not_finite_are_drawn() -> None:
    for f_hat in (NOW.fit.f, np.full_like(NOW.fit.x, np.nan), np.full_like(NOW.fit.x, np.inf)):
        assert drawn(replace(NOW, fit=replace(NOW.fit, f_hat=f_hat, df_hat=f_hat)), ErrorChart())


def test_of_measured_points_the_residuals_are_dots_about_zero() -> None:
    plot = build(MEASURED, ErrorChart(), View())
    assert (plot.level, plot.log) == (0.0, False)
    assert [curve.label for curve in plot.curves] == ["train", "val"]
    assert max(np.abs(curve.high).max() for curve in plot.curves) < 1
    assert "residual" in reading(MEASURED, ErrorChart(), View(cross=100.0))


def test_residuals_of_measured_slopes_are_drawn_at_a_scale_like_that_of_f() -> None:
    run = measured_run(atmosphere())
    plot = build(run, ErrorChart(), View())
    assert {curve.label.partition("·")[0] for curve in plot.curves} == {"train f′", "val f′", "train", "val"}
    scaled, of_f = (np.concatenate([curve.high for curve in curves]) for curves in (plot.curves[:2], plot.curves[2:]))
    assert 0.3 < np.std(scaled) / np.std(of_f) < 3.2
    text = reading(run, ErrorChart(), View(cross=10.0))
    assert "measured f " in text or "held out f " in text
    assert "measured f′ " in text or "held out f′ " in text


def test_the_spectrum_is_that_of_the_error_and_of_the_fit_where_f_is_not_known() -> None:
    zero = replace(NOW, model=replace(MODEL, scales=(0.0,), scaling=Scaling()))
    now = spectrum(zero)
    assert now is not None
    rate = (1 + np.sqrt(26)) / 5
    decay = rate ** -np.arange(2.0, 80, 2)
    np.testing.assert_allclose(now.magnitudes[2:80:2], 2 * now.magnitudes[0] * decay, rtol=0.01)
    constant = spectrum(replace(MEASURED, model=replace(MODEL, scales=(0.0,), scaling=Scaling(f_center=5.0))))
    assert constant is not None
    np.testing.assert_allclose(constant.magnitudes, [5.0, *[0.0] * 256], atol=1e-14)
    assert "fit now" in drawn(MEASURED, SpectrumChart())


def test_behind_a_spectrum_are_those_before_it_that_tell_most() -> None:
    assert telling([0, 1, 10, 70, 240, 600, 999], 1000) == [0, 70, 240]
    assert telling([5], 1) == telling([], 10) == []
    spectra = [Spectrum(epoch, np.ones(257)) for epoch in (0, 80, 300, 2000)]
    plot = build(NOW, SpectrumChart(), View(), spectra=spectra)
    assert [curve.label for curve in plot.curves] == ["0", "80", "300", "now"]


@pytest.mark.parametrize("derivative", [False, True])
def test_the_units_that_are_shown_and_the_rest_make_up_the_fit(derivative: bool) -> None:
    kind = UnitsChart(derivative)
    *parts, fit = build(NOW, kind, View()).curves
    assert [curve.label for curve in parts][-1] == "rest"
    np.testing.assert_allclose(sum(curve.high for curve in parts), fit.high, atol=1e-13)
    assert reading(NOW, kind, View(cross=0.0)).count("unit ") == 3
    staged = replace(NOW, model=replace(MODEL, stages=MODEL.stages * 2, scales=(0.1, 0.5)))
    assert build(staged, kind, View()).curves[0].label.startswith("2:")


def test_what_is_made_of_the_model_waits_for_it() -> None:
    for kind in PAGES[1]:
        shown = "\n".join("".join(text for text, _ in row) for row in draw(build(progress(), kind, View()), 80, 20))
        assert ("waits" in shown) == kind.needs_model
        assert bool(reading(progress(), kind, View(cross=0.0))) != kind.needs_model


def test_a_page_has_digits_of_its_own_and_views_that_stay() -> None:
    views = ChartViews().choose(4).with_next_page()
    assert (views.page, views.chosen, list(views.shown)) == (1, 8, [5, 6, 7, 8])
    assert title(views.chosen) == "4 derivative units"
    assert views.choose(4).chosen == 5
    assert views.choose(-1).chosen == 8
    assert views.with_next_page().chosen == 11
    assert views.with_next_page().with_next_page().chosen == 2


def test_the_texts_of_marks_that_are_near_each_other_are_all_shown() -> None:
    near = replace(build(NOW, ErrorChart(), View()), marks=((-0.1, "f 2.0e-02 at -0.1"), (0.0, "f′ 1.8e-01 at 0")))
    rows = ["".join(text for text, _ in row) for row in draw(near, 41, 17)]
    assert all(any(text in row for row in rows) for _, text in near.marks)
    long = replace(near, marks=((0.0, "f 2.9e-12 at -0.0182"),))
    assert "f 2.9e-12 at -0.0182" in "".join(text for text, _ in draw(long, 41, 17)[1])


def titles(app: RungeApp) -> list[str]:
    return [chart.rows[0][0][0] for chart in app.main_screen.query(Chart) if chart.display]


async def test_m_turns_the_page_and_its_keys_act_there() -> None:
    async with running(NOW) as (app, pilot):
        session = app.experiment.session
        assert isinstance(session, CannedSession)
        await pilot.press("m")
        await pilot.pause()
        assert [text[0] for text in titles(app)] == list("1234")
        assert titles(app)[0] == "1 error by place"
        await pilot.press("5")
        assert app.main_screen.views.chosen == 5
        await pilot.press("2", "enter")
        await pilot.pause()
        assert titles(app) == ["2 error spectrum"]
        await pilot.press("right")
        assert app.main_screen.views.view.cross is not None
        await pilot.press("escape", "shift+tab", "shift+tab", "m")
        await pilot.pause()
        assert (len(titles(app)), app.main_screen.views.chosen) == (3, 11)
        await pilot.press("m")
        await pilot.pause()
        assert (len(titles(app)), app.main_screen.views.chosen) == (5, 2)
        assert RequestProgress(model=True) not in session.sent


@pytest.mark.parametrize("over", [(), ("question_mark",)], ids=["main", "help"])
async def test_charts_that_a_larger_terminal_has_room_for_are_drawn(over: tuple[str, ...]) -> None:
    async with running(NOW, size=(80, 24)) as (app, pilot):
        await pilot.press("m", *over)
        await pilot.resize_terminal(120, 36)
        await pilot.press(*["escape"] * len(over))
        await pilot.pause()
        assert len(titles(app)) == 4
        assert all(len(chart.rows[0]) > 2 for chart in app.main_screen.query(Chart) if chart.display)  # with legends


async def test_what_is_made_of_the_model_stays_until_the_next_has_come() -> None:
    async with running(NOW) as (app, pilot):
        await pilot.press("m")
        await pilot.pause()
        spectrum_chart = list(app.main_screen.query(Chart))[1]
        rows = spectrum_chart.rows
        app.experiment.receive(replace(NOW, model=None))
        await pilot.pause()
        assert spectrum_chart.rows == rows
        app.experiment.receive(replace(NOW, model=None, run="another"))
        await pilot.pause()
        assert any("waits" in text for row in spectrum_chart.rows for text, _ in row)


async def test_the_model_is_asked_for_only_while_the_page_is_seen() -> None:
    async with running(replace(NOW, model=None), size=(80, 24)) as (app, pilot):
        session = app.experiment.session
        assert isinstance(session, CannedSession)
        assert session.sent.count(RequestProgress(model=True)) == 0
        await pilot.press("m")
        await pilot.pause()
        assert titles(app) == ["1 error by place"]
        assert session.sent.count(RequestProgress(model=True)) == 1
        await pilot.press("m")
        assert session.sent.count(RequestProgress(model=True)) == 1
        assert isinstance(app.screen, MainScreen)


async def test_spectra_before_are_read_from_the_snapshots_of_a_kept_run(tmp_path: Path) -> None:
    directory = RunsDirectory(tmp_path)
    last = trained(directory, New(Config(hidden=(6,), epochs=60, train_points=16, evaluation_points=21)))
    changed: list[int] = []
    past = PastSpectra(directory, changed=lambda: changed.append(len(past.known)))
    assert past.due(last)
    await past.follow(last)
    epochs = {each.epoch for each in past.known}
    assert {0, 60} <= epochs
    assert changed == [len(epochs)]
    assert not past.due(last)
    assert not past.due(replace(last, epoch=70))
    assert past.due(replace(last, epoch=90))
    assert past.due(replace(last, run="other"))
    assert past.known == ()
