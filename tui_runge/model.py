"""The network, and its derivative with respect to its input."""

import torch
from torch import Tensor, nn

from tui_runge.config import ACTIVATIONS


class Sin(nn.Module):
    """The sine, elementwise (Sitzmann et al., Implicit Neural Representations with Periodic Activations, 2020)."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.sin(x)


MODULES: dict[str, type[nn.Module]] = dict(
    zip(ACTIVATIONS, (nn.Tanh, nn.Sigmoid, Sin, nn.SiLU, nn.GELU, nn.Softplus), strict=True)
)


class MLP(nn.Sequential):
    """A feed-forward network from (n, 1) to (n, 1) with PyTorch's default initialisation.

    The initial weights depend on `seed` alone, whatever dtype the network is converted to afterwards; the global
    random generator is left as it was.
    """

    def __init__(self, hidden: tuple[int, ...], activation: str, seed: int) -> None:
        layers: list[nn.Module] = []
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed the accelerators' too
            for inputs, outputs in zip((1, *hidden), hidden, strict=False):
                layers += [nn.Linear(inputs, outputs), MODULES[activation]()]
            layers.append(nn.Linear(hidden[-1], 1))
        super().__init__(*layers)


def value_and_derivative(model: nn.Module, x: Tensor, create_graph: bool = False) -> tuple[Tensor, Tensor]:
    """f̂(x) and f̂'(x), each (n, 1), by automatic differentiation with respect to x of shape (n, 1).

    One backward pass of the sum gives every point's derivative, since each output depends on its own input alone.
    With `create_graph` both can be differentiated again with respect to the weights.
    """
    x = x.detach().requires_grad_()
    value = model(x)
    (derivative,) = torch.autograd.grad(value.sum(), x, create_graph=create_graph)
    return value, derivative
