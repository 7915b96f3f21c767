"""One training run: the state of a network and the step that improves it."""

import itertools
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.history import History
from tui_runge.core.progress import Fit
from tui_runge.problems import problem_of
from tui_runge.training.data import dataset
from tui_runge.training.losses import errors
from tui_runge.training.objectives import Parts
from tui_runge.training.optimizers import Optimizer, same_structure
from tui_runge.training.stages import Stage, StageSum

SHARED_PRODUCTS = 2**24
"""Products of a weight and a value from which two threads are a third faster than one, as measured."""


EXPLODED = 1e4
"""A loss so many times the first, or 1 where that is less, does not come back: the activations are saturated."""


class DivergedError(ArithmeticError):
    """The loss is not finite or exploded; the trainer stands at the weights before."""


class Trainer:
    """Trains a network on f and f' as a `Config` says; knows no clock, thread, file or screen.

    `model` is the network, a sum of as many as there are stages so far; `losses` are those of the newest epoch, in the
    order of `SERIES`.

    Raises ValueError when the device is not there or the method cannot train such a network.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.epoch = 0
        self.losses: tuple[float, ...] = ()
        self.history = History()
        self.model = StageSum()
        dtype, device = getattr(torch, config.dtype), _device(config.device)
        problem = problem_of(config)
        self.scaling = problem.scaling
        self._residual = (
            dataset(problem.training, dtype, device, self.scaling),
            dataset(problem.validation, dtype, device, self.scaling),
        )
        self.evaluation = dataset(problem.evaluation, dtype, device)
        self._evaluation_x = dataset(problem.evaluation, dtype, device, self.scaling).x
        self._frozen: list[Stage] = []
        self._best, self._without_better = math.inf, 0
        self._error = math.inf
        self._first: tuple[float, float] | None = None
        self._begin_stage()

    @property
    def stage(self) -> int:
        """The number of the stage being trained, from 1."""
        return self._stage.number

    @property
    def stage_starts(self) -> tuple[int, ...]:
        """The epochs after which the second stage and those after it began."""
        return tuple(stage.start for stage in (*self._frozen, self._stage))[1:]

    @property
    def weights(self) -> Tensor:
        """All weights and biases (p,) of the stage being trained."""
        return self._stage.network.flat

    @property
    def method(self) -> Optimizer:
        """The optimisation method of the stage being trained."""
        return self._stage.method

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """Names and values to watch, of the stage and the method."""
        stage = (("stage", f"{self.stage}/{self.config.stages}"),) if self.config.stages > 1 else ()
        return *stage, *self._stage.method.details

    @property
    def ended_by(self) -> str:
        """What ended the run - epochs, stop_error, patience or converged - or nothing while there is more to train."""
        config = self.config
        endings = {
            "epochs": self.epoch >= config.epochs,
            "stop_error": self._error <= config.stop_error and config.stop_error > 0,
            "patience": 0 < config.patience <= self._without_better,
            "converged": self._stage.method.settled and self.stage >= config.stages,
        }
        return next((name for name, true in endings.items() if true), "")

    def update(self, config: Config) -> None:
        """Apply another configuration's live values from the next step on; moments and weights stay."""
        weights = ("function_weight", "derivative_weight")
        if any(getattr(config, name) != getattr(self.config, name) for name in weights):
            self._best, self._without_better = math.inf, 0
            self._stage.method.settled = False
        self.config = config
        self._stage.set_loss_weights(config)
        self.method.learning_rate = config.learning_rate

    def step(self) -> None:
        """Train one epoch: one full-batch step; the losses recorded are those of the weights it starts from.

        Raises DivergedError where the training loss is not finite or exploded; the weights return to those before.
        """
        stage = self._stage
        if stage.number < self.config.stages and (stage.method.settled or self.epoch >= self._stage_end()):
            self._next_stage()
            stage = self._stage
        parts = stage.parts()
        loss = self._total(parts.train_function, parts.train_derivative)
        self._first = self._first or (parts.train_function, parts.train_derivative)
        if not loss <= EXPLODED * max(1.0, self._total(*self._first)):
            stage.network.flat.copy_(self._finite)
            raise DivergedError(f"the loss became {loss:.3g} at epoch {self.epoch + 1}")
        self._record(parts, loss)
        self._finite.copy_(stage.network.flat)
        factor = stage.schedule(self.epoch - stage.start, self._stage_end() - stage.start, loss)
        stage.method.learning_rate = self.config.learning_rate * factor
        stage.method.step()
        self.epoch += 1

    def _total(self, function: float, derivative: float) -> float:
        return self.config.function_weight * function + self.config.derivative_weight * derivative

    def _record(self, parts: Parts, loss: float) -> None:
        validation = self._total(parts.validation_function, parts.validation_derivative)
        self.losses = (loss, *parts[:2], validation, *parts[2:])
        self.history.append(self.losses)
        self._error = parts.train_function
        self._without_better = 0 if validation < self._best else self._without_better + 1
        self._best = min(self._best, validation)

    def _stage_end(self) -> int:
        """The epoch at which the stage ends: the epochs left at its start are shared equally."""
        shares = self.config.stages - self.stage + 1
        return self._stage.start + max(1, (self.config.epochs - self._stage.start) // shares)

    def _begin_stage(self) -> None:
        self._stage = Stage(self.config, len(self._frozen) + 1, self.epoch, *self._residual)
        self._finite = self._stage.network.flat.clone()
        self.model.add(self._stage.network, self._stage.scale)

    def _next_stage(self) -> None:
        """Freeze the network and begin the next on what it leaves."""
        train, validation = self._residual
        self._residual = self._stage.residual(train), self._stage.residual(validation)
        self._frozen.append(self._stage)
        self._best, self._without_better = math.inf, 0
        self._begin_stage()

    def evaluate(self) -> tuple[Fit, Errors]:
        """The network on the evaluation grid, and its errors there, in the user's units."""
        data = self.evaluation
        fits = [stage.fit(self._evaluation_x) for stage in (*self._frozen, self._stage)]
        value, derivative = (torch.stack(parts).sum(0) for parts in zip(*fits, strict=True))
        value, derivative = self.scaling.user_f(value), self.scaling.user_df(derivative)
        columns = (c.double().cpu().numpy()[:, 0] for c in (data.x, data.y, data.dy, value, derivative))
        return Fit(*columns), errors((value, derivative), data)

    def state_dict(self) -> dict[str, Any]:
        """Everything that `load_state_dict` needs to continue bit for bit in a trainer of the same configuration."""
        stages = (*self._frozen, self._stage)
        return {
            "epoch": self.epoch,
            "starts": [stage.start for stage in stages],
            "sizes": [stage.scale for stage in stages],
            "weights": [stage.network.flat.clone() for stage in stages],
            "finite": self._finite.clone(),
            "method": self._stage.method.state_dict(),
            "schedule": self._stage.schedule.state_dict(),
            "settled": self._stage.method.settled,
            "patience": (self._best, self._without_better, self._error),
            "first": self._first,
            "history": self.history.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any], *, branch: bool = False) -> None:
        """Continue from a saved state, in a trainer that has not made a step.

        A branch may have another configuration: what was learnt of the loss is kept where the method is the same, and
        the count of patience begins anew. Raises ValueError where the state is not of such networks.
        """
        if not 1 <= len(state["weights"]) == len(state["starts"]) <= self.config.stages:
            raise ValueError(f"stages must be >= {len(state['weights'])} to go on from there, got {self.config.stages}")
        for number, (start, weights) in enumerate(zip(state["starts"], state["weights"], strict=True)):
            if number:
                self._next_stage()
            self._stage.start = start
            self._take(self._stage.network.flat, weights)
        self.epoch = state["epoch"]
        self._take(self._finite, state["finite"])
        self._first = state["first"] and tuple(state["first"])
        self.history = History.from_state(state["history"])
        if not branch or same_structure(self.method.state_dict(), state["method"]):
            self.method.load_state_dict(state["method"])
        if not branch:
            self.method.settled = state["settled"]
            self._stage.schedule.load_state_dict(state["schedule"])
            self._best, self._without_better, self._error = state["patience"]

    def _take(self, weights: Tensor, saved: Tensor) -> None:
        if saved.shape != weights.shape:
            layers = ", ".join(map(str, self.config.hidden))
            raise ValueError(f"hidden {layers} has {len(weights)} weights, but what was saved has {tuple(saved.shape)}")
        weights.copy_(saved)


def _device(name: str) -> torch.device:
    """The device by its name; ValueError where the machine has none such."""
    there = {"auto": True, "cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there[name]:
        raise ValueError(f"device must be one this machine has, got {name!r}: use auto or cpu")
    return torch.device("cpu" if name == "auto" else name)


def threads(config: Config, most: int) -> int:
    """The number of threads to compute on: as configured, else one until an epoch's products are worth sharing out."""
    sizes = (1, *config.hidden, 1)
    products = config.train_points * sum(a * b for a, b in itertools.pairwise(sizes))
    return config.threads or (1 if products < SHARED_PRODUCTS else most)
