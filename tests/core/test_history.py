"""The history keeps every extreme at bounded memory."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runge.core.history import SERIES, History

BUCKETS = 8
LOSSES = st.lists(st.one_of(st.floats(1e-12, 1e12), st.just(math.nan), st.just(math.inf)), max_size=100)


def recorded(losses: list[float]) -> History:
    history = History(BUCKETS)
    for loss in losses:
        history.append((loss,) * len(SERIES))
    return history


@given(losses=LOSSES)
def test_no_extreme_is_lost_and_each_is_where_it_was(losses: list[float]) -> None:
    curves = recorded(losses).curves()
    for bucket, first in enumerate(curves.epochs.astype(int) - 1):
        finite = [loss for loss in losses[first : first + curves.span] if math.isfinite(loss)]
        low, high = curves.low[0, bucket], curves.high[0, bucket]
        assert (low, high) == (min(finite), max(finite)) if finite else np.isnan([low, high]).all()


@given(losses=LOSSES)
def test_the_memory_does_not_grow(losses: list[float]) -> None:
    curves = recorded(losses).curves()
    assert curves.low.shape == curves.high.shape == (len(SERIES), len(curves.epochs))
    assert len(curves.epochs) <= BUCKETS
    assert len(losses) <= curves.span * BUCKETS


def test_a_loss_that_is_not_finite_is_a_gap() -> None:
    curves = recorded([3.0, math.nan, 2.0, math.inf]).curves()
    np.testing.assert_array_equal(curves.low[0], [3, math.nan, 2, math.nan])


def test_every_series_is_kept_apart_and_the_last_exactly() -> None:
    history = History()
    history.append((1.0, 2.0, 3.0, 4.0, 5.0, 6.0))
    curves = history.curves()
    assert curves.high[:, 0].tolist() == curves.last.tolist() == [1, 2, 3, 4, 5, 6]
    assert curves.epochs.tolist() == [1]


def test_curves_are_a_copy() -> None:
    history = recorded([1.0])
    curves = history.curves()
    history.append((9.0,) * len(SERIES))
    assert curves.last.tolist() == [1.0] * len(SERIES)
    assert curves.low.shape == (len(SERIES), 1)


def test_the_middle_of_a_bucket_lies_between_its_extremes_and_is_the_value_itself_at_first() -> None:
    history = History(buckets=4)
    for value in (4.0, 1.0, 9.0, 4.0):
        history.append((value, 0.0, np.nan, *[value] * 3))
    assert history.curves().middle("train_total").tolist() == [4, 1, 9, 4]
    history.append((5.0, 0.0, np.nan, *[5.0] * 3))
    curves = history.curves()
    assert curves.middle("train_total").tolist() == pytest.approx([2, 6, 5])
    assert curves.middle("train_function").tolist() == [0, 0, 0]
    assert np.isnan(curves.middle("train_derivative")).all()
