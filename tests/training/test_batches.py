"""Mini-batches: their gradients against automatic differentiation, their order, and what stays as it is."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tui_runge.core.config import OPTIMIZER_NAMES, OPTIMIZER_TRAITS, Config
from tui_runge.training.batches import Batches, MakeObjective
from tui_runge.training.data import Dataset
from tui_runge.training.network import MLP
from tui_runge.training.objectives import ByAutograd, ByTangents
from tui_runge.training.threads import threads
from tui_runge.training.trainer import Trainer

POINTS, SIZE = 23, 5
CONFIG = Config(hidden=(6, 5), train_points=24, validation_points=7, evaluation_points=9, epochs=12, batch_size=7)
#: a place as its own value and slope, so that a batch tells which points it is of
LINE = Dataset(*(torch.arange(1.0, POINTS + 1, dtype=torch.float64)[:, None] for _ in range(3)))


def network() -> MLP:
    return MLP((6, 5), "tanh", 1, dtype=torch.float64)


def with_gaps(data: Dataset) -> Dataset:
    """Data of which some rows have no value, and most no slope."""
    rows = torch.arange(len(data.x))[:, None]
    return Dataset(data.x, data.y.masked_fill(rows % 6 == 1, torch.nan), data.dy.masked_fill(rows % 6 > 1, torch.nan))


def batches_of(data: Dataset, make_objective: MakeObjective = ByTangents, seed: int = 1) -> Batches:
    batches = Batches(network(), data, data, make_objective, size=SIZE, seed=seed)
    batches.set_loss_weights(0.7, 3.0)
    return batches


def epoch_of(batches: Batches, epoch: int) -> list[Dataset]:
    """The batches of an epoch."""
    batches.shuffle(epoch)
    return [batches._batch(start) for start in batches._starts]


def by_autograd(data: Dataset) -> Tensor:
    """The gradient of the loss on some points."""
    objective = ByAutograd(network(), data, data)
    objective.set_loss_weights(0.7, 3.0)
    return objective.gradient()


@pytest.mark.parametrize("make_objective", [ByTangents, ByAutograd])
def test_gradients_are_those_of_each_batch(make_objective: MakeObjective) -> None:
    batches = batches_of(LINE, make_objective)
    parts = epoch_of(batches, 3)
    assert [len(part.x) for part in parts] == [5, 5, 5, 5, 3]
    assert torch.cat([part.x for part in parts]).flatten().sort().values.equal(LINE.x[:, 0])
    for part in parts:
        assert part.x.equal(part.y)
        torch.testing.assert_close(batches.gradient(), by_autograd(part), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("make_objective", [ByTangents, ByAutograd])
@pytest.mark.parametrize("data", [LINE, with_gaps(LINE)], ids=["whole", "gaps"])
def test_gradients_make_that_of_all_points(data: Dataset, make_objective: MakeObjective) -> None:
    batches = batches_of(data, make_objective)
    for epoch in (1, 2):
        parts = epoch_of(batches, epoch)
        mean = torch.stack([batches.gradient() * len(part.x) / POINTS for part in parts]).sum(0)
        torch.testing.assert_close(mean, by_autograd(data), rtol=1e-10, atol=1e-12)


def test_the_order_is_that_of_the_seed_and_the_epoch() -> None:
    one, other, seeded = batches_of(LINE), batches_of(LINE), batches_of(LINE, seed=2)

    def order(batches: Batches, epoch: int) -> list[float]:
        return [x for part in epoch_of(batches, epoch) for x in part.x[:, 0].tolist()]

    first = order(one, 1)
    assert order(one, 2) != first
    assert order(seeded, 1) != first
    assert order(other, 1) == first == order(one, 1)


def trained(trainer: Trainer, epochs: int = CONFIG.epochs) -> Trainer:
    while trainer.epoch < epochs:
        trainer.step()
    return trainer


@pytest.mark.parametrize("size", [24, 10_000])
def test_a_batch_of_all_points_is_the_full_one(size: int) -> None:
    full, batch = (trained(Trainer(CONFIG.with_values(batch_size=each))) for each in (0, size))
    assert torch.equal(full.weights, batch.weights)
    assert not torch.equal(full.weights, trained(Trainer(CONFIG)).weights)


def test_losses_are_those_of_all_points_at_the_start_of_the_epoch() -> None:
    full, batch = (Trainer(CONFIG.with_values(batch_size=size)) for size in (0, 7))
    full.step()
    batch.step()
    assert full.losses == batch.losses
    expected = batch.present_losses()
    batch.step()
    assert batch.losses == expected


@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZER_NAMES if OPTIMIZER_TRAITS[name].takes_batches])
@pytest.mark.parametrize("values", [{}, {"stages": 2, "schedule": "plateau"}], ids=str)
def test_a_run_in_batches_resumes_bit_for_bit(optimizer: str, values: dict[str, Any]) -> None:
    config = CONFIG.with_values(optimizer=optimizer, **values)
    whole, first, second = trained(Trainer(config)), trained(Trainer(config), 8), Trainer(config)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    for trainer in (first, second):
        assert torch.equal(trained(trainer).weights, whole.weights)
        np.testing.assert_array_equal(trainer.history.curves().low, whole.history.curves().low)
    totals = whole.history.curves().low[0]
    assert totals.min() < totals[0]


@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZER_NAMES if not OPTIMIZER_TRAITS[name].takes_batches])
def test_methods_that_need_all_points_refuse_batches(optimizer: str) -> None:
    with pytest.raises(
        ValueError, match=f"^batch_size must be 0 with optimizer {optimizer}, got 32: .* adam, adamw, sgd and gd"
    ):
        Config(optimizer=optimizer, batch_size=32)


def test_threads_are_by_the_points_of_a_step() -> None:
    config = Config(hidden=(64, 64), train_points=8000)
    assert (threads(config, 8), threads(config.with_values(batch_size=100), 8)) == (8, 1)
