"""Handing in the best weights: those of the lowest validation loss so far, whatever is trained on."""

import copy
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
import torch

from tui_runge.core.config import Config
from tui_runge.core.history import SERIES
from tui_runge.core.run_state import model_of
from tui_runge.export.loaded_model import LoadedModel
from tui_runge.training.trainer import DivergedError, Trainer

VALIDATION = SERIES.index("validation_total")
#: a rate at which the losses go up and down
BOUNCING = Config(
    hidden=(6, 5),
    train_points=12,
    validation_points=7,
    evaluation_points=9,
    learning_rate=0.1,
    epochs=30,
    dtype="float64",
    function_weight=0.7,
    derivative_weight=3.0,
    keep="best",
)


def trained(config: Config, epochs: int | None = None) -> Trainer:
    trainer = Trainer(config)
    train_on(trainer, epochs)
    return trainer


def train_on(trainer: Trainer, epochs: int | None = None) -> None:
    while not trainer.ended_by and (epochs is None or trainer.epoch < epochs):
        trainer.step()
    trainer.judge()


def model(trainer: Trainer) -> LoadedModel:
    state = trainer.state_dict()
    arrays = {**state, "weights": [weights.numpy() for weights in state["weights"]]}
    if state["best"]:
        arrays["best"] = {**state["best"], "weights": state["best"]["weights"].numpy()}
    return LoadedModel(model_of(trainer.config, arrays))


def test_the_weights_of_the_lowest_validation_loss_are_handed_in() -> None:
    trainer = trained(BOUNCING)
    last = trained(BOUNCING.with_values(keep="last"))
    losses = [*last.history.curves().low[VALIDATION], last.present_losses()[VALIDATION]]
    lowest = int(np.argmin(losses))
    assert trainer.best_epoch == lowest < 30
    assert last.best_epoch is None
    then = trained(last.config, lowest)
    assert trainer.present_losses() == then.present_losses()
    assert trainer.evaluate()[1] == then.evaluate()[1]
    fit = trainer.evaluate()[0]
    np.testing.assert_array_equal(fit.f_hat, then.evaluate()[0].f_hat)
    np.testing.assert_allclose(model(trainer)(fit.x), fit.f_hat, atol=1e-14)
    assert torch.equal(trainer.weights, last.weights)
    np.testing.assert_array_equal(trainer.history.curves().low, last.history.curves().low)


def test_the_last_weights_may_be_the_best() -> None:
    trainer = trained(BOUNCING.with_values(learning_rate=1e-4))
    assert trainer.best_epoch == 30
    assert trainer.present_losses() == trained(trainer.config.with_values(keep="last")).present_losses()


@pytest.mark.parametrize("factor", [1000.0, 0.001])
def test_losses_are_compared_by_the_present_weights(factor: float) -> None:
    trainer, same = trained(BOUNCING, 10), trained(BOUNCING, 10)
    trainer.update(BOUNCING.with_values(function_weight=0.7 * factor, derivative_weight=3.0 * factor))
    for _ in range(10):
        trainer.step()
        same.step()
        assert trainer.best_epoch == same.best_epoch


def test_a_change_taken_back_before_it_acts_costs_no_best() -> None:
    trainer = trained(BOUNCING)
    best = trainer.best_epoch
    for values in ({"function_weight": 9.0, "derivative_weight": 0.0}, {}):
        trainer.update(BOUNCING.with_values(**values))
        trainer.judge()
    assert trainer.best_epoch == best
    assert trainer.present_losses()[VALIDATION] == trained(BOUNCING).present_losses()[VALIDATION]


def test_the_best_may_be_of_an_earlier_stage() -> None:
    config = BOUNCING.with_values(stages=2, learning_rate=1e-3)
    trainer = trained(config, 15)
    trainer.update(config.with_values(learning_rate=5.0))
    for _ in range(5):
        trainer.step()
    assert (trainer.stage, trainer.best_epoch) == (2, 15)
    assert astuple(trainer.evaluate()[1]) == astuple(trained(config, 15).evaluate()[1])
    fit = trainer.evaluate()[0]
    np.testing.assert_allclose(model(trainer)(fit.x), fit.f_hat, atol=1e-14)


def test_a_run_stopped_before_other_weights_act_comes_to_the_same() -> None:
    before = BOUNCING.with_values(derivative_weight=0.0)
    after = BOUNCING.with_values(function_weight=0.0)
    for epoch in range(1, 15):
        stopped, whole = Trainer(before), Trainer(before)
        for trainer in (stopped, whole):
            for _ in range(epoch):
                trainer.step()
            trainer.update(after)
            if trainer is stopped:
                trainer.judge()
            trainer.step()
        assert stopped.best_epoch == whole.best_epoch


@pytest.mark.parametrize("values", [{}, {"stages": 2}, {"optimizer": "lm", "derivative_weight": 0.0}], ids=str)
def test_looking_and_resuming_change_nothing(values: dict[str, Any]) -> None:
    config = BOUNCING.with_values(**values)
    whole, first, second = trained(config), Trainer(config), Trainer(config)
    for _ in range(20):
        first.step()
        first.evaluate()
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    for trainer in (first, second):
        train_on(trainer)
        assert torch.equal(trainer.weights, whole.weights)
        assert trainer.best_epoch == whole.best_epoch
        assert trainer.present_losses() == whole.present_losses()
        assert trainer.evaluate()[1] == whole.evaluate()[1]


def test_a_run_that_diverges_hands_in_the_best() -> None:
    trainer = trained(BOUNCING.with_values(optimizer="sgd", learning_rate=1e-3), 5)
    trainer.update(trainer.config.with_values(learning_rate=1e9))
    with pytest.raises(DivergedError):
        train_on(trainer)
    assert trainer.best_epoch == 5


def test_the_stop_error_is_judged_on_the_present_weights() -> None:
    trainer = trained(BOUNCING)
    present = trained(BOUNCING.with_values(keep="last")).present_losses()[1]
    assert trainer.present_losses()[1] > 2 * present
    trainer.update(trainer.config.with_values(epochs=99, stop_error=2 * present))
    assert trainer.ended_by == "stop_error"


def test_a_branch_keeps_the_best_of_the_same_data_where_it_hands_it_in() -> None:
    parent = trained(BOUNCING)

    def best_epoch(**values: Any) -> int | None:
        branch = Trainer(parent.config.with_values(**values))
        branch.load_state_dict(parent.state_dict(), branch_of=parent.config)
        return branch.best_epoch

    assert best_epoch(optimizer="sgd", epochs=40) == parent.best_epoch
    assert best_epoch(keep="last") is best_epoch(nodes="chebyshev") is best_epoch(validation_points=9) is None


def test_the_state_of_an_earlier_version_has_no_best() -> None:
    state = trained(BOUNCING.with_values(keep="last")).state_dict()
    del state["best"]
    trainer = Trainer(BOUNCING)
    trainer.load_state_dict(state)
    assert trainer.best_epoch is None
