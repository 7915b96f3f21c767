"""What an optimizer minimises: the Sobolev loss of one network on its points, and its smoothing, with the gradient.

Each mean is over the points where f, or f', is known; it is 0 where it is known nowhere.

Two implementations agree to rounding. `ByAutograd` is the readable one and runs on any device; `ByTangents` takes a
third of its time and also has the residuals that Levenberg-Marquardt works with.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from tui_runge.training.curvature import Curvature, curvature
from tui_runge.training.data import Dataset
from tui_runge.training.losses import sobolev
from tui_runge.training.network import MLP, second_derivative, value_and_derivative
from tui_runge.training.tangents import Backward, Forward


class LossTerms(NamedTuple):
    """The mean squared errors of f̂ and f̂' on the training points, then on the validation points."""

    train_function: float
    train_derivative: float
    validation_function: float
    validation_derivative: float


class Objective(Protocol):
    """The loss as a function of `weights` (p,).

    It is function_weight * MSE(f) + derivative_weight * MSE(f') + smoothing * (the mean of f̂''^2 on the training
    points).
    """

    weights: Tensor

    def set_loss_weights(self, function_weight: float, derivative_weight: float, smoothing: float = 0.0) -> None:
        """Use these weights from now on."""

    def loss_terms(self) -> LossTerms:
        """The mean squared errors at the present weights."""

    def mean_square_curvature(self) -> float:
        """The mean of f̂''^2 over the training points at the present weights."""

    def loss(self) -> float:
        """The training loss at the present weights."""

    def gradient(self) -> Tensor:
        """The training loss's gradient (p,) at the present weights; a buffer that the next call overwrites."""

    def gradients(self) -> tuple[Tensor, Tensor]:
        """Those of function_weight * MSE(f) and of derivative_weight * MSE(f'), each (p,) and the caller's to keep.

        Of batches it is that of all points. Without smoothing the two sum to the training loss's gradient.
        """


class ByAutograd:
    """The objective as the report writes it, differentiated twice by automatic differentiation, f̂'' three times."""

    def __init__(self, network: MLP, train: Dataset, validation: Dataset) -> None:
        self.weights = network.flat
        self._network, self._train, self._validation = network, train, validation
        self._gradient = torch.empty_like(self.weights)
        self._version = -1
        self.set_loss_weights(1.0, 1.0)

    def set_loss_weights(self, function_weight: float, derivative_weight: float, smoothing: float = 0.0) -> None:
        self._loss_weights, self._smoothing = (function_weight, derivative_weight), smoothing

    def train_on(self, train: Dataset) -> None:
        """Take these training points in place of those before."""
        self._train, self._version = train, -1

    def loss_terms(self) -> LossTerms:
        if self._version != self.weights._version:
            errors = []
            for data in (self._train, self._validation):
                losses = sobolev(value_and_derivative(self._network, data.x), data, *self._loss_weights)
                errors += [losses.function.item(), losses.derivative.item()]
            self._version, self._terms = self.weights._version, LossTerms(*errors)
        return self._terms

    def mean_square_curvature(self) -> float:
        return self._mean_square_curvature().item()

    def _mean_square_curvature(self, create_graph: bool = False) -> Tensor:
        second = second_derivative(self._network, self._train.x, create_graph)
        return (second - self._train.ddy).square().mean()

    def loss(self) -> float:
        fit = value_and_derivative(self._network, self._train.x)
        loss = sobolev(fit, self._train, *self._loss_weights).total.item()
        return loss + self._smoothing * self.mean_square_curvature() if self._smoothing else loss

    def gradient(self) -> Tensor:
        with torch.enable_grad():
            fit = value_and_derivative(self._network, self._train.x, create_graph=True)
            loss = sobolev(fit, self._train, *self._loss_weights).total
            if self._smoothing:
                loss = loss + self._smoothing * self._mean_square_curvature(create_graph=True)
            gradients = torch.autograd.grad(loss, list(self._network.parameters()))
        return torch.cat(_columns(gradients), out=self._gradient)

    def gradients(self) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            fit = value_and_derivative(self._network, self._train.x, create_graph=True)
            losses = sobolev(fit, self._train, *self._loss_weights)
            terms = self._loss_weights[0] * losses.function, self._loss_weights[1] * losses.derivative
            # f̂' does not depend on the last bias
            parts = [
                torch.autograd.grad(
                    term, list(self._network.parameters()), retain_graph=True, materialize_grads=True, allow_unused=True
                )
                for term in terms
            ]
        function, derivative = (torch.cat(_columns(part)) for part in parts)
        return function, derivative


def _columns(gradients: Sequence[Tensor]) -> list[Tensor]:
    """The gradients in each layer's weight and bias as the network's `flat` has them, layer after layer."""
    pairs = zip(gradients[::2], gradients[1::2], strict=True)
    return [torch.cat((weight, bias[:, None]), 1).flatten() for weight, bias in pairs]


class ByTangents:
    """The objective by `tangents`, for the CPU.

    An evaluation is kept until the weights change, so an accepted trial step is not evaluated again. The loss is the
    sum of `row_weights` times `errors` (2, n) squared; the rows are those of values and of derivatives. `row_weights`
    are (2, 1) where all targets are known; else they are (2, n) and, as the errors are, 0 where one is not.
    While there is smoothing, a third row is that of second derivatives, and `backward` goes back from all three.
    """

    errors: Tensor
    backward: Backward | Curvature

    def __init__(self, network: MLP, train: Dataset, validation: Dataset) -> None:
        self.weights = network.flat
        self.forward = Forward(network, train.x, validation.x)
        self._tangents_backward = Backward(self.forward)
        self._network, self._train = network, train
        self._curvature: Curvature | None = None
        n, m = len(train.x), len(validation.x)
        self._train_x = self.forward.inputs[0][0, m : m + n]
        self._targets = torch.cat((validation.y, train.y, train.dy, validation.dy))[:, 0]
        self._errors, self._squares = torch.empty_like(self._targets), torch.empty_like(self._targets)
        self._data_errors, self._train_targets = (
            rows[m : m + 2 * n].view(2, n) for rows in (self._errors, self._targets)
        )
        self._parts = torch.eye(4, dtype=train.x.dtype).repeat_interleave(torch.tensor([m, n, n, m]), dim=1)
        self._version = -1
        self._terms: LossTerms | None = None
        self._loss_weights, self._smoothing = (1.0, 1.0), 0.0
        self._leave_out(self._targets.isnan())

    def _leave_out(self, unknown: Tensor) -> None:
        """Take the means over the targets that are known, by a mask (2m + 2n,) of those that are not."""
        #: None where there are none: the usual case need not wait for it
        self._unknown = unknown if unknown.any() else None
        rows = self._parts * ~unknown
        counts = rows.sum(1, keepdim=True)
        #: (4, 2m + 2n), a row of 1 / points for each of the four means
        self._averages = rows / counts.clamp(min=1)
        #: what a weight is divided by to be that of a row
        self._row_counts = counts[1:3]
        hidden = self._train_targets.isnan()
        if hidden.any():
            self._row_counts = self._row_counts.expand(hidden.shape).masked_fill(hidden, math.inf)
        self.set_loss_weights(*self._loss_weights, self._smoothing)

    def train_on(self, train: Dataset) -> None:
        """Take these training points in place of those before, as many."""
        self._train = train
        if self._curvature:
            self._curvature.x.copy_(train.x[:, 0])
        self._train_x.copy_(train.x[:, 0])
        torch.stack((train.y[:, 0], train.dy[:, 0]), out=self._train_targets)
        unknown = self._targets.isnan()
        if self._unknown is not None or unknown.any():
            self._leave_out(unknown)
        self._version = -1

    def set_loss_weights(self, function_weight: float, derivative_weight: float, smoothing: float = 0.0) -> None:
        self._loss_weights, self._smoothing = (function_weight, derivative_weight), smoothing
        points = self._data_errors.shape[1]
        self.row_weights = self._errors.new_tensor([[function_weight], [derivative_weight]]) / self._row_counts
        if not smoothing:
            self._curvature = None
            self.errors, self.backward = self._data_errors, self._tangents_backward
        else:
            if self._curvature is None:
                self.backward = self._curvature = Curvature(self._network, self._train.x)
                self.errors = self._errors.new_empty(3, points)
                self._version = -1
            row = self.row_weights.new_full((1, self.row_weights.shape[1]), smoothing / points)
            self.row_weights = torch.cat((self.row_weights, row))
        self._gradient_factors = 2 * self.row_weights

    @property
    def unit(self) -> float:
        """The larger weight of the loss: what the loss and its curvature are measured in."""
        return max(self._loss_weights)

    def _evaluate(self) -> None:
        """Fill `errors` for the present weights."""
        if self._version != self.weights._version:
            self.forward()
            torch.sub(self.forward.output, self._targets, out=self._errors)
            if self._unknown is not None:
                self._errors.masked_fill_(self._unknown, 0)
            if self._curvature:
                self.errors[:2] = self._data_errors
                torch.sub(self._curvature.second_derivative(), self._train.ddy, out=self.errors[2][:, None])
            self._version = self.weights._version
            self._terms = None

    def loss_terms(self) -> LossTerms:
        self._evaluate()
        if self._terms is None:
            means = torch.mv(self._averages, torch.mul(self._errors, self._errors, out=self._squares))
            validation_function, function, derivative, validation_derivative = means.tolist()
            self._terms = LossTerms(function, derivative, validation_function, validation_derivative)
        return self._terms

    def mean_square_curvature(self) -> float:
        if self._curvature is None:
            return (curvature(self._network, self._train.x) - self._train.ddy).square().mean().item()
        self._evaluate()
        return self.errors[2].square().mean().item()

    def loss(self) -> float:
        terms = self.loss_terms()
        loss = self._loss_weights[0] * terms.train_function + self._loss_weights[1] * terms.train_derivative
        return loss + self._smoothing * self.mean_square_curvature() if self._curvature else loss

    def gradient(self) -> Tensor:
        self._evaluate()
        torch.mul(self.errors, self._gradient_factors, out=self.backward.seeds)
        return self.backward()

    def gradients(self) -> tuple[Tensor, Tensor]:
        self._evaluate()
        function, derivative = (self._gradient_of(row) for row in range(2))
        return function, derivative

    def _gradient_of(self, row: int) -> Tensor:
        """The gradient (p,) of one of the two terms, by the pass back that needs no second derivatives."""
        seeds = self._tangents_backward.seeds.zero_()
        torch.mul(self._data_errors[row], self._gradient_factors[row], out=seeds[row])
        return self._tangents_backward().clone()
