"""The table of a sweep: medians and quartiles over seeds, and how many runs stand how."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.canned_sweep import SIZES_TOO, sweep_rows, unfinished_rows
from tui_runge.core.errors import ERROR_LABELS, Errors
from tui_runge.sweeps.chart import MOST_LINES, chart_title, error_chart
from tui_runge.sweeps.results import SweepRow
from tui_runge.sweeps.table import quantile, setting_label, summarise
from tui_runge.tui.charts.sweep import sweep_plot


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.floats(0, 1))
def test_quantiles_are_numpys(values: list[float], part: float) -> None:
    assert quantile(values, part) == pytest.approx(float(np.quantile(values, part)), rel=1e-9, abs=1e-6)


@given(st.lists(st.floats(0, allow_nan=False), min_size=1))
def test_quantiles_are_in_order_with_infinities_too(values: list[float]) -> None:
    low, median, high = (quantile(values, part) for part in (0.25, 0.5, 0.75))
    assert min(values) <= low <= median <= high <= max(values)


@given(st.permutations(sweep_rows(SIZES_TOO, seeds=3)))
def test_a_summary_does_not_depend_on_the_order_of_the_runs(rows: list[SweepRow]) -> None:
    def by_label(rows: list[SweepRow]) -> dict[str, Errors]:
        return {summary.label: summary.median for summary in summarise(rows)}

    assert by_label(rows) == by_label(sweep_rows(SIZES_TOO, seeds=3))


def test_every_run_is_counted_once_and_one_that_diverged_is_the_worst() -> None:
    rows = unfinished_rows()
    summaries = summarise(rows)
    first, last = summaries[0], summaries[-1]
    assert sum(each.done + each.running + each.failed + each.waiting for each in summaries) == len(rows)
    assert (first.done, first.failed, last.waiting) == (3, 1, 4)
    finite = sorted(row.errors.mse_f for row in rows[:4] if row.errors and row.status == "done")
    assert first.median.mse_f == pytest.approx((finite[1] + finite[2]) / 2)
    assert first.high.mse_f == math.inf
    assert all(math.isnan(value) for value in vars(last.median).values())
    assert last.epochs_per_second is None
    # A worker that crashed says nothing about its setting.
    assert math.isfinite(summaries[1].high.mse_f)


def test_a_setting_is_named_by_what_varies() -> None:
    assert setting_label((("derivative_weight", "10"), ("hidden", "64,64"))) == "derivative weight 10 / hidden 64,64"
    assert setting_label(()) == "as given"


@pytest.mark.parametrize("error", ERROR_LABELS)
def test_a_chart_has_a_line_for_each_value_of_what_else_varies(error: str) -> None:
    chart = error_chart(summarise(sweep_rows(SIZES_TOO)), error)
    assert chart.log
    assert [text for _, text in chart.ticks] == ["0.1", "1", "10", "100"]
    assert [place for place, _ in chart.ticks] == pytest.approx([-1, 0, 1, 2])
    assert [line.label for line in chart.lines] == ["hidden 32,32", "hidden 64,64"]
    for line in chart.lines:
        assert list(line.x) == sorted(line.x)
        assert all(low <= median <= high for low, median, high in zip(line.low, line.median, line.high, strict=True))
    other = error_chart(summarise(sweep_rows(SIZES_TOO)), error, "hidden")
    assert not other.log
    assert [(place, text) for place, text in other.ticks] == [(0, "32,32"), (1, "64,64")]
    assert len(other.lines) == 4


def test_before_a_search_has_chosen_anything_there_is_nothing_to_draw() -> None:
    assert not error_chart([], "mse_f").lines
    assert not sweep_plot(error_chart([], "mse_f"), log=True).curves


def test_values_that_vary_together_make_one_line() -> None:
    rows = sweep_rows(SIZES_TOO)
    together = [row for row in rows if row.run.setting in (rows[0].run.setting, rows[-1].run.setting)]
    (line,) = error_chart(summarise(together), "mse_f").lines
    assert len(line.x) == 2


def test_where_only_the_seed_varies_there_is_one_place() -> None:
    chart = error_chart(summarise(sweep_rows({}, seeds=3)), "mse_f")
    assert chart_title(chart) == "MSE(f)"
    (line,) = chart.lines
    assert (line.x, chart.ticks, chart.limits) == ((0.0,), ((0.0, ""),), (-0.5, 0.5))


@pytest.mark.parametrize(("values", "log"), [(("0", "1", "100"), False), (("1", "2"), False), (("1", "2", "30"), True)])
def test_an_axis_is_logarithmic_where_values_are_far_apart(values: tuple[str, ...], log: bool) -> None:
    rows = [replace(row) for row in sweep_rows({"smoothing": values})]
    assert error_chart(summarise(rows), "mse_f").log == log


def test_of_many_lines_those_of_the_smallest_errors_are_shown() -> None:
    many = {"hidden": ("64,64", "32,32"), "epochs": tuple(map(str, range(1, 9)))}
    chart = error_chart(summarise(sweep_rows(many, seeds=1, spread=0.0)), "mse_df", "hidden")
    assert (len(chart.lines), chart.left_out) == (MOST_LINES, 8 - MOST_LINES)
