"""Axes: ticks at round numbers inside the limits, few enough, never the same text twice."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runge.tui.charts.axis import linear_axis, log_axis, power, tick_label

EXPONENTS = st.floats(-320, 308)
NUMBERS = st.floats(-1e9, 1e9)


@pytest.mark.parametrize(("exponent", "text"), [(0, "10⁰"), (-8, "10⁻⁸"), (-30, "10⁻³⁰"), (12, "10¹²")])
def test_a_power_of_ten_is_written_with_superscripts(exponent: int, text: str) -> None:
    assert power(exponent) == text


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (-7.6, 0.3, 8, ["10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"]),
        (-5.0, -1.0, 8, ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹"]),
        (-3.5, -3.5, 8, ["10⁻⁴", "10⁻³"]),
        (-30.2, 0.0, 5, ["10⁻²⁸", "10⁻²¹", "10⁻¹⁴", "10⁻⁷", "10⁰"]),
    ],
)
def test_a_log_axis_has_ticks_at_whole_decades(low: float, high: float, most: int, labels: list[str]) -> None:
    assert [text for _, text in log_axis(low, high, most).ticks] == labels


@given(EXPONENTS, EXPONENTS, st.integers(2, 20))
def test_a_log_axis_holds_its_data(first: float, second: float, most: int) -> None:
    low, high = sorted((first, second))
    axis = log_axis(low, high, most)
    assert axis.low <= low <= high <= axis.high
    assert axis.low < axis.high
    assert 1 <= len(axis.ticks) <= most + 1
    assert all(at == round(at) for at, _ in axis.ticks)


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (0, 1200, 3, ["0", "500", "1000"]),
        (0, 1200, 8, ["0", "200", "400", "600", "800", "1000", "1200"]),
        (-1, 1, 5, ["-1.0", "-0.5", "0", "0.5", "1.0"]),
        (0, 2_000_000, 3, ["0", "1e6", "2e6"]),
        (14, 852, 3, ["400", "800"]),
        (1.1, 1.9, 3, ["1.2", "1.6"]),
    ],
)
def test_a_snug_axis_has_round_ticks_within_its_limits(low: float, high: float, most: int, labels: list[str]) -> None:
    axis = linear_axis(low, high, most, snug=True)
    assert (axis.low, axis.high) == (low, high)
    assert [text for _, text in axis.ticks] == labels


def test_a_linear_axis_on_both_sides_of_0_is_no_wider_for_having_few_ticks() -> None:
    assert [at for at, _ in linear_axis(-0.6, 2.4, 2).ticks] == [-5, 0, 5]


@given(NUMBERS, NUMBERS, st.integers(2, 20))
def test_a_linear_axis_holds_its_data_between_ticks(first: float, second: float, most: int) -> None:
    low, high = sorted((first, second))
    axis = linear_axis(low, high, most)
    slack = 1e-6 * (axis.high - axis.low)
    assert axis.low - slack <= low <= high <= axis.high + slack
    texts = [text for _, text in axis.ticks]
    assert 2 <= len(texts) == len(set(texts))
    assert len(texts) <= most + 1


@pytest.mark.parametrize(
    ("value", "stride", "text"),
    [(0.0, 1.0, "0"), (0.5, 0.5, "0.5"), (100.0, 50.0, "100"), (2e-5, 1e-5, "2e-5"), (1.5e6, 5e5, "1.5e6")],
)
def test_a_tick_has_the_digits_it_needs(value: float, stride: float, text: str) -> None:
    assert tick_label(value, stride) == text
    assert math.isclose(float(text), value)
