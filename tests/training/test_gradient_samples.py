"""The gradients of the two losses that a run notes: their units and their sum, when, and that nothing comes of it."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.test_measured_points import config_of, points
from tui_runge.core.config import OPTIMIZER_NAMES, Config
from tui_runge.core.gradient_samples import GradientSamples, is_sampled
from tui_runge.core.progress import weight_number
from tui_runge.training import trainer as trainer_module
from tui_runge.training.trainer import Trainer

SMALL = Config(
    hidden=(6, 5), train_points=20, validation_points=7, evaluation_points=9, epochs=20, keep="last", dtype="float64"
)
WEIGHTED = {"function_weight": 0.7, "derivative_weight": 3.0}
STAGED = SMALL.with_values(optimizer="adam", stages=2, **WEIGHTED)


def stepped(config: Config, epochs: int) -> Trainer:
    trainer = Trainer(config)
    while trainer.epoch < epochs:
        trainer.step()
    return trainer


def slope(trainer: Trainer, direction: Tensor, loss: int) -> float:
    """How fast one of the losses that a user reads rises along a direction of the weights."""
    start, sides = trainer.weights.clone(), []
    for step in (1e-6, -1e-6):
        torch.add(start, direction, alpha=step, out=trainer.weights)
        sides.append(trainer.present_losses()[loss])
    trainer.weights.copy_(start)
    return (sides[0] - sides[1]) / 2e-6


@pytest.mark.parametrize(
    "config",
    [
        SMALL.with_values(**WEIGHTED),
        SMALL.with_values(batch_size=7, **WEIGHTED),
        SMALL.with_values(smoothing=0.01, **WEIGHTED),
        SMALL.with_values(optimizer="sgd", learning_rate=1e-9, function_weight=7e6, derivative_weight=3.0),
        SMALL.with_values(function_weight=7e6, derivative_weight=3e6),  # which Adam minimises in a unit of its own
        config_of(points(known="ffdb"), **WEIGHTED),
        STAGED,
    ],
    ids=["plain", "batches", "smoothed", "heavy", "in a unit", "measured", "staged"],
)
def test_the_norms_are_the_steepest_slopes_of_the_weighted_losses_in_the_users_units(config: Config) -> None:
    trainer = stepped(config, 12)
    trainer._sample_gradients()
    epoch, norm_f, norm_df, cosine = trainer.gradients.rows[-1]
    frequency = trainer._stage.frequency  # a later stage's weight of f' is divided by its square
    assert epoch == 13
    assert (frequency > 1) == (trainer.stage > 1)
    weights = config.function_weight, weight_number(config, None) * trainer.scaling.x_scale**2 / frequency**2
    directions = [gradient / gradient.norm() for gradient in trainer._stage.gradients()]
    for direction, norm, weight, loss in zip(directions, (norm_f, norm_df), weights, (1, 2), strict=True):
        assert norm == pytest.approx(weight * slope(trainer, direction, loss), rel=1e-5)
    assert cosine == pytest.approx((directions[0] @ directions[1]).item(), abs=1e-12)
    if not config.smoothing and not config.batch_size:
        unit = trainer._stage._loss_unit * (trainer.scaling.f_scale * trainer._stage.scale) ** 2
        whole = trainer._stage.objective.gradient().norm().item() * unit
        assert whole**2 == pytest.approx(norm_f**2 + norm_df**2 + 2 * cosine * norm_f * norm_df, rel=1e-9)


@pytest.mark.parametrize("values", [{"derivative_weight": 0.0}, {"data": "points without slopes"}])
def test_a_loss_that_does_not_count_has_no_gradient_and_no_angle(values: dict[str, Any]) -> None:
    config = config_of(points(known="f")) if "data" in values else SMALL.with_values(**values)
    samples = stepped(config, 3).gradients
    assert (samples.function > 0).all()
    assert not samples.derivative.any()
    assert np.isnan(samples.cosine).all()


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
def test_sampling_changes_nothing(optimizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = SMALL.with_values(optimizer=optimizer)
    finals = []
    for always in (True, False):
        monkeypatch.setattr(trainer_module, "is_sampled", lambda *_, always=always, **__: always)
        trainer = stepped(config, 12)
        assert len(trainer.gradients.epochs) == 12 * always
        finals.append((trainer.weights, trainer.losses))
    assert finals[0][0].equal(finals[1][0])
    assert finals[0][1] == finals[1][1]


@pytest.mark.parametrize("stop", [0, 4, 9])
def test_a_resumed_run_has_the_samples_of_the_whole(stop: int) -> None:
    whole, resumed = stepped(STAGED, 20), Trainer(STAGED)
    resumed.load_state_dict(stepped(STAGED, stop).state_dict())
    while resumed.epoch < 20:
        resumed.step()
    assert whole.gradients.epochs.tolist() == [1, 2, 3, 5, 9, 17]
    np.testing.assert_array_equal(resumed.gradients.rows, whole.gradients.rows)


def test_a_run_of_an_earlier_version_is_sampled_from_where_it_goes_on() -> None:
    state = stepped(SMALL, 4).state_dict()
    del state["gradients"]
    trainer = Trainer(SMALL)
    trainer.load_state_dict(state)
    assert trainer.gradients.rows.shape == (0, 4)
    trainer.step()
    assert trainer.gradients.epochs.tolist() == [5]


@pytest.mark.parametrize(("second_order", "start"), [(False, [0, 1, 2, 4, 8, 16, 32]), (True, [0, 1, 2, 4, 8, 16, 24])])
def test_samples_are_few_however_long_a_run_is(second_order: bool, start: list[int]) -> None:
    sampled = [epochs for epochs in range(2**18) if is_sampled(epochs, second_order=second_order)]
    assert sampled[:7] == start
    gaps = np.diff(sampled)
    assert (gaps <= np.maximum(np.array(sampled[:-1]) / 64, 8 if second_order else 128)).all()
    assert len(sampled) < 1300
    if not second_order:
        assert sum(epochs < 1200 for epochs in sampled) == 17


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1.0, 1.0, 1.0]], "float64 rows of 4"),
        ([[1, 1, 1, 1]], "float64 rows of 4, got int64"),
        ([[2.0, 1.0, 1.0, 0.0], [2.0, 1.0, 1.0, 0.0]], "whole epochs that rise from 1"),
        ([[0.0, 1.0, 1.0, 0.0]], "whole epochs that rise"),
        ([[1.5, 1.0, 1.0, 0.0]], "whole epochs that rise"),
        ([[math.nan, 1.0, 1.0, 0.0]], "whole epochs that rise"),
        ([[math.inf, 1.0, 1.0, 0.0], [math.inf, 1.0, 1.0, 0.0]], "whole epochs that rise"),
        ([[21.0, 1.0, 1.0, 0.0]], "up to 20, got 21"),
        ([[1.0, -1.0, 1.0, 0.0]], "norms >= 0"),
        ([[1.0, 1.0, 1.0, 1.5]], "cosines from -1 to 1"),
    ],
)
def test_samples_that_cannot_be_some_are_refused(rows: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GradientSamples.from_state(np.array(rows), 20)
