"""The network, and its derivative with respect to its input."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn


class Sin(nn.Module):
    """The sine, elementwise (Sitzmann et al., Implicit Neural Representations with Periodic Activations, 2020)."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.sin(x)


MODULES: dict[str, type[nn.Module]] = {
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "sin": Sin,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "softplus": nn.Softplus,
    "relu": nn.ReLU,
}
"""The activation functions as modules, by the names that `Config.activation` knows."""
LEAKY_GAIN = nn.init.calculate_gain("leaky_relu", math.sqrt(5))
"""The root of a third, by which `nn.Linear` scales its initial weights."""


class MLP(nn.Sequential):
    """A feed-forward network from (n, 1) to (n, 1) with PyTorch's default initialisation.

    The initial weights depend on `seed` and `stream` alone, whatever the dtype, and no global random generator is used:
    other threads may draw from it. The first layer's are multiplied by `first_layer_scale`, which raises the
    frequencies the network starts from.

    `flat` (p,) holds all weights and biases; `matrices` are views of it, one [weight | bias] (out, in + 1) for each
    layer, and so are the parameters: whatever changes one changes all.
    """

    def __init__(
        self,
        hidden: tuple[int, ...],
        activation: str,
        seed: int,
        *,
        stream: int = 1,
        first_layer_scale: float = 1.0,
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        layers: list[nn.Module] = []
        sizes = zip((1, *hidden), (*hidden, 1), strict=True)
        linears = [nn.Linear(*inputs_outputs, device="meta") for inputs_outputs in sizes]
        for linear in linears:
            layers += [linear, MODULES[activation]()]
        super().__init__(*layers[:-1])
        self.activation = activation
        shapes = [(linear.out_features, linear.in_features + 1) for linear in linears]
        self.flat = torch.empty(sum(map(math.prod, shapes)), dtype=dtype, device=device)
        self.matrices = matrices(self.flat, shapes)
        draw = uniform_draws(seed, stream)
        for linear, matrix in zip(linears, self.matrices, strict=True):
            root = math.sqrt(linear.in_features)
            # both are 1 / root; the weights' is rounded as by `nn.Linear`, which asks for a variance
            matrix[:, :-1] = draw(linear.weight.shape, math.sqrt(3.0) * (LEAKY_GAIN / root))
            matrix[:, -1] = draw(linear.bias.shape, 1 / root)
            linear.weight, linear.bias = nn.Parameter(matrix[:, :-1]), nn.Parameter(matrix[:, -1])
        self.matrices[0].mul_(first_layer_scale)


def uniform_draws(seed: int, stream: int) -> Callable[[tuple[int, ...], float], Tensor]:
    """What draws float32 numbers of a shape, uniform between -bound and bound, from one of a seed's streams.

    No two pairs of seed and stream share a generator's state. The first stream of a seed below 2^32, which is all that
    torch's generator can tell apart, is the one that `torch.manual_seed` starts.
    """
    if stream == 1 and seed < 2**32:
        generator = torch.Generator().manual_seed(seed)
        return lambda shape, bound: torch.empty(shape, dtype=torch.float32).uniform_(-bound, bound, generator=generator)
    numbers = np.random.Generator(np.random.MT19937(np.random.SeedSequence(seed, spawn_key=(stream,))))
    return lambda shape, bound: torch.from_numpy(numbers.uniform(-bound, bound, shape).astype(np.float32))


def matrices(flat: Tensor, shapes: list[tuple[int, int]]) -> list[Tensor]:
    """Views of `flat` (p,), one after the other, of the given shapes."""
    parts = torch.split(flat, [math.prod(shape) for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]


@torch.enable_grad()
def value_and_derivative(model: nn.Module, x: Tensor, create_graph: bool = False) -> tuple[Tensor, Tensor]:
    """f̂(x) and f̂'(x), each (n, 1), by automatic differentiation with respect to x of shape (n, 1).

    One backward pass of the sum gives every point's derivative, since each output depends on its own input alone.
    With `create_graph` both can be differentiated again with respect to the weights.
    """
    x = x.detach().requires_grad_()
    value = model(x)
    (derivative,) = torch.autograd.grad(value.sum(), x, create_graph=create_graph)
    return value, derivative


@torch.enable_grad()
def second_derivative(model: nn.Module, x: Tensor, create_graph: bool = False) -> Tensor:
    """f̂''(x) (n, 1), by automatic differentiation with respect to x of shape (n, 1), as `value_and_derivative`."""
    x = x.detach().requires_grad_()
    (derivative,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(derivative.sum(), x, create_graph=create_graph)
    return second
