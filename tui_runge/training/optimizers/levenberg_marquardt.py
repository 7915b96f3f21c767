"""Levenberg-Marquardt (Marquardt, An Algorithm for Least-Squares Estimation of Nonlinear Parameters, 1963).

The damping follows the gain ratio (Nielsen, Damping Parameter in Marquardt's Method, 1999).
"""

from collections.abc import Mapping
from typing import Any, final

import torch

from tui_runge.core.config import Config
from tui_runge.training.objectives import ByTangents, Objective
from tui_runge.training.optimizers.gauss_newton import check_size, smaller_system
from tui_runge.training.optimizers.optimizer import Optimizer, check_same_structure

INITIAL_DAMPING = 1e-2
SMALLEST_DAMPING, LARGEST_DAMPING = 1e-30, 1e12
"""Times the scale of the system: its mean diagonal or, where that is less, the larger weight of the loss."""
SMALLEST_START, LARGEST_START = 1e-8, 1e4
"""Times that scale, what the initial damping must lie between to be of any use as a start."""
LARGEST_DECREASE = 0.2


@final
class LevenbergMarquardt(Optimizer):
    """One accepted step an epoch; `rejected` counts the trial steps that were not.

    A trial step that does not lower the loss, or whose system is not positive definite, is made again with more
    damping; converged where no damping helps. The learning rate is unused.

    Raises ValueError where the objective has no residuals (not on the CPU) or the system is too large.
    """

    def __init__(self, objective: Objective, config: Config) -> None:
        if not isinstance(objective, ByTangents):
            raise ValueError(f"optimizer {config.optimizer} runs on the cpu only, got device {config.device!r}")
        self.learning_rate = config.learning_rate
        self.rejected = 0
        self._objective = objective
        self.check(config)
        self._system = smaller_system(objective)
        self.forget_loss()

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        return ("damping", f"{self.damping:.1e}"), ("rejected", str(self.rejected))

    def check(self, config: Config) -> None:
        points, orders = self._objective.errors.shape[1], 3 if config.smoothing else 2
        if config.nodes == "adaptive" and not config.data:
            points = max(points, config.train_points)  # so many they become
        check_size(self._objective.weights.numel(), orders * points)

    def forget_loss(self) -> None:
        super().forget_loss()
        self.damping, self._growth = INITIAL_DAMPING, 2.0

    @torch.no_grad()
    def step(self) -> None:
        if self.converged:
            self.forget_loss()
        objective = self._objective
        if self._system.residuals != objective.errors.numel():  # smoothing was turned on or off
            self._system = smaller_system(objective)
        start, loss, half_gradient = objective.weights.clone(), objective.loss(), objective.gradient() / 2
        self._system.build()
        self._scale = max(objective.unit, self._system.mean_diagonal)
        if (self.damping, self._growth) == (INITIAL_DAMPING, 2.0):
            self.damping = min(max(self.damping, SMALLEST_START * self._scale), LARGEST_START * self._scale)
        while self.damping <= LARGEST_DAMPING * self._scale:
            step = self._system.solve(self.damping)
            if step is not None:
                predicted = (step @ half_gradient + self.damping * (step @ step)).item()
                torch.sub(start, step, out=objective.weights)
                gain_ratio = (loss - objective.loss()) / predicted if predicted > 0 else -1.0
                if gain_ratio > 0 and objective.loss() < loss:
                    self._accept(gain_ratio)
                    return
            self._reject()
            objective.weights.copy_(start)
            objective.loss_terms()
        self.converged = True

    def _accept(self, gain_ratio: float) -> None:
        self.damping = max(
            SMALLEST_DAMPING * min(1.0, self._scale),
            self.damping * max(LARGEST_DECREASE, 1 - (2 * gain_ratio - 1) ** 3),
        )
        self._growth = 2.0

    def _reject(self) -> None:
        self.rejected += 1
        self.damping *= self._growth
        self._growth *= 2

    def state_dict(self) -> dict[str, Any]:
        return {"damping": self.damping, "growth": self._growth, "rejected": self.rejected, "settled": self.converged}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        check_same_structure(self.state_dict(), state)
        self.damping, self._growth = state["damping"], state["growth"]
        self.rejected, self.converged = state["rejected"], state["settled"]
