"""Figures: which of the values of a loss are drawn."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support import canned
from tui_runge.core.history import History
from tui_runge.core.progress import Progress
from tui_runge.export.figures import PARTS, loss_curve
from tui_runge.tui.charts.kinds import LossChart
from tui_runge.tui.charts.view import View


def trained(epochs: int, noise: float) -> Progress:
    """A run whose losses fall from 1 to 0.1, lowered by noise of up to so many powers of ten."""
    history = History()
    for epoch in range(epochs):
        history.append((10.0 ** -(epoch / epochs + noise * (epoch * 0.618 % 1)),) * 6)
    return replace(canned.progress("finished"), epoch=epochs, curves=history.curves())


@pytest.mark.parametrize(("epochs", "noise", "banded"), [(2000, 0, False), (2000, 1, True), (5000, 0, True)])
def test_a_figure_has_a_band_where_the_chart_on_the_screen_has_one(epochs: int, noise: float, banded: bool) -> None:
    shown = trained(epochs, noise)
    chart = LossChart("total").plot(shown, View(), by_seconds=False)
    assert any(curve.role == "faint" for curve in chart.curves) == banded
    assert (loss_curve(shown, "train_total").band is not None) == banded


def test_noise_is_a_band_of_all_that_it_spans_and_a_median_within() -> None:
    curve = loss_curve(trained(2000, 1), "train_total")
    assert curve.band is not None
    low, high = curve.band
    assert curve.epochs.size == PARTS
    assert np.abs(np.diff(np.log10(curve.values))).max() < 0.3  # though the losses jump by 0.618
    assert np.log10(high / low).min() > 0.7
    assert ((low <= curve.values) & (curve.values <= high)).all()


def test_losses_that_fall_evenly_are_drawn_each() -> None:
    curve = loss_curve(trained(2000, 0), "train_total")
    np.testing.assert_array_equal(curve.values, trained(2000, 0).curves.sample("train_total"))
