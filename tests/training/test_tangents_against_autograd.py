"""The gradient by hand against automatic differentiation and against finite differences."""

import itertools
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tui_runge.core.config import ACTIVATION_NAMES, Config
from tui_runge.training import stages
from tui_runge.training.data import Dataset
from tui_runge.training.network import MLP, value_and_derivative
from tui_runge.training.objectives import ByAutograd, ByTangents
from tui_runge.training.tangents import tangents
from tui_runge.training.trainer import Trainer

WEIGHTS = st.floats(0, 100)


@st.composite
def problems(draw: st.DrawFn) -> tuple[MLP, Dataset, Dataset]:
    """A random network in float64 with random data, from one point on, of which a share is not known."""
    hidden = tuple(draw(st.lists(st.integers(1, 9), min_size=1, max_size=4)))
    seed = draw(st.integers(0, 2**32))
    network = MLP(hidden, draw(st.sampled_from(ACTIVATION_NAMES)), seed, first_layer_scale=2.0, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)

    unknown = draw(st.sampled_from([0.0, 0.3, 1.0]))

    def data(points: int) -> Dataset:
        columns = torch.randn(3, points, 1, dtype=torch.float64, generator=generator)
        gaps = torch.rand(2, points, 1, generator=generator) < unknown
        columns[1:] = columns[1:].masked_fill(gaps, torch.nan)
        return Dataset(*columns)

    return network, data(draw(st.integers(1, 12))), data(draw(st.integers(1, 12)))


@settings(deadline=None, max_examples=60)
@given(problems(), WEIGHTS, WEIGHTS)
def test_both_objectives_agree(problem: tuple[MLP, Dataset, Dataset], of_f: float, of_df: float) -> None:
    plain, fast = ByAutograd(*problem), ByTangents(*problem)
    for objective in (plain, fast):
        objective.set_loss_weights(of_f, of_df)
    assert fast.loss_terms() == pytest.approx(plain.loss_terms(), rel=1e-10, abs=1e-13)
    assert fast.loss() == pytest.approx(plain.loss(), rel=1e-10, abs=1e-13)
    torch.testing.assert_close(fast.gradient(), plain.gradient(), rtol=1e-9, atol=1e-10 * (1 + of_f + of_df))


@settings(deadline=None, max_examples=40)
@given(problems(), WEIGHTS, WEIGHTS, st.sampled_from([0.0, 0.3]))
def test_gradients_of_the_two_terms_agree_and_sum_to_the_whole(
    problem: tuple[MLP, Dataset, Dataset], of_f: float, of_df: float, smoothing: float
) -> None:
    plain, fast = ByAutograd(*problem), ByTangents(*problem)
    for objective in (plain, fast):
        objective.set_loss_weights(of_f, of_df, smoothing)
    close = partial(torch.testing.assert_close, rtol=1e-9, atol=1e-10 * (1 + of_f + of_df))
    whole = fast.gradient().clone()
    for ours, theirs in zip(fast.gradients(), plain.gradients(), strict=True):
        close(ours, theirs)
    close(fast.gradient(), whole)  # it is as if nothing had been asked in between
    if not smoothing:
        close(sum(fast.gradients(), torch.zeros_like(whole)), whole)


@settings(deadline=None, max_examples=30)
@given(problems(), WEIGHTS, WEIGHTS)
def test_gradient_is_the_slope_of_the_loss(problem: tuple[MLP, Dataset, Dataset], of_f: float, of_df: float) -> None:
    objective = ByTangents(*problem)
    objective.set_loss_weights(of_f, of_df)
    start, gradient = objective.weights.clone(), objective.gradient().clone()
    direction = torch.sin(torch.arange(start.numel(), dtype=torch.float64))
    sides = []
    for step in (1e-6, -1e-6):
        torch.add(start, direction, alpha=step, out=objective.weights)
        sides.append(objective.loss())
    slope = (sides[0] - sides[1]) / 2e-6
    assert slope == pytest.approx((gradient @ direction).item(), rel=1e-4, abs=1e-6 * (1 + of_f + of_df))


@settings(deadline=None, max_examples=40)
@given(problems())
def test_tangents_are_the_derivative(problem: tuple[MLP, Dataset, Dataset]) -> None:
    network, data, _ = problem
    expected = value_and_derivative(network, data.x)
    for ours, theirs in zip(tangents(network, data.x), expected, strict=True):
        torch.testing.assert_close(ours, theirs.detach(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_activations_hold_far_from_zero(activation: str, dtype: torch.dtype) -> None:
    network = MLP((3, 3), activation, 1, first_layer_scale=100.0, dtype=dtype)
    x = torch.linspace(-30, 30, 61, dtype=dtype)[:, None]
    tolerance = 1e-3 if dtype == torch.float32 else 1e-6
    for ours, theirs in zip(tangents(network, x), value_and_derivative(network, x), strict=True):
        torch.testing.assert_close(ours, theirs.detach(), rtol=tolerance, atol=tolerance)


def test_weights_are_views_of_one_vector() -> None:
    network = MLP((3, 2), "tanh", 1)
    network.flat.fill_(2.0)
    assert all(bool((parameter == 2).all()) for parameter in network.parameters())
    assert network.flat.numel() == sum(parameter.numel() for parameter in network.parameters())


def _trained(config: Config) -> tuple[Tensor, tuple[float, ...]]:
    trainer = Trainer(config)
    while not trainer.ended_by:
        trainer.step()
    errors = trainer.evaluate()[1]
    return trainer.weights.clone(), (errors.mse_f, errors.mse_df, errors.max_f, errors.max_df)


def test_trajectory_is_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    _, report = _trained(Config())
    assert report == pytest.approx((2.31e-8, 9.18e-6, 2.87e-4, 8.66e-3), rel=1e-3)
    weights, errors = _trained(Config(epochs=300))
    monkeypatch.setattr(stages, "ByTangents", ByAutograd)
    plain_weights, plain_errors = _trained(Config(epochs=300))
    assert (weights - plain_weights).abs().max().item() < 1e-5
    assert errors == pytest.approx(plain_errors, rel=2e-3)


@pytest.mark.parametrize(
    ("activation", "function_weight", "derivative_weight"),
    list(itertools.product(ACTIVATION_NAMES, (0.5, 0.0), (3.0,))),
)
def test_short_trajectories_agree(
    activation: str, function_weight: float, derivative_weight: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(
        hidden=(8, 7, 6),
        activation=activation,
        function_weight=function_weight,
        derivative_weight=derivative_weight,
        train_points=20,
        dtype="float64",
        epochs=50,
    )
    weights, _ = _trained(config)
    monkeypatch.setattr(stages, "ByTangents", ByAutograd)
    torch.testing.assert_close(weights, _trained(config)[0], rtol=1e-9, atol=1e-10)


def test_same_seed_same_bits() -> None:
    config = Config(epochs=30)
    assert torch.equal(_trained(config)[0], _trained(config)[0])
