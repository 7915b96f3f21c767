"""Levenberg-Marquardt (Marquardt, An Algorithm for Least-Squares Estimation of Nonlinear Parameters, 1963).

The damping follows the gain ratio (Nielsen, Damping Parameter in Marquardt's Method, 1999).
"""

from collections.abc import Mapping
from typing import Any

import torch

from tui_runge.core.config import Config
from tui_runge.training.objectives import ByTangents, Objective
from tui_runge.training.optimizers.gauss_newton import system
from tui_runge.training.optimizers.optimizer import check_same_structure

FIRST_DAMPING = 1e-2
DAMPING = (1e-30, 1e12)
LARGEST_DECREASE = 0.2


class LevenbergMarquardt:
    """One accepted step an epoch; `rejected` counts the trials that were not.

    A trial that does not lower the loss, or whose system is not positive definite, is made again with more damping;
    settled where no damping helps. The learning rate is unused.

    Raises ValueError where the objective has no residuals (not on the CPU) or the system is too large.
    """

    def __init__(self, objective: Objective, config: Config) -> None:
        if not isinstance(objective, ByTangents):
            raise ValueError(f"optimizer {config.optimizer} runs on the cpu only, got device {config.device!r}")
        self.learning_rate = config.learning_rate
        self.settled = False
        self.rejected = 0
        self.damping = FIRST_DAMPING
        self._growth = 2.0
        self._objective = objective
        self._system = system(objective)

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        return ("damping", f"{self.damping:.1e}"), ("rejected", str(self.rejected))

    @torch.no_grad()
    def step(self) -> None:
        if self.settled:
            self.settled, self.damping, self._growth = False, FIRST_DAMPING, 2.0
        objective = self._objective
        start, loss, half_gradient = objective.weights.clone(), objective.loss(), objective.gradient() / 2
        self._system.build()
        while self.damping <= DAMPING[1]:
            move = self._system.solve(self.damping)
            if move is not None:
                predicted = (move @ half_gradient + self.damping * (move @ move)).item()
                torch.sub(start, move, out=objective.weights)
                gain = (loss - objective.loss()) / predicted if predicted > 0 else -1.0
                if gain > 0 and objective.loss() < loss:
                    self._accept(gain)
                    return
            self._reject()
            objective.weights.copy_(start)
            objective.parts()
        self.settled = True

    def _accept(self, gain: float) -> None:
        self.damping = max(DAMPING[0], self.damping * max(LARGEST_DECREASE, 1 - (2 * gain - 1) ** 3))
        self._growth = 2.0

    def _reject(self) -> None:
        self.rejected += 1
        self.damping *= self._growth
        self._growth *= 2

    def state_dict(self) -> dict[str, Any]:
        return {"damping": self.damping, "growth": self._growth, "rejected": self.rejected, "settled": self.settled}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        check_same_structure(self.state_dict(), state)
        self.damping, self._growth = state["damping"], state["growth"]
        self.rejected, self.settled = state["rejected"], state["settled"]
