"""The sharpness: against dense Hessians by automatic differentiation, and at the edge of stability."""

import itertools
import math
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.training.test_measured_points import config_of, points
from tui_runge.core.config import OPTIMIZER_TRAITS, Config
from tui_runge.training import sharpness as module
from tui_runge.training.data import Dataset
from tui_runge.training.network import matrices
from tui_runge.training.sharpness import Search, SharpnessMeter, hessian_product, largest_eigenvalue
from tui_runge.training.trainer import Trainer

WEIGHTED = Config(
    hidden=(6, 5), train_points=20, validation_points=7, evaluation_points=9, epochs=40, keep="last", dtype="float64",
    function_weight=0.7, derivative_weight=3.0,
)  # fmt: skip
CHEBYSHEV = Config(
    target="8x^4-8x^2+1", train_points=20, derivative_weight=0.0, hidden=(32, 32), dtype="float64", seed=1,
    validation_points=9, evaluation_points=9,
)  # fmt: skip
"""What Cohen et al. show the edge of stability with: a Chebyshev polynomial, plain descent, all points at once."""


def stepped(config: Config, epochs: int) -> Trainer:
    trainer = Trainer(config)
    while trainer.epoch < epochs:
        trainer.step()
    return trainer


def solved(search: Search) -> float:
    for _ in itertools.count():
        try:
            next(search)
        except StopIteration as ended:
            return float(ended.value[0])
    raise AssertionError


def by_autograd(trainer: Trainer, data: Dataset, weights: tuple[float, float, float]) -> Tensor:
    """The Hessian (p, p) of the loss as a formula, by automatic differentiation alone."""
    shapes = [(len(matrix), matrix.shape[1]) for matrix in trainer._stage.network.matrices]

    def mean_square(errors: Tensor) -> Tensor:
        return torch.where(errors.isnan(), 0.0, errors).square().sum() / (~errors.isnan()).sum().clamp(min=1)

    def loss(flat: Tensor) -> Tensor:
        x = data.x.detach().requires_grad_()
        h = x
        for number, matrix in enumerate(matrices(flat, shapes)):
            h = (h if number == 0 else torch.tanh(h)) @ matrix[:, :-1].t() + matrix[:, -1]
        (slope,) = torch.autograd.grad(h.sum(), x, create_graph=True)
        (bend,) = torch.autograd.grad(slope.sum(), x, create_graph=True)
        terms = mean_square(h - data.y), mean_square(slope - data.dy), mean_square(bend - data.ddy)
        return torch.stack([weight * term for weight, term in zip(weights, terms, strict=True)]).sum()

    hessian: Tensor = torch.autograd.functional.hessian(loss, trainer.weights.double())  # type: ignore[no-untyped-call]
    return hessian


@pytest.mark.parametrize(
    "config",
    [
        WEIGHTED,
        WEIGHTED.with_values(dtype="float32"),
        WEIGHTED.with_values(batch_size=7),
        WEIGHTED.with_values(smoothing=0.01),
        WEIGHTED.with_values(optimizer="lm"),
        WEIGHTED.with_values(function_weight=7e6, derivative_weight=3e6),
        config_of(points(known="ffb"), function_weight=0.7, derivative_weight=3.0),
        WEIGHTED.with_values(stages=2, epochs=16),
    ],
    ids=["plain", "float32", "batches", "smoothed", "lm", "in a unit", "measured", "staged"],
)
def test_it_is_the_largest_eigenvalue_of_the_hessian_of_what_is_minimised(config: Config) -> None:
    trainer = stepped(config, 12)
    assert trainer.stage == config.stages
    before = trainer.weights.clone(), trainer._stage.objective.loss()
    objective = trainer.copy_of_objective()
    assert objective.loss() == pytest.approx(before[1], rel=1e-4 if config.dtype == "float32" else 1e-12)
    hessian = by_autograd(trainer, trainer._stage._scaled_train.in_float64(), trainer._stage._minimised_weights())
    largest = torch.linalg.eigvalsh(hessian)[-1].item()
    direction = torch.sin(torch.arange(1.0, len(hessian) + 1, dtype=torch.float64))
    direction /= direction.norm()
    product = hessian_product(objective)
    torch.testing.assert_close(product(direction), hessian @ direction, rtol=1e-6, atol=1e-8 * largest)
    assert solved(largest_eigenvalue(product, direction)) == pytest.approx(largest, rel=1e-4)
    assert before[0].equal(trainer.weights)
    assert trainer._stage.objective.loss() == before[1]


@pytest.mark.parametrize("size", [1, 2, 30, 200])
def test_lanczos_finds_the_largest_and_not_the_farthest_from_zero(size: int) -> None:
    generator = torch.Generator().manual_seed(size)
    basis = torch.linalg.qr(torch.randn(size, size, generator=generator, dtype=torch.float64)).Q
    values = torch.linspace(-9, 4, size, dtype=torch.float64)
    matrix = basis @ torch.diag(values) @ basis.t()
    start = torch.randn(size, generator=generator, dtype=torch.float64)
    assert solved(largest_eigenvalue(matrix.mv, start)) == pytest.approx(values[-1].item(), rel=1e-3)


def test_lanczos_is_not_held_by_an_eigenvector_that_was_overtaken(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, meter = stepped(WEIGHTED, 3), SharpnessMeter()
    monkeypatch.setattr(module, "hessian_product", lambda _: lambda v: torch.linspace(0, 5, v.numel()).double() * v)
    meter._found = torch.eye(trainer.weights.numel(), dtype=torch.float64)[-2]
    while not meter.samples:
        meter.advance(trainer, at_once=True)
    assert meter.samples[-1][1] == pytest.approx(5.0, rel=1e-3)


def test_what_is_not_finite_has_none() -> None:
    assert math.isnan(solved(largest_eigenvalue(lambda v: v * math.nan, torch.ones(3, dtype=torch.float64))))
    assert solved(largest_eigenvalue(torch.zeros_like, torch.ones(3, dtype=torch.float64))) == 0


def test_it_is_measured_now_and_then_and_where_the_weights_rest_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = itertools.count()
    monkeypatch.setattr(module, "perf_counter", lambda: 1e-9 * next(seconds))
    trainer, meter = stepped(WEIGHTED, 3), SharpnessMeter()
    trainer.past_weights = []
    meter.advance(trainer, at_once=False)
    meter.advance(trainer, at_once=False)
    assert [(epoch, rate) for epoch, _, rate in meter.samples] == [(3, WEIGHTED.learning_rate)]
    trainer.step()
    trainer.past_weights = []
    meter.advance(trainer, at_once=False)
    assert len(meter.samples) == 1
    for _ in range(2):
        meter.advance(trainer, at_once=True)
    assert [sample[0] for sample in meter.samples] == [3, 4]


def test_a_long_search_is_put_aside_and_is_of_the_weights_that_it_began_with(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, meter, trainer = SharpnessMeter(), SharpnessMeter(), stepped(WEIGHTED, 3)
    while not whole.samples:
        whole.advance(trainer, at_once=True)
    seconds = itertools.count()
    monkeypatch.setattr(module, "perf_counter", lambda: 0.03 * next(seconds))
    calls = 0
    while not meter.samples:
        meter.advance(trainer, at_once=True)
        trainer.step()
        calls += 1
    assert calls > 2
    assert meter.samples == whole.samples


def test_where_the_weights_rest_those_before_are_measured_first() -> None:
    config = WEIGHTED.with_values(schedule="cosine")
    trainer, meter, watched = Trainer(config), SharpnessMeter(), []
    for _ in range(12):
        watched.append((float(trainer.epoch), solved(_search(trainer)), None))
        trainer.step()
    while not meter.samples or meter.samples[-1][0] < 12:
        meter.advance(trainer, at_once=True)
    assert [sample[0] for sample in meter.samples] == [0, 1, 2, 4, 8, 12]
    for epochs, sharpness, _ in meter.samples[:-1]:
        assert sharpness == pytest.approx(watched[int(epochs)][1], rel=1e-4)
    rates = [sample[2] for sample in meter.samples]
    assert rates[0] == config.learning_rate
    assert rates == sorted(rates, reverse=True)


def _search(trainer: Trainer) -> Search:
    objective = trainer.copy_of_objective()
    return largest_eigenvalue(hessian_product(objective), torch.ones_like(objective.weights))


def test_weights_of_other_points_or_of_another_stage_are_not_remembered() -> None:
    staged = stepped(WEIGHTED.with_values(stages=2, epochs=16), 12)
    assert [past.epochs for past in staged.past_weights] == [8]
    adaptive = Config(hidden=(5,), nodes="adaptive", train_points=20, epochs=400, evaluation_points=9)
    trainer = Trainer(adaptive)
    points = len(trainer.train_x)
    while len(trainer.train_x) == points:
        trainer.step()
    assert all(past.epochs >= trainer.epoch - 1 for past in trainer.past_weights)


def test_a_network_too_large_is_not_copied_and_samples_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_COPY", 10)
    monkeypatch.setattr(module, "MOST_SAMPLES", 8)
    trainer, meter = stepped(WEIGHTED.with_values(optimizer="lm"), 0), SharpnessMeter()
    for epoch in range(20):
        trainer.epoch, trainer.past_weights = epoch, []
        meter.advance(trainer, at_once=True)
        assert math.isnan(meter.samples[-1][1])
        assert math.isnan(meter.samples[-1][2])
    assert len(meter.samples) <= 8
    assert (meter.samples[0][0], meter.samples[-1][0]) == (0, 19)


@pytest.mark.parametrize(("optimizer", "rate", "settled"), [("gd", 0.05, 1_500), ("sgd", 0.1, 600)])
def test_gradient_descent_trains_at_the_edge_of_stability(optimizer: str, rate: float, settled: int) -> None:
    limit = 2 * (1 + OPTIMIZER_TRAITS[optimizer].momentum) / rate
    trainer = Trainer(CHEBYSHEV.with_values(optimizer=optimizer, learning_rate=rate, epochs=2 * settled))
    meter = SharpnessMeter()
    found: dict[int, Any] = {}
    for epochs in (0, 20, *range(settled, 2 * settled + 1, settled // 6)):
        while trainer.epoch < epochs:
            trainer.step()
        while not meter.samples or meter.samples[-1][0] < epochs:
            meter.advance(trainer, at_once=True)
        found[epochs] = meter.samples[-1][1] / limit
    assert max(found[0], found[20]) < 0.4
    before = {epochs: sharpness / limit for epochs, sharpness, _ in meter.samples}
    assert before[64] < before[128] < before[256] < before[512] < 1.05  # as it rises on the way
    assert all(0.9 < found[epochs] < 1.1 for epochs in found if epochs >= settled)
    assert trainer.losses[0] < 0.01
