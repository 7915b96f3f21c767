"""Gradient descent, plain or with momentum.

After Sutskever et al., On the importance of initialization and momentum, 2013.
"""

from collections.abc import Mapping
from typing import Any, final

import torch

from tui_runge.core.config import Config
from tui_runge.training.objectives import Objective
from tui_runge.training.optimizers.optimizer import Optimizer, check_same_structure


@final
class SGD(Optimizer):
    """The same steps as `torch.optim.SGD` with that momentum."""

    def __init__(self, objective: Objective, config: Config, *, momentum: float) -> None:
        self.learning_rate = config.learning_rate
        self.velocity = torch.zeros_like(objective.weights)
        self._objective = objective
        self._momentum = momentum

    @torch.no_grad()
    def step(self) -> None:
        self.velocity.mul_(self._momentum).add_(self._objective.gradient())
        self._objective.weights.add_(self.velocity, alpha=-self.learning_rate)

    def state_dict(self) -> dict[str, Any]:
        return {"velocity": self.velocity.clone()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        check_same_structure(self.state_dict(), state)
        self.velocity.copy_(state["velocity"])
