"""Measured points in the charts, the panel and the title."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.support.canned import COPPER, copper_progress, progress
from tui_runge.core.config import Config
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Fit, Progress
from tui_runge.problems import problem_of
from tui_runge.tui.charts.builder import build, reading
from tui_runge.tui.charts.fingerprint import fingerprint
from tui_runge.tui.charts.kinds import CHARTS, FitChart
from tui_runge.tui.charts.measured import MANY, thin_dots, y_limits
from tui_runge.tui.charts.renderer import draw
from tui_runge.tui.charts.spec import DOT, Curve, Plot
from tui_runge.tui.charts.view import View
from tui_runge.tui.screens.compare import _lines
from tui_runge.tui.title_bar import title_line
from tui_runge.tui.widgets.metrics import (
    _best_beside_epoch,
    _details,
    _errors_alone,
    _errors_beside_ghosts,
    _few_errors,
)

FUNCTION, DERIVATIVE = FitChart(derivative=False), FitChart(derivative=True)
ANY = st.floats(allow_nan=True, allow_infinity=True, width=64)


def drawn(plot: Plot, width: int = 60, height: int = 16) -> list[str]:
    return ["".join(text for text, _ in row) for row in draw(plot, width, height)]


def shown_of(points: MeasuredPoints, f_hat: np.ndarray, df_hat: np.ndarray) -> Progress:
    """A progress on points, whose network is given on a grid of its own."""
    config = Config(data="points", points=points)
    x = np.linspace(points.x.min(), points.x.max(), f_hat.size)
    unknown = np.full_like(x, np.nan)
    return replace(copper_progress(), config=config, fit=Fit(x, unknown, unknown, f_hat, df_hat))


def test_the_network_is_shown_over_the_points_it_is_trained_and_judged_on() -> None:
    plot = build(copper_progress(), FUNCTION, View())
    assert [(curve.label, curve.x.size) for curve in plot.curves] == [("fit", 101), ("train", 189), ("val", 47)]
    assert all((np.diff(curve.x) >= 0).all() for curve in plot.curves)
    heading, *rows = drawn(plot)
    assert heading.split()[-6:] == ["━", "fit", "▖", "train", "×", "val"]
    assert sum(row.count("×") for row in rows) >= 3


def test_where_no_slopes_were_measured_the_derivative_is_the_models_own_and_has_no_loss() -> None:
    plot = build(copper_progress(), DERIVATIVE, View())
    assert [curve.label for curve in plot.curves] == ["fit′, the model's own"]
    assert "no slopes were measured" in "\n".join(drawn(build(copper_progress(), CHARTS[2], View())))
    ghosts = (progress("finished"),)
    assert "no slopes were measured" in "\n".join(drawn(build(copper_progress(), CHARTS[2], View(), ghosts=ghosts)))
    assert not "".join(drawn(build(progress(epoch=0), CHARTS[2], View()))[1:]).strip()


def test_measured_slopes_are_dots_of_the_derivative() -> None:
    points = MeasuredPoints.of([3, 1, 2], [9, 1, np.nan], [np.nan, 2, 4], held_out=[False, False, True])
    plot = build(shown_of(points, np.array([1.0, 9]), np.array([2.0, 6])), DERIVATIVE, View())
    assert [(curve.label, curve.x.tolist()) for curve in plot.curves[1:]] == [("train", [1]), ("val", [2])]


def test_a_wild_network_does_not_squeeze_the_points() -> None:
    points = Curve("", "points", np.arange(3.0), np.array([0.0, 5, 10]), np.array([0.0, 5, 10]), dots=DOT)
    assert y_limits(np.array([1e6, np.nan, -1e9]), (points,)) == (-5, 15)
    wild = np.where(np.arange(1001) == 500, 1e9, np.linspace(0, 1, 1001))
    low, high = y_limits(wild, ()) or (0, 0)
    assert -1 < low < 0.1
    assert 0.9 < high < 2
    assert y_limits(np.full(3, np.nan), ()) is None
    assert y_limits(np.zeros(3), ()) == (-1, 1)


@settings(max_examples=40)
@given(arrays.arrays(np.float64, 12, elements=ANY), st.integers(1, 60), st.integers(1, 20))
def test_whatever_a_network_gives_is_drawn_with_the_points(f_hat: np.ndarray, width: int, height: int) -> None:
    points = MeasuredPoints.of([0.0, 1, 2, 3], [1, 2, np.nan, 0], [np.nan, 1, 1, np.nan])
    shown = shown_of(points, f_hat, f_hat)
    for kind in CHARTS:
        plot = build(shown, kind, View())
        assert fingerprint(plot, width, height) == fingerprint(plot, width, height)
        assert [len(row) for row in drawn(plot, width, height)] == [width] * height


def test_points_are_drawn_where_they_are_and_a_line_shines_through() -> None:
    x = np.arange(0.0, 100)
    line = Curve("fit", "model", x, x, x)
    dots = Curve("train", "points", x, x, x, dots=DOT)
    rows = draw(Plot("", (line, dots), (0, 99)), 60, 20)
    roles = [role for row in rows[1:] for text, role in row for letter in text if letter.strip()]
    assert roles.count("points") >= 20
    assert roles.count("model") >= 20
    ends = np.array([100.0, 0.0])
    corners = drawn(Plot("", (Curve("", "points", ends, ends, ends, dots=DOT),), (0, 100)))
    assert corners[1].endswith("▝")
    assert corners[-3][corners[-3].index("┤") + 1 :].strip() == corners[-3][corners[-3].index("┤") + 1] == "▖"


def test_very_many_points_are_thinned_to_the_extremes_of_neighbours() -> None:
    x = np.arange(10.0 * MANY)
    y = np.zeros_like(x)
    y[123_45], y[77_777] = 9, -9
    thinned = thin_dots(Curve("", "points", x, y, y, dots=DOT))
    assert thinned.x.size == 2 * MANY
    assert (thinned.high.max(), thinned.high.min()) == (9, -9)
    few = Curve("", "points", x[:9], y[:9], y[:9], dots=DOT)
    assert thin_dots(few) is few


def test_the_crosshair_reads_the_nearest_point_and_its_residual() -> None:
    points = MeasuredPoints.of([0, 1, 2], [0, 2, 8], held_out=[False, True, False])
    grid = np.linspace(0, 2, 9)
    shown = shown_of(points, grid**3, 3 * grid**2)
    assert reading(shown, FUNCTION, View(cross=0.8)) == "x 0.75   fit 0.421875   held out f 2 at 1   residual +1.00e+00"
    assert reading(shown, FUNCTION, View(cross=1.9)).endswith("measured f 8 at 2   residual +0.00e+00")
    assert reading(shown, DERIVATIVE, View(cross=1.0)) == "x 1   fit′ 3   no slopes were measured"


def test_the_crosshair_reads_no_loss_of_slopes_that_were_not_measured() -> None:
    assert reading(copper_progress(), CHARTS[2], View(cross=100.0)).endswith("no slopes were measured")


def test_only_a_run_on_the_same_points_is_a_ghost() -> None:
    now = copper_progress()
    points = COPPER.points
    assert points is not None
    other = Config(data="example:copper", points=replace(points, f=points.f + 1))
    ghosts = (copper_progress("finished"), replace(now, config=other), progress())
    assert [FUNCTION.ghost(ghost, now, False, False) is not None for ghost in ghosts] == [True, False, False]


def test_the_epoch_of_the_best_weights_is_marked_in_the_losses_and_named() -> None:
    assert build(copper_progress(), CHARTS[0], View()).marks == ((600.0, "best"),)
    told = copper_progress(details=(("damping", "1e-3"),))
    assert _best_beside_epoch(told, 34) == ", best 600"
    assert _details(told, 34).plain == "damping 1e-3"
    assert _best_beside_epoch(told, 28) == ""
    assert _details(told, 28).plain == "best epoch 600, damping 1e-3"
    assert _details(told, 27).plain == "best epoch 600"


def test_a_comparison_says_which_points_the_errors_of_each_run_are_taken_on() -> None:
    rows = [line.plain.split() for line in _lines([copper_progress(), progress()], 80)]
    assert ["error", "A", "B"] in rows
    assert ["taken", "on", "held-out", "points", "grid"] in rows
    assert ["error", "on", "the", "grid", "A", "B"] in [line.plain.split() for line in _lines([progress()] * 2, 80)]


def test_training_points_of_a_function_are_ticks_and_with_noise_dots() -> None:
    axis = drawn(build(progress(config=Config(train_points=9)), FUNCTION, View()))[-2]
    assert (axis.count("┴"), axis.count("┼")) == (4, 5)  # where the axis has a tick of its own too
    uneven = drawn(build(progress(config=Config(nodes="chebyshev")), FUNCTION, View()))[-2]
    assert uneven.index("╨") < uneven.index("┴") < uneven.rindex("╨")
    chosen = build(progress(train_x=np.array([0.5]), config=Config(noise=0.1)), FUNCTION, View())
    assert [curve.label for curve in chosen.curves] == ["fit", "f"]
    assert chosen.ticks is not None
    assert chosen.ticks.tolist() == [0.5]
    assert build(copper_progress(), FUNCTION, View()).ticks is None
    noisy = build(progress(config=Config(noise=0.1, train_points=7)), DERIVATIVE, View())
    assert [(curve.label, curve.dots) for curve in noisy.curves] == [("fit′", ""), ("f′", ""), ("train", DOT)]
    np.testing.assert_array_equal(noisy.curves[2].high, problem_of(Config(noise=0.1, train_points=7)).training.df)


def test_the_panel_says_which_points_the_errors_are_of_and_how_far_the_points_are() -> None:
    shown = copper_progress()
    lines = [line.plain.split() for line in _errors_alone(shown)]
    assert lines[1:] == [
        ["residual", "sd", "8.53e-02"],
        ["held-out", "now"],
        ["MSE(f)", "7.80e-03"],
        ["MSE(f′)", "–"],
        ["MaxErr(f)", "3.10e-01"],
        ["MaxErr(f′)", "–"],
    ]
    assert [line.plain.split()[0] for line in _few_errors(shown)] == ["residual", "MSE(f)", "MaxErr(f)"]
    beside = [line.plain.split() for line in _errors_beside_ghosts(shown, [copper_progress("finished")])]
    assert beside[2:5] == [
        ["residual", "sd", "8.5e-2", "8.5e-2"],
        ["MSE(f)", "7.8e-3", "7.8e-3"],
        ["MSE(f′)", "–", "–"],
    ]


def test_the_title_names_the_points_and_their_number() -> None:
    assert (
        "  copper, 236 points   1–64–64–1 tanh   adam" in title_line(COPPER, copper_progress(), None, None, 120).plain
    )
