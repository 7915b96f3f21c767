"""Staged refinement: each network is fitted to the residual of those before it, and the model is their sum.

After Wang & Lai, Multi-stage neural networks: function approximator of machine precision, 2023.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from tui_runge.core.config import OPTIMIZER_TRAITS, Config
from tui_runge.training.batches import Batches
from tui_runge.training.curvature import curvature
from tui_runge.training.data import Dataset
from tui_runge.training.losses import LossWeights
from tui_runge.training.network import MLP, second_derivative, value_and_derivative
from tui_runge.training.objectives import ByAutograd, ByTangents, LossTerms, Objective
from tui_runge.training.optimizers import OPTIMIZERS
from tui_runge.training.schedules import SCHEDULES
from tui_runge.training.tangents import tangents

FREQUENCY_SHARE = 0.35
"""The scale of a later stage's first layer, as a share of the frequency of its data."""


SMALLEST_USUAL_WEIGHT, LARGEST_USUAL_WEIGHT = 1e-5, 1e6
"""A scale-free optimizer minimises a loss whose larger weight is not between these in units of that weight."""


class StageSum(nn.Module):
    """The networks of all stages, each times its scale: from (n, 1) to (n, 1)."""

    scales: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.networks = nn.ModuleList()
        self.register_buffer("scales", torch.zeros(0, dtype=torch.float64))

    def add(self, network: MLP, scale: float) -> None:
        """Append a network."""
        self.networks.append(network)
        self.scales = torch.cat((self.scales, self.scales.new_tensor([scale])))

    def forward(self, x: Tensor) -> Tensor:
        terms = [scale * network(x) for scale, network in zip(self.scales.tolist(), self.networks, strict=True)]
        return torch.stack(terms).sum(0)


class Stage:
    """One network with its objective, optimizer and schedule, on the residual of the stages before it.

    `start` is the epoch after which it began. From the second stage on, the residual is scaled to a root mean square of
    1, the derivative's weight is divided by its frequency squared, and the first layer is scaled to that frequency: the
    root mean square of f' over that of f. A `scale` given is part of a network already trained, and stays. Smoothing is
    that of the sum of the networks so far.

    Raises ValueError where the optimizer cannot train such a network.
    """

    def __init__(
        self,
        config: Config,
        number: int,
        start: int,
        train: Dataset,
        validation: Dataset,
        *,
        weights: LossWeights,
        scale: float | None = None,
    ) -> None:
        self.number, self.start = number, start
        self.scale, self.frequency, first_layer_scale = 1.0, 1.0, config.first_layer_scale
        if number > 1:
            size = _root_mean_square(train.y) or _root_mean_square(train.dy) or 1.0
            self.scale = size if scale is None else scale
            self.frequency = max(1.0, _root_mean_square(train.dy) / size)
            first_layer_scale = max(first_layer_scale, FREQUENCY_SHARE * self.frequency)
        self.network = MLP(
            config.hidden,
            config.activation,
            config.seed,
            stream=number,
            first_layer_scale=first_layer_scale,
            dtype=train.x.dtype,
            device=train.x.device,
        )
        self.schedule = SCHEDULES[config.schedule]()
        self._optimizer_name = config.optimizer
        self._loss_weights, self._loss_unit = weights, loss_unit(weights, config.optimizer)
        self._set_points(config, train, validation)

    def _set_points(self, config: Config, train: Dataset, validation: Dataset) -> None:
        """Make the objective and the optimizer of these points."""
        make_objective = ByTangents if train.x.device.type == "cpu" else ByAutograd
        data = self.network, train.divided_by(self.scale), validation.divided_by(self.scale)
        self._scaled_train = data[1]
        self._batches: Batches | None = None
        if 0 < config.batch_size < len(train.x):
            self._batches = Batches(*data, make_objective, size=config.batch_size, seed=config.seed)
        self.objective: Objective = self._batches or make_objective(*data)
        self._weigh_objective()
        self.optimizer = OPTIMIZERS[config.optimizer](self.objective, config)

    def replace_points(self, config: Config, train: Dataset, validation: Dataset) -> None:
        """Go on with other points; the optimizer keeps its averages, but nothing that it learnt of the loss."""
        state = self.optimizer.state_dict()
        self._set_points(config, train, validation)
        self.optimizer.load_state_dict(state)
        self.optimizer.forget_loss()

    def set_loss_weights(self, weights: LossWeights) -> None:
        """Use these weights of the loss from now on."""
        unit, unit_before = loss_unit(weights, self._optimizer_name), self._loss_unit
        self._loss_weights, self._loss_unit = weights, unit
        self._weigh_objective()
        if unit != unit_before:
            self.optimizer.forget_averages()

    def set_derivative_weight(self, weight: float) -> None:
        """Weigh the derivative so from now on, in a loss that is measured in the same unit as before."""
        self._loss_weights = self._loss_weights._replace(derivative=weight)
        self._weigh_objective()

    def _weigh_objective(self) -> None:
        self.objective.set_loss_weights(*self._minimised_weights())

    def _minimised_weights(self) -> tuple[float, float, float]:
        """The weights of f, f' and smoothing in the loss that the optimizer minimises."""
        function, derivative, smoothing = self._loss_weights
        unit = self._loss_unit
        return function / unit, derivative / self.frequency**2 / unit, smoothing / unit

    def copy_of_objective(self, config: Config) -> ByTangents:
        """What the optimizer minimises, on all training points, of a copy of the network in float64 on the CPU."""
        network = MLP(config.hidden, config.activation, config.seed, dtype=torch.float64)
        network.flat.copy_(self.network.flat)
        train = self._scaled_train.in_float64()
        objective = ByTangents(network, train, Dataset(train.x[:0], train.y[:0], train.dy[:0]))
        objective.set_loss_weights(*self._minimised_weights())
        return objective

    def loss_terms(self) -> LossTerms:
        """The mean squared errors of the sum of all stages at the present weights."""
        return LossTerms(*(term * self.scale**2 for term in self.objective.loss_terms()))

    def gradients(self) -> tuple[Tensor, Tensor]:
        """Those of the two weighted losses in its weights, each (p,) in float64 and in the unit of those losses."""
        unit = self._loss_unit * self.scale**2
        function, derivative = (gradient.double() * unit for gradient in self.objective.gradients())
        return function, derivative

    def train(self, epoch: int) -> None:
        """Train an epoch: a step with all points, or one with each batch, whose order the epoch's number says."""
        if self._batches is None:
            self.optimizer.step()
            return
        self._batches.shuffle(epoch)
        for _ in range(len(self._batches)):
            self.optimizer.step()

    def mean_square_curvature(self, weights: Tensor | None = None) -> float:
        """The mean of f̂''^2 over the training points, of the sum of the stages up to this one.

        `weights` (p,) stand in for its present ones.
        """
        with self._at(weights):
            return self.objective.mean_square_curvature() * self.scale**2

    def fit(self, x: Tensor, weights: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The stage's part of f̂ and of f̂' at x (n, 1), each (n, 1); `weights` (p,) stand in for the present ones."""
        evaluate = tangents if x.device.type == "cpu" else value_and_derivative
        with self._at(weights):
            value, derivative = evaluate(self.network, x)
        return self.scale * value.detach(), self.scale * derivative.detach()

    @contextmanager
    def _at(self, weights: Tensor | None) -> Iterator[None]:
        """Other weights (p,) for a while, if any."""
        if weights is None:
            yield
            return
        present = self.network.flat.clone()
        try:
            self.network.flat.copy_(weights)
            yield
        finally:
            self.network.flat.copy_(present)

    def residual(self, data: Dataset) -> Dataset:
        """The data less what the stage fits of them."""
        value, derivative = self.fit(data.x)
        second = (curvature if data.x.device.type == "cpu" else second_derivative)(self.network, data.x)
        return Dataset(data.x, data.y - value, data.dy - derivative, data.ddy - self.scale * second)


def loss_unit(weights: LossWeights, optimizer: str) -> float:
    """What the optimizer's loss is measured in: 1, unless the weights of the loss are so extreme that rounding counts.

    Adam's epsilon and the line search of L-BFGS know only losses of a usual size.
    """
    larger = max(weights)
    usual = SMALLEST_USUAL_WEIGHT <= larger <= LARGEST_USUAL_WEIGHT
    return 1.0 if usual or not OPTIMIZER_TRAITS[optimizer].scale_free else larger


def _root_mean_square(column: Tensor) -> float:
    """The root mean square of what is known of a column (n, 1); 0 where it is not finite, and of nothing."""
    value = column[~column.isnan()].double().square().mean().sqrt().item()
    return value if math.isfinite(value) else 0.0
