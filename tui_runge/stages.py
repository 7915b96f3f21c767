"""Staged refinement: each network is fitted to what those before it leave, and the model is their sum.

After Wang & Lai, Multi-stage neural networks: function approximator of machine precision, 2023.
"""

import math

import torch
from torch import Tensor, nn

from tui_runge.config import Config
from tui_runge.data import Dataset
from tui_runge.model import MLP, value_and_derivative
from tui_runge.objectives import ByAutograd, ByTangents, Objective, Parts
from tui_runge.optimizers import METHODS
from tui_runge.schedules import Schedule
from tui_runge.tangents import tangents

FREQUENCY_SHARE = 0.35


class Sum(nn.Module):
    """The networks of all stages, each times its size: from (n, 1) to (n, 1)."""

    sizes: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.networks = nn.ModuleList()
        self.register_buffer("sizes", torch.zeros(0, dtype=torch.float64))

    def add(self, network: MLP, size: float) -> None:
        """Append a network."""
        self.networks.append(network)
        self.sizes = torch.cat((self.sizes, self.sizes.new_tensor([size])))

    def forward(self, x: Tensor) -> Tensor:
        parts = [size * network(x) for size, network in zip(self.sizes.tolist(), self.networks, strict=True)]
        return torch.stack(parts).sum(0)


class Stage:
    """One network with its objective and method, on the data that the stages before it leave.

    From the second stage on, these are scaled to a root mean square of 1, the derivative's weight is divided by their
    frequency squared, and the first layer is scaled to that frequency: the root mean square of f' over that of f.

    Raises ValueError where the method cannot run.
    """

    def __init__(self, config: Config, number: int, start: int, train: Dataset, validation: Dataset) -> None:
        self.number, self.start = number, start
        self.size, self.frequency, scale = 1.0, 1.0, config.first_layer_scale
        if number > 1:
            self.size = _rms(train.y) or _rms(train.dy) or 1.0
            self.frequency = max(1.0, _rms(train.dy) / self.size)
            scale = max(scale, FREQUENCY_SHARE * self.frequency)
        seed = (config.seed + number - 1) % 2**63
        self.network = MLP(
            config.hidden,
            config.activation,
            seed,
            first_layer_scale=scale,
            dtype=train.x.dtype,
            device=train.x.device,
        )
        kind: type[ByTangents | ByAutograd] = ByTangents if train.x.device.type == "cpu" else ByAutograd
        self.objective: Objective = kind(self.network, train.over(self.size), validation.over(self.size))
        self.method = METHODS[config.optimizer](self.objective, config)
        self.schedule = Schedule(config.schedule)
        self.weigh(config)

    def weigh(self, config: Config) -> None:
        """Use the configuration's weights of the loss from now on."""
        self.objective.weigh(config.function_weight, config.derivative_weight / self.frequency**2)

    def parts(self) -> Parts:
        """The mean squared errors of the whole sum at the present weights."""
        return Parts(*(part * self.size**2 for part in self.objective.parts()))

    def fit(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What the stage adds to f̂ and f̂' at x (n, 1), each (n, 1)."""
        evaluate = tangents if x.device.type == "cpu" else value_and_derivative
        value, derivative = evaluate(self.network, x)
        return self.size * value.detach(), self.size * derivative.detach()

    def rest(self, data: Dataset) -> Dataset:
        """What the stage leaves of its data."""
        value, derivative = self.fit(data.x)
        return Dataset(data.x, data.y - value, data.dy - derivative)


def _rms(column: Tensor) -> float:
    size = column.double().square().mean().sqrt().item()
    return size if math.isfinite(size) else 0.0
