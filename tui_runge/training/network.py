"""The network, and its derivative with respect to its input."""

import math

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
}
"""The activation functions as modules, by the names that `Config.activation` knows."""


class MLP(nn.Sequential):
    """A feed-forward network from (n, 1) to (n, 1) with PyTorch's default initialisation.

    The initial weights depend on `seed` alone, whatever the dtype; the global random generator is left as it was. The
    first layer's are multiplied by `first_layer_scale`, which raises the frequencies the network starts from.

    `flat` (p,) holds all weights and biases; `matrices` are views of it, one [weight | bias] (out, in + 1) for each
    layer, and so are the parameters: whatever changes one changes all.
    """

    def __init__(
        self,
        hidden: tuple[int, ...],
        activation: str,
        seed: int,
        *,
        first_layer_scale: float = 1.0,
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        layers: list[nn.Module] = []
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed the accelerators' too
            linears = [nn.Linear(*sizes) for sizes in zip((1, *hidden), (*hidden, 1), strict=True)]
        for linear in linears:
            layers += [linear, MODULES[activation]()]
        super().__init__(*layers[:-1])
        self.activation = activation
        shapes = [(linear.out_features, linear.in_features + 1) for linear in linears]
        self.flat = torch.empty(sum(map(math.prod, shapes)), dtype=dtype, device=device)
        self.matrices = matrices(self.flat, shapes)
        for linear, matrix in zip(linears, self.matrices, strict=True):
            matrix[:, :-1] = linear.weight.detach()
            matrix[:, -1] = linear.bias.detach()
            linear.weight, linear.bias = nn.Parameter(matrix[:, :-1]), nn.Parameter(matrix[:, -1])
        self.matrices[0].mul_(first_layer_scale)


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
