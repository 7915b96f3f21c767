"""Smoothing: f̂'' and its gradient against automatic differentiation, in every optimizer, stage and live change."""

import copy
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from tui_runge.core.config import ACTIVATION_NAMES, OPTIMIZER_NAMES, Config
from tui_runge.training.batches import Batches
from tui_runge.training.curvature import Curvature, curvature
from tui_runge.training.data import Dataset
from tui_runge.training.network import MLP, second_derivative
from tui_runge.training.objectives import ByAutograd, ByTangents
from tui_runge.training.tangents import tangents
from tui_runge.training.trainer import Trainer

DOUBLE = torch.float64
HIDDEN = [(5,), (6, 4), (4, 3, 5)]
NETWORKS = pytest.mark.parametrize(("activation", "hidden"), list(itertools.product(ACTIVATION_NAMES, HIDDEN)))


def _network(activation: str, hidden: tuple[int, ...]) -> MLP:
    return MLP(hidden, activation, 3, first_layer_scale=2.0, dtype=DOUBLE)


def _data(points: int) -> Dataset:
    """Random points, as a stage after the first has them: f̂'' is drawn to what those before left."""
    return Dataset(*torch.randn(4, points, 1, dtype=DOUBLE, generator=torch.Generator().manual_seed(points)))


def _with_gaps(data: Dataset) -> Dataset:
    rows = torch.arange(len(data.x))[:, None] % 3
    return replace(data, y=data.y.masked_fill(rows == 1, torch.nan), dy=data.dy.masked_fill(rows == 0, torch.nan))


@NETWORKS
@pytest.mark.parametrize("make_data", [_data, lambda points: _with_gaps(_data(points))], ids=["whole", "gaps"])
def test_the_gradient_is_that_of_automatic_differentiation(
    activation: str, hidden: tuple[int, ...], make_data: Callable[[int], Dataset]
) -> None:
    problem = _network(activation, hidden), make_data(9), make_data(4)
    plain, fast = ByAutograd(*problem), ByTangents(*problem)
    for weights in ((0.7, 3.0, 0.2), (0.0, 0.5, 1e-6), (2.0, 0.0, 40.0)):
        for objective in (plain, fast):
            objective.set_loss_weights(*weights)
        assert fast.mean_square_curvature() == pytest.approx(plain.mean_square_curvature(), rel=1e-10)
        assert fast.loss() == pytest.approx(plain.loss(), rel=1e-10)
        difference = (fast.gradient() - plain.gradient()).norm().item()
        assert difference <= 1e-10 * plain.gradient().norm().item()


@NETWORKS
def test_the_second_derivative_is_the_slope_of_the_first(activation: str, hidden: tuple[int, ...]) -> None:
    network, x, step = _network(activation, hidden), _data(9).x, 1e-5
    slope = (tangents(network, x + step)[1] - tangents(network, x - step)[1]) / (2 * step)
    torch.testing.assert_close(curvature(network, x), slope, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(curvature(network, x), second_derivative(network, x), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_it_holds_far_from_zero(activation: str) -> None:
    network = MLP((3, 3), activation, 1, first_layer_scale=100.0, dtype=DOUBLE)
    x = torch.linspace(-30, 30, 61, dtype=DOUBLE)[:, None]
    torch.testing.assert_close(curvature(network, x), second_derivative(network, x), rtol=1e-6, atol=1e-6)


def test_its_points_can_be_replaced() -> None:
    network, there = _network("tanh", (4, 3)), _data(6).x
    moved = Curvature(network, torch.zeros(6, 1, dtype=DOUBLE))
    moved.x.copy_(there[:, 0])
    assert torch.equal(moved.second_derivative(), curvature(network, there))


@pytest.mark.parametrize("make_data", [_data, lambda points: _with_gaps(_data(points))], ids=["whole", "gaps"])
def test_the_gradients_of_batches_have_that_of_all_points_as_their_mean(make_data: Callable[[int], Dataset]) -> None:
    problem = _network("tanh", (5, 4)), make_data(12), make_data(4)
    for make_objective in (ByAutograd, ByTangents):
        whole = make_objective(*problem)
        batches = Batches(*problem, make_objective, size=4, seed=1)
        for objective in (whole, batches):
            objective.set_loss_weights(0.7, 3.0, 0.2)
        assert batches.loss() == whole.loss()
        batches.shuffle(epoch=3)
        mean = torch.stack([batches.gradient().clone() for _ in range(3)]).mean(0)
        torch.testing.assert_close(mean, whole.gradient(), rtol=1e-10, atol=1e-12)


def test_without_smoothing_all_is_as_before() -> None:
    problem = _network("tanh", (6, 4)), _data(9), _data(4)
    never, once = ByTangents(*problem), ByTangents(*problem)
    once.set_loss_weights(1.0, 1.0, 0.5)
    with_smoothing = once.gradient().clone()
    once.set_loss_weights(1.0, 1.0)
    assert torch.equal(once.gradient(), never.gradient())
    assert once.loss() == never.loss()
    once.set_loss_weights(1.0, 1.0, 0.5)
    assert torch.equal(once.gradient(), with_smoothing)


SMALL: dict[str, Any] = {"train_points": 16, "validation_points": 5, "evaluation_points": 9, "epochs": 30}


def _train(trainer: Trainer, epochs: int) -> None:
    for _ in range(epochs):
        trainer.step()


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
@pytest.mark.parametrize("hidden", [(4,), (9, 8)], ids=["fewer weights", "more weights"])
def test_it_acts_on_a_running_training_and_stops_to(optimizer: str, hidden: tuple[int, ...]) -> None:
    config = Config(optimizer=optimizer, hidden=hidden, learning_rate=3e-3, **SMALL)
    trainer = Trainer(config)
    for smoothing in (0.0, 0.03, 0.3, 0.0):
        trainer.config = config.with_values(smoothing=smoothing, epochs=60 + trainer.epoch)
        before = trainer.present_losses()[0]
        _train(trainer, 12)
        total, function, derivative, *validation = trainer.present_losses()
        assert total < before
        assert validation[0] == pytest.approx(validation[1] + validation[2])
        bend = float(dict(trainer.details).get("curvature", 0.0))
        assert total == pytest.approx(function + derivative + smoothing * bend**2, rel=0.01)
        assert bool(bend) == bool(smoothing)


def test_more_smoothing_bends_less() -> None:
    bends = []
    for smoothing in (1e-6, 1e-3, 1.0):
        trainer = Trainer(Config(optimizer="lm", hidden=(8,), smoothing=smoothing, **SMALL))
        _train(trainer, 30)
        bends.append(float(dict(trainer.details)["curvature"]))
    assert bends == sorted(bends, reverse=True)
    assert bends[2] < bends[0] / 10


def test_in_every_stage_it_is_that_of_the_sum() -> None:
    config = Config(optimizer="lm", hidden=(5,), stages=3, smoothing=1e-3, first_layer_scale=3.0, **SMALL)
    trainer, x = Trainer(config), torch.linspace(-1, 1, 16, dtype=DOUBLE)[:, None]
    for stage in (1, 2, 3):
        _train(trainer, 10)
        assert trainer.stage == stage
        expected = second_derivative(trainer.model, x).square().mean().sqrt().item()
        assert dict(trainer.details)["curvature"] == f"{expected:.3g}"


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs", "lm"])
def test_a_smoothed_run_resumes_bit_for_bit(optimizer: str) -> None:
    config = Config(optimizer=optimizer, hidden=(6, 5), stages=2, smoothing=1e-3, **SMALL)
    whole, resumed = Trainer(config), Trainer(config)
    _train(whole, 20)
    resumed.load_state_dict(copy.deepcopy(whole.state_dict()))
    for trainer in (whole, resumed):
        _train(trainer, 8)
    assert torch.equal(whole.weights, resumed.weights)


@pytest.mark.parametrize("stages", [1, 2])
def test_the_total_loss_of_the_best_weights_has_their_curvature(stages: int) -> None:
    config = Config(optimizer="lm", hidden=(6, 5), stages=stages, smoothing=1e-3, keep="best", noise=0.3, **SMALL)
    trainer, totals = Trainer(config), []
    while not trainer.ended_by:
        trainer.step()
        totals.append(trainer.losses[0])
    best = trainer.best_epoch
    assert best is not None
    assert best < trainer.epoch
    assert trainer.present_losses()[0] == totals[best]
    assert trainer.present_losses()[0] == totals[best]


def test_it_does_not_depend_on_the_units_of_a_formula() -> None:
    base = Config(target="exp(-x^2)", interval="-2,2", hidden=(6,), optimizer="lm", smoothing=1e-3, **SMALL)
    wide = replace(base, target="1e3*exp(-(x/50)^2)", interval="-100,100")
    bends = []
    for config in (base, wide):
        trainer = Trainer(config)
        _train(trainer, 10)
        bends.append(float(dict(trainer.details)["curvature"]))
    assert bends[1] == pytest.approx(bends[0], rel=0.01)


def test_too_many_residuals_with_smoothing_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must be <= 10000, got \d+ weights and 12000 residuals"):
        Trainer(Config(optimizer="lm", hidden=(150, 150), train_points=4000, smoothing=1e-3))
