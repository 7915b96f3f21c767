"""The charts of how a run trains, and the page they are on."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.canned import CannedSession, copper_progress, progress
from tests.support.canned_app import running
from tui_runge.core.commands import RequestProgress
from tui_runge.core.config import OPTIMIZER_TRAITS, Config
from tui_runge.core.gradient_samples import GradientSamples
from tui_runge.core.progress import Progress
from tui_runge.tui.charts.builder import build, reading
from tui_runge.tui.charts.dynamics import AngleChart, GradientChart, SharpnessChart
from tui_runge.tui.charts.kinds import PAGES, ChartKind
from tui_runge.tui.charts.renderer import draw
from tui_runge.tui.charts.view import View

NOW = progress("finished", epoch=1200)
EMPTY = replace(NOW, gradients=GradientSamples(), sharpness=np.empty((0, 3)))


def drawn(shown: Progress, kind: ChartKind, width: int = 80) -> str:
    return "\n".join("".join(text for text, _ in row) for row in draw(build(shown, kind, View()), width, 20))


def test_both_norms_are_lines_on_a_log_axis() -> None:
    plot = build(NOW, GradientChart(), View())
    assert plot.log
    assert [curve.label for curve in plot.curves] == ["f", "f′"]
    for curve, norm in zip(plot.curves, (NOW.gradients.function, NOW.gradients.derivative), strict=True):
        np.testing.assert_array_equal(curve.x, NOW.gradients.epochs)
        np.testing.assert_array_equal(curve.high, norm)
    read = reading(NOW, GradientChart(), View(cross=1.0))
    assert read == "epoch 1   0.00 s   gradient of f 1.00e+00   of f′ 2.00e+00   both 3.00e+00"


def test_the_cosine_has_an_axis_from_one_end_to_the_other_and_a_line_at_0() -> None:
    plot = build(
        replace(NOW, gradients=GradientSamples.of([(1, 1.0, 1.0, 0.4), (9, 1.0, 1.0, 0.5)])), AngleChart(), View()
    )
    assert (plot.level, plot.log) == (0.0, False)
    picture = drawn(NOW, AngleChart())
    assert "1.0┤" in picture
    assert "-1.0┤" in picture
    assert reading(NOW, AngleChart(), View(cross=1.0)).endswith("cos +1.000   0°   pull together")
    assert reading(NOW, AngleChart(), View(cross=900.0)).endswith("pull against each other")


def test_where_one_gradient_is_0_the_other_is_drawn_and_the_angle_is_not() -> None:
    shown = copper_progress()
    assert [curve.label for curve in build(shown, GradientChart(), View()).curves] == ["f"]
    assert "one gradient is 0: no angle" in drawn(shown, AngleChart())
    assert reading(shown, AngleChart(), View(cross=1.0)).endswith("no angle")
    assert reading(shown, GradientChart(), View(cross=1.0)).endswith("of f′ 0.00e+00")


@pytest.mark.parametrize("kind", PAGES[2], ids=lambda kind: kind.name)
def test_nothing_known_and_what_is_not_finite_are_drawn(kind: ChartKind) -> None:
    note = "measured only while it is seen" if isinstance(kind, SharpnessChart) else "no gradients were sampled"
    assert note in drawn(EMPTY, kind)
    assert reading(EMPTY, kind, View(cross=1.0)) == ""
    assert not any(curve.letter for curve in build(NOW, kind, View(), ghosts=(EMPTY,)).curves)
    for value in (np.nan, np.inf, 0.0):
        odd = GradientSamples.of([(1, value, value, np.nan), (2, value, value, np.nan)])
        shown = replace(NOW, gradients=odd, sharpness=np.array([[0, value, np.nan], [5, value, np.nan]]))
        assert drawn(shown, kind)
        assert reading(shown, kind, View(cross=1.0))


def test_over_seconds_the_samples_stand_where_they_were_taken() -> None:
    for kind in PAGES[2]:
        x = build(NOW, kind, View(), by_seconds=True).curves[-1].x
        assert (np.diff(x) >= 0).all()
        assert 0 <= x[0] <= x[-1] <= 0.9


@pytest.mark.parametrize(
    ("optimizer", "label", "factor"), [("adam", "2/rate", 2), ("gd", "2/rate", 2), ("sgd", "3.8/rate", 3.8)]
)
def test_the_limit_is_that_of_the_learning_rate(optimizer: str, label: str, factor: float) -> None:
    shown = replace(NOW, config=Config(optimizer=optimizer))
    limit, sharpness = build(shown, SharpnessChart(), View()).curves
    assert (limit.label, limit.x.tolist()) == (label, [0.0, 1200.0])
    np.testing.assert_allclose(limit.high, factor / 1e-3)
    np.testing.assert_array_equal(sharpness.high, NOW.sharpness[:, 1])
    assert reading(shown, SharpnessChart(), View(cross=0.0)).endswith(f"sharpness 200   {label} {factor / 1e-3:.4g}")
    falling = NOW.sharpness.copy()
    falling[:, 2] = np.geomspace(1e-3, 1e-5, len(falling))
    limit, _ = build(replace(shown, sharpness=falling), SharpnessChart(), View()).curves
    np.testing.assert_allclose(limit.high, factor / falling[:, 2])


def test_without_a_learning_rate_there_is_no_limit() -> None:
    without = NOW.sharpness * [1, 1, np.nan]
    (curve,) = build(replace(NOW, sharpness=without), SharpnessChart(), View()).curves
    assert curve.label == "sharpness"
    assert {name for name, traits in OPTIMIZER_TRAITS.items() if traits.momentum} == {"sgd"}


async def test_the_sharpness_is_asked_for_only_on_its_page_and_until_it_is_known() -> None:
    async with running(EMPTY) as (app, pilot):
        session, wanted = app.experiment.session, RequestProgress(sharpness=True)
        assert isinstance(session, CannedSession)
        await pilot.press("m")
        assert wanted not in session.sent
        await pilot.press("m")
        assert session.sent.count(wanted) == 1
        await pilot.press("2")
        assert not app.main_screen.check_action("scale", ())
        await pilot.press("3")
        assert app.main_screen.check_action("scale", ())
        assert not app.main_screen.check_action("smooth", (1,))
        app.experiment.receive(NOW)
        app._request_what_is_seen()
        assert session.sent.count(wanted) == 1
