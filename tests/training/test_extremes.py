"""Runs far from the usual scale: they train as at the usual one, or say what is out of range and what to turn."""

import pytest
import torch

from tui_runge import Config, train
from tui_runge.core.config import OPTIMIZER_TRAITS
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.training.losses import LossWeights
from tui_runge.training.stages import loss_unit
from tui_runge.training.trainer import Trainer


@pytest.mark.parametrize("weight", [1e-20, 1e-9, 1e9, 1e30])
@pytest.mark.parametrize("points", [8, 60])
def test_lm_reaches_the_same_errors_whatever_the_weights_of_the_loss(small: Config, weight: float, points: int) -> None:
    config = small.with_values(optimizer="lm", epochs=60, train_points=points)
    usual = train(config).errors.mse_f
    scaled = train(config.with_values(function_weight=weight, derivative_weight=weight))
    assert scaled.ended_by == "epochs"
    assert scaled.errors.mse_f < 100 * usual


@pytest.mark.parametrize("optimizer", [name for name, traits in OPTIMIZER_TRAITS.items() if traits.scale_free])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("weight", [1e-20, 1e30])
def test_a_scale_free_optimizer_trains_alike_whatever_the_weights_of_the_loss(
    small: Config, optimizer: str, dtype: str, weight: float
) -> None:
    config = small.with_values(optimizer=optimizer, dtype=dtype, epochs=30, derivative_weight=1.0)
    usual, scaled = train(config), train(config.with_values(function_weight=weight, derivative_weight=weight))
    assert (scaled.errors, scaled.ended_by, scaled.epoch) == (usual.errors, usual.ended_by, usual.epoch)
    assert scaled.losses[0] == pytest.approx(weight * usual.losses[0])


@pytest.mark.parametrize("values", [{"derivative_weight": 1e30}, {"function_weight": 1e30, "derivative_weight": 0.0}])
def test_a_weight_that_outweighs_the_other_trains(small: Config, values: dict[str, float]) -> None:
    end = train(small.with_values(**values, epochs=60, learning_rate=0.01))
    assert end.ended_by == "epochs"
    assert end.losses[0] < 0.8 * end.curves.low[0][0]


@pytest.mark.parametrize("optimizer", OPTIMIZER_TRAITS)
def test_usual_weights_of_the_loss_are_left_alone(optimizer: str) -> None:
    for weight in (1e-5, 0.3, 1e6):
        assert loss_unit(LossWeights(0.0, weight, 0.0), optimizer) == 1
    assert (loss_unit(LossWeights(2e6, 1.0, 0.0), optimizer) == 1) == (optimizer in ("sgd", "gd"))


@pytest.mark.parametrize(("before", "after"), [(1.0, 1e30), (1e30, 1.0), (1e-20, 1e9)])
def test_adam_goes_on_where_the_weights_become_extreme_or_usual(small: Config, before: float, after: float) -> None:
    values = {"function_weight": after, "derivative_weight": after}
    plan = [ScheduledChange(30, name, value) for name, value in values.items()]
    config = small.with_values(function_weight=before, derivative_weight=before, epochs=30)
    half = train(config)
    end = train(config.with_values(epochs=60), plan)
    assert end.ended_by == "epochs"
    assert end.losses[1] + end.losses[2] < half.losses[1] + half.losses[2]


@pytest.mark.parametrize(
    ("values", "advice"),
    [
        ({"learning_rate": 1e300}, "lower the learning rate"),
        ({"learning_rate": 1e-300}, "raise the learning rate"),
        ({"learning_rate": 1e300, "dtype": "float64"}, "lower the learning rate"),
        ({"function_weight": 1e300}, "lower the function weight"),
        ({"function_weight": 1.7e308, "derivative_weight": 1.7e308, "dtype": "float64"}, "lower the function weight"),
        ({"smoothing": 1e300}, "lower the smoothing"),
        ({"smoothing": 1e-60}, "raise the smoothing"),
        ({"smoothing": 1e30, "optimizer": "sgd"}, "lower the smoothing"),
        ({"function_weight": 1e-60, "derivative_weight": 0.0}, "raise the function weight"),
        ({"function_weight": 1e30, "optimizer": "sgd"}, "lower the function weight"),
        ({"first_layer_scale": 1e300}, "lower the first layer scale"),
        ({"first_layer_scale": 1e300, "activation": "sin", "dtype": "float64"}, "lower the first layer scale"),
        ({"first_layer_scale": 1e300, "dtype": "float64"}, "lower the first layer scale"),
        ({"first_layer_scale": 1e300, "optimizer": "lm"}, "lower the first layer scale"),
    ],
    ids=str,
)
def test_a_value_out_of_range_diverges_with_advice_that_fits(
    small: Config, values: dict[str, object], advice: str
) -> None:
    end = train(small.with_values(**values))
    assert end.status == "diverged"
    assert advice in end.message


@pytest.mark.parametrize("weight", [1e-12, 1.0, 1e6])
def test_an_explosion_is_told_relative_to_the_first_loss(small: Config, weight: float) -> None:
    rate = 30.0 / weight
    end = train(
        small.with_values(optimizer="sgd", function_weight=weight, derivative_weight=weight, learning_rate=rate)
    )
    assert (end.status, end.epoch) == ("diverged", 2)


def test_the_first_damping_is_the_usual_one_at_the_usual_scale(small: Config) -> None:
    trainer = Trainer(small.with_values(optimizer="lm"))
    assert trainer.details[0] == ("damping", "1.0e-02")
    trainer.step()
    assert torch.isfinite(trainer.weights).all()
