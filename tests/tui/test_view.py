"""Looking at a chart: zoom, pan, crosshair, smoothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tui_runge.tui.charts.view import View, move, nearest, pan, smooth, zoom

WHOLE = (0.0, 1000.0)
X = np.arange(1.0, 1001)
DONE = 1000.0


def test_zooming_keeps_the_crosshair_where_it_is() -> None:
    view = zoom(View(cross=300), 0.5, WHOLE, DONE)
    assert view.span == (150, 650)
    assert zoom(view, 0.5, WHOLE, DONE).span == (225, 475)


def test_zooming_out_ends_at_the_whole() -> None:
    view = zoom(View(cross=10), 0.5, WHOLE, DONE)
    assert zoom(view, 2, WHOLE, DONE) == View(cross=10)
    assert zoom(View(), 2, WHOLE, DONE) == View()


def test_zooming_in_has_an_end() -> None:
    view = View()
    for _ in range(100):
        view = zoom(view, 0.5, WHOLE, DONE)
    assert view.span is not None
    assert view.span[0] < view.span[1]


def test_panning_stops_at_the_ends() -> None:
    view = zoom(View(), 0.5, WHOLE, DONE)
    assert view.span == (250, 750)
    assert pan(view, -5, WHOLE, DONE).span == (0, 500)
    assert pan(view, 5, WHOLE, DONE).span == (500, 1000)
    assert pan(View(), 0.25, WHOLE, DONE) == View()


def test_a_zoom_that_holds_the_newest_epoch_follows_it() -> None:
    view = zoom(View(cross=590), 0.25, WHOLE, 600)
    assert view.follows
    assert view.limits(WHOLE, 600) == (350, 600)
    assert view.limits(WHOLE, 610) == (360, 610)
    assert not pan(view, -1, WHOLE, 600).follows
    assert not zoom(View(cross=100), 0.25, WHOLE, 600).follows


def test_the_crosshair_starts_in_the_middle_and_stays_on_points() -> None:
    view = move(View(), 1, X, WHOLE, DONE)
    assert view.cross == 500
    assert move(view, 1, X, WHOLE, DONE).cross == 510
    assert move(View(cross=1000), 1, X, WHOLE, DONE).cross == 1000
    assert move(View(), 1, X[:0], WHOLE, 0) == View()


def test_the_crosshair_moves_by_a_point_at_least() -> None:
    view = View(cross=500, span=(495, 505))
    assert move(view, 1, X, WHOLE, DONE).cross == 501
    assert move(view, -1, X, WHOLE, DONE).cross == 499


def test_the_crosshair_takes_the_visible_stretch_along() -> None:
    view = move(View(cross=505, span=(495, 505)), 1, X, WHOLE, DONE)
    assert view.cross == 506
    assert view.span == (496, 506)


@given(st.lists(st.sampled_from(["in", "out", "left", "right", "+", "-"]), max_size=60), st.integers(0, 1000))
def test_any_keys_leave_a_view_inside_the_whole(keys: list[str], newest: int) -> None:
    x, view = X[:newest], View()
    for key in keys:
        match key:
            case "in" | "out":
                view = zoom(view, 0.5 if key == "in" else 2, WHOLE, float(newest))
            case "left" | "right":
                view = pan(view, -0.25 if key == "left" else 0.25, WHOLE, float(newest))
            case _:
                view = move(view, 1 if key == "+" else -1, x, WHOLE, float(newest))
        if view.span is not None:
            assert WHOLE[0] - 1e-9 <= view.span[0] < view.span[1] <= WHOLE[1] + 1e-9
        assert view.cross is None or view.cross in x


@pytest.mark.parametrize(("value", "index"), [(-5, 0), (1.4, 0), (1.6, 1), (1e9, 999)])
def test_the_nearest_point(value: float, index: int) -> None:
    assert nearest(X, value) == index


@given(st.floats(-1e6, 1e6), st.integers(1, 300), st.sampled_from([1, 5, 15, 45]))
def test_smoothing_leaves_a_constant_as_it_is(value: float, size: int, window: int) -> None:
    np.testing.assert_allclose(smooth(np.full(size, value), window), value, rtol=1e-12)


@given(arrays.arrays(np.float64, st.integers(1, 100), elements=st.floats(-1e3, 1e3)))
def test_smoothing_stays_within_the_extremes_and_leaves_gaps_out(values: np.ndarray) -> None:
    values[::7] = np.nan
    smoothed = smooth(values, 5)
    finite = values[np.isfinite(values)]
    assert smoothed.shape == values.shape
    if finite.size:
        assert np.nanmin(smoothed) >= finite.min() - 1e-9
        assert np.nanmax(smoothed) <= finite.max() + 1e-9
