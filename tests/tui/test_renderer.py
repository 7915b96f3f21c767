"""Plots: what is drawn where, and that nothing a run can produce fails to draw."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.support import canned
from tui_runge.core.history import History
from tui_runge.core.thinning import medians, thin
from tui_runge.tui.charts.builder import build
from tui_runge.tui.charts.diagnostics import ErrorChart
from tui_runge.tui.charts.fingerprint import fingerprint
from tui_runge.tui.charts.kinds import LossChart
from tui_runge.tui.charts.renderer import draw, title_row, y_axis
from tui_runge.tui.charts.spec import Curve, Plot, Row
from tui_runge.tui.charts.view import View

ANY = st.floats(allow_nan=True, allow_infinity=True, width=64)


def curve(values: list[float], points: bool = False) -> Curve:
    y = np.array(values, dtype=float)
    return Curve("train", "train", np.arange(1.0, len(values) + 1), y, y, points)


def text(rows: list[Row]) -> list[str]:
    return ["".join(part for part, _ in row) for row in rows]


def cells(rows: list[Row], role: str) -> str:
    return "".join(part for row in rows[1:] for part, part_role in row if part_role == role)


@given(
    arrays.arrays(np.float64, st.integers(0, 60), elements=ANY),
    st.booleans(),
    st.integers(1, 60),
    st.integers(1, 20),
)
def test_whatever_a_run_produces_fills_exactly_its_space(
    values: np.ndarray, log: bool, width: int, height: int
) -> None:
    both = (curve(values.tolist()), curve(values.tolist(), points=True))
    plot = Plot("1 loss", both, (0.0, 60.0), "epoch", log)
    assert fingerprint(plot, width, height) == fingerprint(plot, width, height)
    rows = draw(plot, width, height)
    assert [len(line) for line in text(rows)] == [width] * height


def test_a_plot_without_data_shows_its_title_alone() -> None:
    rows = text(draw(Plot("1 total loss"), 40, 10))
    assert rows[0].strip() == "1 total loss"
    assert not "".join(rows[1:]).strip()


def test_the_legend_stands_in_the_heading_and_the_title_gives_way_to_it() -> None:
    plot = Plot("3 derivative loss", (curve([1.0, 2.0]),), (0, 2), "epoch")
    assert text(draw(plot, 60, 10))[0].split() == ["3", "derivative", "loss", "━", "train"]
    assert text(draw(plot, 22, 10))[0].split() == ["3", "derivative", "━", "train"]
    assert text(draw(plot, 14, 10))[0] == "3 derivative …"


def test_points_leave_the_line_below_them_visible_where_both_coincide() -> None:
    values = np.linspace(1, 2, 50).tolist()
    points = Curve("val", "validation", np.arange(1.0, 51), np.array(values), np.array(values), points=True)
    rows = draw(Plot("loss", (curve(values), points), (0, 50), "epoch"), 60, 15)
    assert len(cells(rows, "validation")) >= 10
    assert len(cells(rows, "train")) >= 2 * len(cells(rows, "validation"))


def test_a_value_that_is_not_finite_is_a_gap() -> None:
    rows = draw(Plot("loss", (curve([1.0] * 20 + [np.nan] * 20 + [1.0] * 20),), (0, 60), "epoch"), 66, 12)
    (line,) = [line for line in text(rows)[1:] if "⠤" in line or "⠒" in line or "⠉" in line or "⣀" in line]
    drawn = line[line.index("│") + 1 :] if "│" in line else line[line.index("┤") + 1 :]
    assert drawn.strip().count(" ") >= 15


@pytest.mark.parametrize("log", [True, False])
def test_a_spike_of_one_epoch_among_a_million_is_drawn(log: bool) -> None:
    y = np.full(1_000_000, 1e-3)
    spiked = y.copy()
    spiked[700_123] = 10.0
    x = np.arange(1.0, y.size + 1)

    def height(values: np.ndarray) -> int:
        rows = draw(Plot("loss", (Curve("train", "train", x, values, values),), (0, 1e6), "epoch", log), 60, 15)
        return sum(any(role == "train" for _, role in row) for row in rows[1:])

    assert height(y) == 1
    assert height(spiked) >= 12


@given(arrays.arrays(np.float64, st.integers(1, 300), elements=st.floats(-1e6, 1e6)), st.integers(1, 40))
def test_thinning_keeps_the_extremes_and_the_size_it_is_told(values: np.ndarray, buckets: int) -> None:
    x = np.arange(values.size, dtype=float)
    at, low, high = thin(x, values, values, (0.0, float(values.size)), buckets)
    assert at.size <= buckets
    assert low.min() == values.min()
    assert high.max() == values.max()


def test_columns_already_drawn_do_not_change_while_the_series_grows() -> None:
    rng = np.random.default_rng(0)
    values = rng.lognormal(size=1000)
    x = np.arange(1.0, 1001)
    before = thin(x[:500], values[:500], values[:500], (0.0, 1000.0), 50)
    after = thin(x, values, values, (0.0, 1000.0), 50)
    for earlier, later in zip(before, after, strict=True):
        np.testing.assert_array_equal(earlier[:-1], later[: earlier.size - 1])


def falling(epochs: int, scale: float = 1.0) -> Plot:
    y = scale * np.geomspace(0.9, 2e-7, 5000)[:epochs]
    return Plot("loss", (Curve("train", "train", np.arange(1.0, y.size + 1), y, y),), (0, 5000), "epoch", log=True)


def test_what_moves_no_dot_is_the_same_picture() -> None:
    assert fingerprint(falling(5000), 60, 15) == fingerprint(falling(5000, 1 - 1e-9), 60, 15)
    assert fingerprint(falling(5000), 60, 15) != fingerprint(falling(5000, 0.5), 60, 15)
    assert fingerprint(falling(5000), 60, 15) != fingerprint(falling(5000), 61, 15)


@given(st.integers(1, 5000), st.integers(0, 40), st.sampled_from([(60, 15), (25, 9), (5, 3)]))
def test_equal_pictures_are_drawn_equal(epochs: int, more: int, size: tuple[int, int]) -> None:
    before, after = falling(epochs), falling(epochs + more)
    if fingerprint(before, *size) == fingerprint(after, *size):
        assert draw(before, *size) == draw(after, *size)


def test_the_pictures_of_a_run_are_bounded_by_its_charts_size_and_not_by_its_epochs() -> None:
    width, height = 40, 15
    pictures = {fingerprint(falling(epochs), width, height) for epochs in range(1, 5001, 5)}
    assert len(pictures) <= 4 * (width + height)


@pytest.mark.parametrize(
    ("epochs", "noise", "roles"),
    [
        (2000, 0, ["train", "validation"]),
        (2000, 1, ["faint", "train", "validation"]),
        (5000, 0, ["faint", "train", "validation"]),
    ],
)
def test_what_noisy_losses_span_is_a_faint_band_behind_the_line(epochs: int, noise: int, roles: list[str]) -> None:
    history = History()
    for epoch in range(epochs):
        history.append((10.0 ** -(epoch / epochs + noise * (epoch % 2)),) * 6)
    shown = replace(canned.progress("finished"), epoch=epochs, curves=history.curves())
    plot = LossChart("total").plot(shown, View(), by_seconds=False)
    assert [curve.role for curve in plot.curves] == roles
    line = next(curve for curve in plot.curves if curve.role == "train")
    assert (line.low == line.high).all()
    assert "faint" not in [role for _, role in title_row(plot, plot.curves, 80)]


def test_the_median_of_each_part_is_one_of_its_values_and_leaves_out_what_is_none() -> None:
    x, y = np.arange(8.0), np.array([3.0, 1, 2, 9, np.nan, 5, np.nan, np.nan])
    at, middle = medians(x, y, (0.0, 8.0), 2)
    assert at.tolist() == [0, 4]
    assert middle.tolist() == [2, 5]
    assert medians(x, y, (0.0, 8.0), 8)[1] is y


@pytest.mark.parametrize("height", range(1, 8))
def test_a_chart_of_any_height_has_an_axis_below_its_marks(height: int) -> None:
    plot = build(canned.progress("finished", epoch=1200), ErrorChart(), View())
    assert plot.headroom
    assert y_axis(plot, height).ticks
