"""Runs far from the usual scale: they train as at the usual one, or say what is out of range and what to turn."""

import pytest
import torch

from tui_runge import Config, train
from tui_runge.training.trainer import Trainer


@pytest.mark.parametrize("weight", [1e-20, 1e-9, 1e9, 1e30])
@pytest.mark.parametrize("points", [8, 60])
def test_lm_reaches_the_same_errors_whatever_the_weights_of_the_loss(small: Config, weight: float, points: int) -> None:
    config = small.with_values(optimizer="lm", epochs=60, train_points=points)
    usual = train(config).errors.mse_f
    scaled = train(config.with_values(function_weight=weight, derivative_weight=weight))
    assert scaled.ended_by == "epochs"
    assert scaled.errors.mse_f < 100 * usual


@pytest.mark.parametrize(
    ("values", "advice"),
    [
        ({"learning_rate": 1e300}, "lower the learning rate"),
        ({"learning_rate": 1e-300}, "raise the learning rate"),
        ({"learning_rate": 1e300, "dtype": "float64"}, "lower the learning rate"),
        ({"function_weight": 1e300}, "lower the function weight"),
        ({"derivative_weight": 1e30}, "lower the derivative weight"),
        ({"function_weight": 1e30, "derivative_weight": 0.0}, "lower the function weight"),
        ({"function_weight": 1e-60, "derivative_weight": 0.0}, "raise the function weight"),
        ({"function_weight": 1e30, "optimizer": "sgd"}, "lower the function weight"),
        ({"first_layer_scale": 1e300}, "lower the first layer scale"),
        ({"first_layer_scale": 1e300, "activation": "sin", "dtype": "float64"}, "lower the first layer scale"),
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
