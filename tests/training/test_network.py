"""The network and its derivatives, held against central finite differences."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch.testing import assert_close

from tui_runge.core.config import ACTIVATION_NAMES, Config
from tui_runge.problems import problem_of
from tui_runge.training.data import dataset
from tui_runge.training.losses import sobolev
from tui_runge.training.network import MLP, value_and_derivative

X = torch.linspace(-1, 1, 11, dtype=torch.float64)[:, None]
H = 1e-5


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_the_derivative_is_that_of_the_value(activation: str) -> None:
    model = MLP((6, 5), activation, seed=1).double()
    _, derivative = value_and_derivative(model, X)
    assert_close(derivative, (model(X + H) - model(X - H)) / (2 * H), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_the_gradient_is_that_of_the_weighted_loss(activation: str) -> None:
    model = MLP((4, 3), activation, seed=2).double()
    data = dataset(problem_of(Config(train_points=11)).training, torch.float64, torch.device("cpu"))
    weights = list(model.parameters())

    def loss() -> torch.Tensor:
        return sobolev(value_and_derivative(model, data.x, create_graph=True), data, 0.7, 2.3).total

    for weight, gradient in zip(weights, torch.autograd.grad(loss(), weights), strict=True):
        entries, differences = weight.detach().view(-1), torch.empty(weight.numel(), dtype=torch.float64)
        for i, entry in enumerate(entries.tolist()):
            entries[i] = entry + H
            above = loss().item()
            entries[i] = entry - H
            differences[i] = (above - loss().item()) / (2 * H)
            entries[i] = entry
        assert_close(gradient.view(-1), differences, rtol=1e-6, atol=1e-8)


def test_the_total_loss_weighs_its_parts() -> None:
    data = dataset(problem_of(Config(train_points=11)).training, torch.float64, torch.device("cpu"))
    total, function, derivative = sobolev((data.y + 1, data.dy - 2), data, 0.7, 2.3)
    assert (function.item(), derivative.item()) == pytest.approx((1, 4))
    assert total.item() == pytest.approx(0.7 * 1 + 2.3 * 4)


def test_the_same_seed_gives_the_same_weights_and_another_others() -> None:
    one, same, other = (next(MLP((8,), "tanh", seed).parameters()) for seed in (7, 7, 8))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_the_global_random_generator_is_left_as_it_was() -> None:
    before = torch.get_rng_state()
    MLP((8,), "tanh", seed=3)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("seed", [0, 112652010, 2**32 - 1])
def test_the_initial_weights_are_torchs_own(seed: int) -> None:
    sizes = (1, 7, 64, 1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        theirs = [torch.nn.Linear(*pair) for pair in itertools.pairwise(sizes)]
    for matrix, linear in zip(MLP(sizes[1:-1], "tanh", seed).matrices, theirs, strict=True):
        assert torch.equal(matrix, torch.cat((linear.weight, linear.bias[:, None]), 1))


def test_seeds_and_stages_have_streams_of_their_own() -> None:
    streams = itertools.product((0, 1, 2, 5, 2**32, 2**32 + 5, 5 * 2**32, 2**63 - 1), range(1, 5))
    weights = [tuple(MLP((3,), "tanh", seed, stream=stream).flat.tolist()) for seed, stream in streams]
    assert len(set(weights)) == len(weights)


def test_threads_draw_the_weights_that_one_alone_draws() -> None:
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda seed: MLP((64, 64), "tanh", seed % 5).flat, range(200)))
    for number, flat in enumerate(drawn):
        assert torch.equal(flat, drawn[number % 5])


def test_the_points_reach_from_end_to_end() -> None:
    data = dataset(problem_of(Config(train_points=5)).training, torch.float32, torch.device("cpu"))
    assert data.x[:, 0].tolist() == [-1, -0.5, 0, 0.5, 1]
    assert data.x.shape == data.y.shape == data.dy.shape == (5, 1)
