"""Staged refinement: the sum of networks fits what one cannot."""

import numpy as np
import pytest
import torch

from tui_runge.core.config import OPTIMIZER_NAMES, Config
from tui_runge.training.network import value_and_derivative
from tui_runge.training.trainer import Trainer

STAGED = Config(
    optimizer="lm",
    target="two-scale",
    hidden=(10, 10),
    first_layer_scale=2.0,
    nodes="chebyshev",
    train_points=48,
    stages=2,
    epochs=400,
)


def _trained(config: Config) -> Trainer:
    trainer = Trainer(config)
    while not trainer.ended_by:
        trainer.step()
    return trainer


def test_a_second_network_refines_the_first() -> None:
    one, two = _trained(STAGED.with_values(stages=1)), _trained(STAGED.with_values(epochs=800))
    assert two.stage == 2
    assert two.evaluate()[1].mse_f < one.evaluate()[1].mse_f / 1000


def test_history_goes_on_without_a_jump() -> None:
    losses = _trained(STAGED).history.curves().low[0]
    assert len(losses) == 400
    assert losses[200] == pytest.approx(losses[199], rel=2)
    assert losses[-1] < losses[199]


def test_the_model_is_the_sum() -> None:
    trainer = _trained(STAGED.with_values(epochs=40))
    fit, _ = trainer.evaluate()
    value, derivative = value_and_derivative(trainer.model, torch.from_numpy(fit.x)[:, None])
    np.testing.assert_allclose(value.detach()[:, 0], fit.f_hat, atol=1e-12)
    np.testing.assert_allclose(derivative[:, 0], fit.df_hat, atol=1e-10)


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
def test_every_optimizer_has_stages(optimizer: str) -> None:
    trainer = _trained(Config(optimizer=optimizer, hidden=(6,), train_points=16, stages=3, epochs=10))
    assert trainer.stage == 3
    assert dict(trainer.details)["stage"] == "3/3"


def test_more_epochs_than_stages_are_not_needed() -> None:
    trainer = _trained(Config(hidden=(3,), train_points=4, stages=5, epochs=2))
    assert (trainer.epoch, trainer.ended_by) == (2, "epochs")


def test_more_epochs_while_training_lengthen_the_stage() -> None:
    config = Config(hidden=(3,), train_points=4, stages=2, epochs=10)
    trainer = Trainer(config)
    trainer.update(config.with_values(epochs=30))
    for _ in range(15):
        trainer.step()
    assert trainer.stage == 1
    trainer.step()
    assert trainer.stage == 2


def test_a_converged_stage_makes_room_for_the_next() -> None:
    trainer = _trained(
        Config(optimizer="lm", hidden=(6,), train_points=2, derivative_weight=0.0, stages=2, epochs=4000)
    )
    assert trainer.stage == 2
    assert trainer.epoch < 4000
