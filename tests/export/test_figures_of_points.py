"""The figures: what each shows and says of measured points, of noise and of the best weights."""

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.support.canned import progress
from tests.support.measured_runs import atmosphere, copper, measured_run
from tui_runge.core.config import Config
from tui_runge.core.progress import Fit, Progress
from tui_runge.export.figures import FIGURES
from tui_runge.export.layout import ERROR_BY_PLACE, FIT_DF, FIT_F, GRADIENTS_FIGURE, LOSS_DF, LOSS_F, LOSS_TOTAL


class Drawn:
    """What a figure shows: its title and subtitle, the labels of its legend, and the texts in it."""

    def __init__(self, figure: Figure) -> None:
        (self.axes,) = figure.axes
        self.title = self.axes.get_title()
        self.subtitle, *self.marks = (text.get_text() for text in self.axes.texts)
        self.labels = [text.get_text() for legend in figure.legends for text in legend.texts]

    def dots(self) -> list[int]:
        """The numbers of the dots of each kind."""
        sizes = (np.size(line.get_xdata()) for line in self.axes.lines if line.get_marker() == "o")
        return [size for size in sizes if size]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Any:
    figures: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))

    def draw(run: Progress, name: str) -> Drawn:
        FIGURES[name](run, io.BytesIO())
        return Drawn(figures.pop())

    return draw


def test_measured_points_are_dots_under_the_curve(drawn: Any) -> None:
    figure = drawn(measured_run(copper()), FIT_F)
    assert figure.title == "Fit of f: copper"
    assert figure.subtitle == "residual's standard deviation 0.1227 after epoch 30, the best of 40"
    assert figure.labels == ["training points", "held-out points", "network"]
    assert figure.dots() == [189, 47]


def test_slopes_are_dots_where_they_were_measured(drawn: Any) -> None:
    figure = drawn(measured_run(atmosphere()), FIT_DF)
    assert figure.dots() == [64, 16]
    assert figure.subtitle.startswith("MSE 4.02e-02 at the held-out points")
    none = drawn(measured_run(copper()), FIT_DF)
    assert (none.labels, none.dots()) == (["network"], [])
    assert none.subtitle == "no slopes were measured: this is the network's own"


def test_points_of_which_none_is_held_out_have_one_kind_of_dots(drawn: Any) -> None:
    figure = drawn(measured_run(copper(), validation_fraction=0.0, best_epoch=None), FIT_F)
    assert figure.labels == ["training points", "network"]
    assert figure.subtitle.endswith("after 40 epochs")


def test_a_loss_that_there_is_none_of_says_so(drawn: Any) -> None:
    run = measured_run(copper())
    assert drawn(run, LOSS_TOTAL).title == "Total loss: 1 · MSE(f)"
    figure = drawn(run, LOSS_DF)
    assert figure.subtitle == "no slopes were measured: there is no such loss"
    assert (figure.labels, figure.marks) == ([], [])


def test_slopes_in_one_part_only_are_a_loss_of_that_part(drawn: Any) -> None:
    points = atmosphere()
    held_out = np.arange(len(points)) % 5 == 0
    run = measured_run(replace(points, df=np.where(held_out, np.nan, points.df), held_out=held_out))
    figure = drawn(run, LOSS_DF)
    assert figure.labels == ["training"]
    assert "validation – after" in figure.subtitle
    assert drawn(run, FIT_DF).subtitle.startswith("MSE – at the held-out points")


def test_the_total_loss_is_weighed_in_the_users_units(drawn: Any) -> None:
    low, high = atmosphere().x.min(), atmosphere().x.max()
    weight = 2 * ((high - low) / 2) ** 2
    assert drawn(measured_run(atmosphere(), derivative_weight=2.0), LOSS_TOTAL).title == (
        f"Total loss: 1 · MSE(f) + {weight:.3g} · MSE(f′)"
    )


def test_smoothing_is_part_of_the_total_training_loss_alone(drawn: Any) -> None:
    run = measured_run(copper(), smoothing=1e-5)
    total, function = drawn(run, LOSS_TOTAL), drawn(run, LOSS_F)
    assert total.title == "Total loss: 1 · MSE(f) + smoothing"
    assert total.labels == ["training", "validation without smoothing"]
    assert function.labels == ["training", "validation"]


def test_the_best_epoch_is_marked_where_it_counts(drawn: Any) -> None:
    run = measured_run(copper())
    assert drawn(run, LOSS_F).marks == ["best"]
    assert drawn(replace(run, best_epoch=None), LOSS_F).marks == []


def test_noise_is_dots_behind_the_target(drawn: Any) -> None:
    noisy = progress(config=Config(noise=0.05), epoch=20)
    for name in (FIT_F, FIT_DF):
        figure = drawn(noisy, name)
        assert figure.labels[0] == "training values with noise"
        assert figure.dots() == [256]
    assert drawn(progress(epoch=20), FIT_F).dots() == []


def test_points_that_no_epoch_was_trained_on_are_drawn(drawn: Any) -> None:
    nothing = measured_run(copper(), "stopped", 0, None, losses=(float("nan"),) * 6)
    fit = replace(nothing.fit, f_hat=np.full(101, np.nan), df_hat=np.full(101, np.nan))
    for name in FIGURES.keys() - {GRADIENTS_FIGURE}:  # of which there are none
        assert "nan" not in drawn(replace(nothing, fit=fit), name).subtitle
    assert drawn(nothing, FIT_F).subtitle == "residual's standard deviation – after 0 epochs"


def test_any_name_can_be_a_title() -> None:
    points = replace(copper(), name="$x_$ \\frac 測 " + "long" * 20)
    FIGURES[FIT_F](measured_run(points), file := io.BytesIO())
    assert file.getvalue().startswith(b"\x89PNG")


def test_the_errors_by_place_are_marked_where_they_are_largest(drawn: Any) -> None:
    run = progress("finished", epoch=20)
    figure = drawn(run, ERROR_BY_PLACE)
    assert figure.labels == ["f(x)", "f′(x)", "training points"]
    assert figure.subtitle == "largest 2.00e-02 at 0, of f′ 1.80e-01 at 0 after 20 epochs"
    assert figure.dots() == [1, 1]


@pytest.mark.parametrize("value", [None, np.nan, np.inf])
def test_errors_that_are_none_or_not_finite_are_drawn(value: float | None) -> None:
    run = progress("diverged", epoch=20)
    x, f, df = run.fit.x, run.fit.f, run.fit.df
    fit = Fit(x, f, df, f, df) if value is None else Fit(x, f, df, f + value, df + value)
    FIGURES[ERROR_BY_PLACE](replace(run, fit=fit), file := io.BytesIO())
    assert file.getvalue().startswith(b"\x89PNG")


def test_the_residuals_of_measured_points_are_dots(drawn: Any) -> None:
    figure = drawn(measured_run(copper()), ERROR_BY_PLACE)
    assert figure.title == "Residuals of f: copper"
    assert figure.labels == ["training points", "held-out points"]
    assert figure.dots() == [189, 47]
