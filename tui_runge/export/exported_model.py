"""A trained network to use elsewhere: f̂ and f̂' in plain operations of torch, so that it can be exported as it is."""

import io
import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn import functional

from tui_runge.core.progress import Model


def _sigmoid_derivative(z: Tensor) -> Tensor:
    return torch.sigmoid(z) * (1 - torch.sigmoid(z))


def _silu_derivative(z: Tensor) -> Tensor:
    return torch.sigmoid(z) * (1 + z * (1 - torch.sigmoid(z)))


def _gelu_derivative(z: Tensor) -> Tensor:
    return (1 + torch.erf(z / math.sqrt(2))) / 2 + z * torch.exp(-z * z / 2) / math.sqrt(2 * math.pi)


ACTIVATIONS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "tanh": (torch.tanh, lambda z: 1 - torch.tanh(z) ** 2),
    "sigmoid": (torch.sigmoid, _sigmoid_derivative),
    "sin": (torch.sin, torch.cos),
    "silu": (functional.silu, _silu_derivative),
    "gelu": (functional.gelu, _gelu_derivative),
    "softplus": (functional.softplus, torch.sigmoid),
    "relu": (torch.relu, lambda z: (z > 0).to(z.dtype)),
}
"""Each activation function and its derivative, in operations that torch can export."""


class ExportedModel(nn.Module):
    """From x (n, 1) to f̂(x) and f̂'(x), each (n, 1): values and derivatives go through the layers side by side.

    x and what comes of it are float64: a float32 could not tell measured places apart that are far from 0. The network
    between, whose numbers are about 1, is of its own type.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._value, self._slope = ACTIVATIONS[model.activation]
        self._scaling = model.scaling
        self._scales = model.scales
        self._depths = [len(stage) for stage in model.stages]
        for number, layer in enumerate(layer for stage in model.stages for layer in stage):
            self.register_buffer(f"layer_{number}", torch.from_numpy(layer.copy()))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        # Kept by their names alone: a list of them would be exported beside the buffers, each a second time.
        layers = iter([getattr(self, f"layer_{number}") for number in range(sum(self._depths))])
        stages = [[next(layers) for _ in range(depth)] for depth in self._depths]
        # Not `x.double()`: a model exported with that refuses x of any other type.
        wide = x * torch.ones((1, 1), dtype=torch.float64, device=x.device)
        x = self._scaling.network_x(wide).to(stages[0][0].dtype)
        parts = [self._stage(scale, stage, x) for scale, stage in zip(self._scales, stages, strict=True)]
        values, derivatives = zip(*parts, strict=True)
        value, derivative = torch.stack(values).sum(0), torch.stack(derivatives).sum(0)
        return self._scaling.user_f(value.double()), self._scaling.user_df(derivative.double())

    def _stage(self, scale: float, layers: list[Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
        h, tangent = x, torch.ones_like(x)
        for number, layer in enumerate(layers, 1):
            z, tangent = h @ layer[:, :-1].t() + layer[:, -1], tangent @ layer[:, :-1].t()
            if number == len(layers):
                return scale * z, scale * tangent
            h, tangent = self._value(z), self._slope(z) * tangent
        raise AssertionError("a network has an output layer")


def exported_program(model: Model, texts: dict[str, str]) -> bytes:
    """The file that `torch.export.load` reads: `ExportedModel` for any number of points, and texts by their names."""
    x = torch.linspace(-1, 1, 3, dtype=torch.float64)[:, None]
    points = {"x": {0: torch.export.Dim("n", min=1)}}
    file = io.BytesIO()
    torch.export.save(
        torch.export.export(ExportedModel(model), (x,), dynamic_shapes=points), file, extra_files=dict(texts)
    )
    return file.getvalue()


@torch.no_grad()
def evaluate(model: nn.Module, x: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """f̂(x) and f̂'(x) of an `ExportedModel`, each of the shape of x."""
    places = np.asarray(x, dtype=np.float64)
    fits = model(torch.tensor(places.reshape(-1, 1)))
    value, derivative = (fit.numpy().reshape(places.shape) for fit in fits)
    return value, derivative
