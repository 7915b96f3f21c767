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


def test_the_first_value_of_each_bucket_is_a_sample_to_take_medians_of() -> None:
    curves = recorded([float(n) for n in range(2 * BUCKETS + 1)]).curves()
    assert curves.span == 4
    assert curves.sample("train_total").tolist() == [0, 4, 8, 12, 16]
    assert recorded([4.0, 1.0, 9.0]).curves().sample("train_total").tolist() == [4, 1, 9]


def test_a_loss_that_falls_is_not_noisy_and_one_that_jumps_is() -> None:
    assert not recorded([10.0**-n for n in range(BUCKETS)]).curves().is_noisy("train_total")
    assert not recorded([1.0, 1.0]).curves().is_noisy("train_total")
    assert recorded([1.0, 0.1] * (BUCKETS // 2)).curves().is_noisy("train_total")


def test_a_saved_history_without_first_values_has_the_middle_of_its_extremes() -> None:
    history = History()
    for n in range(4096):
        history.append((4.0 if n % 2 else 1.0,) * len(SERIES))
    state = history.state_dict()
    assert History.from_state(state).curves().sample("train_total").tolist() == [1.0] * 2048
    old = {name: value for name, value in state.items() if name != "first"}
    assert History.from_state(old).curves().sample("train_total").tolist() == [2.0] * 2048
    with pytest.raises(ValueError, match="the first values of a history must be"):
        History.from_state({**state, "first": [1.0]})
