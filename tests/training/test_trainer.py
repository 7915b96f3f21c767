"""The trainer: the report's numbers, exact repetition and resumption, live changes, divergence."""

from dataclasses import astuple

import numpy as np
import pytest
import torch

from tui_runge import Config, train
from tui_runge.core.history import SERIES
from tui_runge.core.progress import Progress
from tui_runge.problems.library import REPORT
from tui_runge.training.optimizers.adam import Adam
from tui_runge.training.trainer import DivergedError, Trainer


def trained(config: Config, epochs: int) -> Trainer:
    trainer = Trainer(config)
    for _ in range(epochs):
        trainer.step()
    return trainer


def assert_same(one: Trainer, other: Trainer) -> None:
    assert torch.equal(one.weights, other.weights)
    assert isinstance(one.optimizer, Adam)
    assert isinstance(other.optimizer, Adam)
    assert torch.equal(one.optimizer.square, other.optimizer.square)
    np.testing.assert_array_equal(one.history.curves().low, other.history.curves().low)


def test_the_defaults_reproduce_the_report(report: Progress) -> None:
    assert astuple(report.errors) == pytest.approx(astuple(REPORT.errors), rel=0.02)
    assert (report.status, report.epoch) == ("finished", 1200)


def test_both_losses_of_every_epoch_are_recorded(report: Progress) -> None:
    curves = report.curves
    assert curves.epochs.tolist() == list(range(1, 1201))
    assert np.isfinite(curves.low).all()
    losses = dict(zip(SERIES, curves.last, strict=True))
    for data in ("train", "validation"):
        assert losses[f"{data}_total"] == pytest.approx(losses[f"{data}_function"] + losses[f"{data}_derivative"])
        assert 1e-9 < losses[f"{data}_function"] < 1e-7
        assert 1e-6 < losses[f"{data}_derivative"] < 1e-4


def test_the_same_seed_gives_the_same_run_bit_for_bit(small: Config) -> None:
    assert_same(trained(small, 20), trained(small, 20))


def test_a_saved_run_resumes_exactly(small: Config) -> None:
    first = trained(small, 7)
    resumed = Trainer(small)
    resumed.load_state_dict(first.state_dict())
    for trainer in (first, resumed):
        for _ in range(8):
            trainer.step()
    assert resumed.epoch == 15
    assert_same(first, resumed)


def test_a_saved_state_does_not_move_with_the_training(small: Config) -> None:
    trainer = trained(small, 3)
    state = trainer.state_dict()
    trainer.step()
    resumed = Trainer(small)
    resumed.load_state_dict(state)
    assert_same(resumed, trained(small, 3))


def test_a_live_change_keeps_the_moments(small: Config) -> None:
    trainer = trained(small, 5)
    assert isinstance(trainer.optimizer, Adam)
    mean = trainer.optimizer.mean.clone()
    trainer.update(small.with_values(learning_rate=0.1, derivative_weight=3.0))
    trainer.apply_config()
    assert torch.equal(mean, trainer.optimizer.mean)
    assert trainer.optimizer.steps == 5
    trainer.step()
    assert trainer.optimizer.learning_rate == 0.1
    trainer.step()
    total, function, derivative, *_ = trainer.history.curves().last
    assert total == pytest.approx(function + 3 * derivative)


def test_a_run_that_diverges_keeps_its_history_and_its_last_finite_weights(small: Config) -> None:
    trainer = trained(small.with_values(learning_rate=1e30), 1)
    with pytest.raises(DivergedError, match=r"^the loss became (inf|nan) at epoch 2$"):
        trainer.step()
    assert trainer.epoch == 1
    assert np.isfinite(trainer.history.curves().low).all()
    assert torch.equal(trainer.weights, Trainer(small).weights)


def test_a_last_step_that_explodes_is_taken_back(small: Config) -> None:
    trainer = trained(small.with_values(optimizer="sgd", learning_rate=1e30), 1)
    with pytest.raises(DivergedError, match=r"^the loss became (inf|nan) after epoch 1$"):
        trainer.judge()
    assert torch.equal(trainer.weights, Trainer(small).weights)


def test_the_last_step_of_a_stage_is_looked_at(small: Config) -> None:
    trainer = trained(small.with_values(optimizer="sgd", learning_rate=1e30, stages=2, epochs=2), 1)
    with pytest.raises(DivergedError):
        trainer.step()
    assert trainer.stage == 1
    assert all(weights.isfinite().all() for weights in trainer.state_dict()["weights"])


def test_a_look_at_the_weights_changes_no_number(small: Config) -> None:
    looked_at = Trainer(small)
    for _ in range(5):
        looked_at.judge()
        looked_at.present_losses()
        looked_at.step()
    assert_same(looked_at, trained(small, 5))


@pytest.mark.parametrize("optimizer", ["adam", "lm"])
def test_the_run_ends_on_weights_that_satisfy_the_stop_error(small: Config, optimizer: str) -> None:
    config = small.with_values(optimizer=optimizer, learning_rate=0.05, epochs=500, stop_error=2e-2)
    trainer = Trainer(config)
    while not trainer.ended_by:
        trainer.step()
    assert trainer.ended_by == "stop_error"
    assert trainer.present_losses()[1] <= 2e-2
    assert trainer.history.curves().low[1].min() > 2e-2
    resumed = Trainer(config)
    resumed.load_state_dict(trainer.state_dict())
    assert resumed.ended_by == "stop_error"


def test_a_resumed_run_that_diverges_at_once_stands_where_the_whole_one_would(small: Config) -> None:
    exploded, resumed = trained(small.with_values(learning_rate=1e30), 1), Trainer(small.with_values(seed=5))
    resumed.load_state_dict(exploded.state_dict())
    with pytest.raises(DivergedError):
        resumed.step()
    assert torch.equal(resumed.weights, Trainer(small).weights)


def test_a_device_that_is_not_there_is_refused_with_the_way_out(small: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="device must be one this machine has, got 'cuda': use auto or cpu"):
        Trainer(small.with_values(device="cuda"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run_has_the_floating_point_type_it_is_told(small: Config, dtype: str) -> None:
    assert {str(weight.dtype) for weight in Trainer(small.with_values(dtype=dtype)).weights} == {f"torch.{dtype}"}


def test_training_leaves_the_process_as_it_was(small: Config) -> None:
    generator, threads = torch.get_rng_state(), torch.get_num_threads()
    train(small)
    assert torch.equal(torch.get_rng_state(), generator)
    assert torch.get_num_threads() == threads
