"""One training run: the state of a network and the step that improves it."""

import copy
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from tui_runge.config import Config
from tui_runge.data import Dataset, uniform
from tui_runge.history import History
from tui_runge.losses import Losses, errors, sobolev
from tui_runge.model import MLP, value_and_derivative
from tui_runge.optimizers.adam import Adam
from tui_runge.progress import Errors, Fit
from tui_runge.targets import TARGETS


class DivergedError(ArithmeticError):
    """The loss is not finite; the trainer stands at the last weights whose loss was."""


class Trainer:
    """Trains a network on f and f' as a `Config` says; knows no clock, thread, file or screen.

    Raises ValueError when the device is not there.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.epoch = 0
        self.history = History()
        dtype, device = getattr(torch, config.dtype), _device(config.device)
        self.model = MLP(config.hidden, config.activation, config.seed).to(device, dtype)
        self.weights: list[Tensor] = list(self.model.parameters())
        self.optimizer = Adam(self.weights, config.learning_rate)
        target = TARGETS[config.target]
        self.train, self.validation, self.evaluation = (
            uniform(target, points, dtype, device)
            for points in (config.train_points, config.validation_points, config.evaluation_points)
        )
        self._finite = [weight.detach().clone() for weight in self.weights]

    def update(self, config: Config) -> None:
        """Apply another configuration's live values from the next step on; moments and weights stay."""
        self.config = config
        self.optimizer.learning_rate = config.learning_rate

    def step(self) -> None:
        """Train one epoch: one full-batch step; the losses recorded are those of the weights it starts from.

        Raises DivergedError where the training loss is not finite; the weights return to the last whose loss was.
        """
        losses = self._losses(self.train, create_graph=True)
        if not math.isfinite(losses.total.item()):
            with torch.no_grad():
                torch._foreach_copy_(self.weights, self._finite)
            raise DivergedError(f"the loss became {losses.total.item()} at epoch {self.epoch + 1}")
        recorded = [loss.item() for loss in (*losses, *self._losses(self.validation))]
        self.history.append(tuple(recorded))
        torch._foreach_copy_(self._finite, self.weights)
        self.optimizer.step(torch.autograd.grad(losses.total, self.weights))
        self.epoch += 1

    def _losses(self, data: Dataset, create_graph: bool = False) -> Losses:
        fit = value_and_derivative(self.model, data.x, create_graph)
        return sobolev(fit, data, self.config.function_weight, self.config.derivative_weight)

    def evaluate(self) -> tuple[Fit, Errors]:
        """The network on the evaluation grid, and its errors there."""
        data = self.evaluation
        fit = value_and_derivative(self.model, data.x)
        columns = (column.detach().double().cpu().numpy()[:, 0] for column in (data.x, data.y, data.dy, *fit))
        return Fit(*columns), errors(fit, data)

    def state_dict(self) -> dict[str, Any]:
        """Everything that `load_state_dict` needs to continue bit for bit in a trainer of the same configuration."""
        return {
            "epoch": self.epoch,
            "model": {name: value.clone() for name, value in self.model.state_dict().items()},
            "finite": [weight.clone() for weight in self._finite],
            "optimizer": self.optimizer.state_dict(),
            "history": copy.deepcopy(self.history),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a saved state."""
        self.epoch = state["epoch"]
        self.model.load_state_dict(state["model"])
        torch._foreach_copy_(self._finite, state["finite"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.history = copy.deepcopy(state["history"])


def _device(name: str) -> torch.device:
    """The device by its name; ValueError where the machine has none such."""
    there = {"auto": True, "cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there[name]:
        raise ValueError(f"device must be one this machine has, got {name!r}: use auto or cpu")
    return torch.device("cpu" if name == "auto" else name)
