"""Every optimizer and schedule: against torch's own, through a save and a load, and on every network."""

import copy
import math
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tui_runge.core.config import ACTIVATION_NAMES, OPTIMIZER_NAMES, SCHEDULE_NAMES, Config
from tui_runge.problems import Points, Problem
from tui_runge.training import trainer as trainer_module
from tui_runge.training.optimizers import OPTIMIZERS
from tui_runge.training.schedules import SCHEDULES
from tui_runge.training.trainer import DivergedError, Trainer


class Bowl:
    """The objective of sum(scale * weights^4) / 4, whose gradient is known."""

    def __init__(self) -> None:
        self.weights = torch.linspace(-1, 1, 7, dtype=torch.float64)
        self._scale = torch.linspace(1, 3, 7, dtype=torch.float64)

    def set_loss_weights(self, function_weight: float, derivative_weight: float, smoothing: float = 0.0) -> None:
        raise NotImplementedError

    loss_terms: Any = None
    mean_square_curvature: Any = None
    gradients: Any = None

    def loss(self) -> float:
        return (self._scale * self.weights**4).sum().item() / 4

    def gradient(self) -> Tensor:
        return self._scale * self.weights**3


TORCHS: dict[str, Callable[[list[Tensor], float], torch.optim.Optimizer]] = {
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr),
    "adamw": lambda p, lr: torch.optim.AdamW(p, lr=lr),
    "sgd": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
    "gd": lambda p, lr: torch.optim.SGD(p, lr=lr),
}


@pytest.mark.parametrize("name", TORCHS)
def test_steps_are_torchs_own_also_when_the_learning_rate_changes(name: str) -> None:
    ours, theirs = Bowl(), Bowl()
    our_optimizer = OPTIMIZERS[name](ours, Config(learning_rate=0.01))
    torchs = TORCHS[name]([theirs.weights], 0.01)
    for epoch in range(60):
        if epoch == 30:
            our_optimizer.learning_rate = torchs.param_groups[0]["lr"] = 0.003
        our_optimizer.step()
        theirs.weights.grad = theirs.gradient()
        torchs.step()
        torch.testing.assert_close(ours.weights, theirs.weights, rtol=1e-12, atol=1e-14)


def _torch_schedule(name: str, optimizer: torch.optim.Optimizer, epochs: int, rate: float) -> Any:
    schedulers = torch.optim.lr_scheduler
    if name == "cosine":
        return schedulers.CosineAnnealingLR(optimizer, epochs)
    if name == "onecycle":
        return schedulers.OneCycleLR(optimizer, rate, epochs, cycle_momentum=False)
    return schedulers.ReduceLROnPlateau(optimizer)


@pytest.mark.parametrize("name", ["cosine", "onecycle", "plateau"])
@pytest.mark.parametrize("epochs", [7, 100])
def test_schedules_are_torchs_own(name: str, epochs: int) -> None:
    rate = 0.02
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=rate)
    theirs = _torch_schedule(name, optimizer, epochs, rate)
    ours = SCHEDULES[name]()
    for epoch in range(epochs):
        loss = max(1.0 / (1 + epoch), 0.05)
        assert rate * ours(epoch, epochs, loss) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9, abs=1e-15)
        optimizer.step()
        theirs.step(*([loss] if name == "plateau" else []))


@pytest.mark.parametrize("name", SCHEDULE_NAMES)
@pytest.mark.parametrize("epochs", [1, 2, 3, 4, 5])
def test_schedules_hold_for_a_few_epochs(name: str, epochs: int) -> None:
    schedule = SCHEDULES[name]()
    assert all(0 <= schedule(epoch, epochs, 1.0) <= 1 for epoch in range(epochs + 1))


def _config(**values: Any) -> Config:
    small = {"hidden": (6, 5), "train_points": 20, "validation_points": 5, "evaluation_points": 9, "epochs": 12}
    return Config(**{**small, **values})


def _train(trainer: Trainer, epochs: int | None = None) -> None:
    while not trainer.ended_by and (epochs is None or trainer.epoch < epochs):
        trainer.step()


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
@pytest.mark.parametrize("schedule", ["constant", "plateau"])
@pytest.mark.parametrize("stages", [1, 2])
def test_resumes_bit_for_bit(optimizer: str, schedule: str, stages: int) -> None:
    config = _config(optimizer=optimizer, schedule=schedule, stages=stages)
    whole, first, second = Trainer(config), Trainer(config), Trainer(config)
    _train(whole)
    _train(first, epochs=8)
    state = copy.deepcopy(first.state_dict())
    _train(first)
    second.load_state_dict(state)
    _train(second)
    for trainer in (first, second):
        assert torch.equal(trainer.weights, whole.weights)
        assert (trainer.epoch, trainer.stage, trainer.ended_by) == (whole.epoch, whole.stage, whole.ended_by)
        assert (trainer.history.curves().low == whole.history.curves().low).all()
        assert trainer.evaluate()[1] == whole.evaluate()[1]


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_every_optimizer_improves_every_network(optimizer: str, activation: str, layers: int) -> None:
    trainer = Trainer(_config(optimizer=optimizer, activation=activation, hidden=(6,) * layers, learning_rate=1e-3))
    before = trainer.evaluate()[1]
    _train(trainer)
    after = trainer.evaluate()[1]
    losses = trainer.history.curves().low[0]
    assert losses[-1] < losses[0]
    assert math.isfinite(after.mse_f)
    assert after.mse_f + after.mse_df < 2 * (before.mse_f + before.mse_df)


ILL_POSED: list[dict[str, Any]] = [
    {"train_points": 1},
    {"train_points": 1, "validation_points": 1, "evaluation_points": 1},
    {"derivative_weight": 0.0},
    {"function_weight": 0.0},
    {"hidden": (1,)},
    {"function_weight": 1e300},
    {"first_layer_scale": 1e6},
    {"learning_rate": 1e30},
]


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
@pytest.mark.parametrize("values", ILL_POSED, ids=str)
@pytest.mark.parametrize("stages", [1, 3])
def test_ill_posed_input_ends_finite_or_diverges(optimizer: str, values: dict[str, Any], stages: int) -> None:
    trainer = Trainer(_config(optimizer=optimizer, epochs=30, stages=stages, **values))
    with suppress(DivergedError):
        _train(trainer)
    assert bool(trainer.weights.isfinite().all())


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
@pytest.mark.parametrize("stages", [1, 3])
def test_points_that_coincide_and_a_constant_target(
    optimizer: str, stages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = Points(np.full(8, 0.5), np.ones(8), np.zeros(8))
    constant = Problem("1", (-1.0, 1.0), lambda: points, lambda: points, lambda: points)
    monkeypatch.setattr(trainer_module, "problem_of", lambda _: constant)
    trainer = Trainer(_config(optimizer=optimizer, epochs=60, stages=stages))
    _train(trainer)
    assert math.isfinite(trainer.evaluate()[1].mse_f)


def test_a_diverged_run_stands_at_its_last_finite_weights() -> None:
    trainer = Trainer(_config(optimizer="sgd", learning_rate=1e6, epochs=100))
    with pytest.raises(DivergedError, match=r"the loss became \S+ at epoch \d+"):
        _train(trainer)
    assert bool(trainer.weights.isfinite().all())


def test_adam_lm_changes_over_half_way() -> None:
    trainer = Trainer(_config(optimizer="adam-lm", epochs=10))
    names = []
    while not trainer.ended_by:
        names.append(dict(trainer.details)["method"])
        trainer.step()
    assert names == ["adam"] * 5 + ["lm"] * 5


def test_new_loss_weights_wake_a_converged_run() -> None:
    config = _config(optimizer="lm", hidden=(6,), train_points=2, epochs=3000, derivative_weight=0.0)
    trainer = Trainer(config)
    _train(trainer)
    assert trainer.ended_by == "converged"
    trainer.update(config.with_values(derivative_weight=1.0))
    assert not trainer.ended_by
    trainer.step()


def test_stop_conditions() -> None:
    stopped = Trainer(_config(optimizer="lm", epochs=500, stop_error=1e-4))
    _train(stopped)
    assert stopped.ended_by == "stop_error"
    patient = Trainer(_config(optimizer="adam", epochs=500, learning_rate=0.2, patience=5))
    _train(patient)
    assert patient.ended_by == "patience"
    full = Trainer(_config())
    _train(full)
    assert (full.ended_by, full.epoch) == ("epochs", 12)


def test_the_default_imports_no_compiler() -> None:
    code = (
        "import sys; from tui_runge.core.config import Config; from tui_runge.training.trainer import Trainer\n"
        "for name in ('adam', 'adamw', 'sgd', 'gd', 'lm', 'adam-lm'):\n"
        "    Trainer(Config(optimizer=name, schedule='plateau')).step()\n"
        "print('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
