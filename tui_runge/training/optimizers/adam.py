"""Adam (Kingma & Ba, Adam: A Method for Stochastic Optimization, 2015, Algorithm 1), with and without weight decay."""

from collections.abc import Mapping
from typing import Any, final

import torch

from tui_runge.core.config import Config
from tui_runge.training.objectives import Objective
from tui_runge.training.optimizers.optimizer import Optimizer, check_same_structure

BETAS = (0.9, 0.999)
EPSILON = 1e-8
WEIGHT_DECAY = 0.01
"""Of AdamW, as `torch.optim.AdamW` has it."""


@final
class Adam(Optimizer):
    """The same steps as `torch.optim.Adam`, whose construction imports a compiler: a second and 70 MB more.

    With a `weight_decay` it is AdamW (Loshchilov & Hutter, Decoupled Weight Decay Regularization, 2019). All weights
    are one vector, so that a step is six operations however many layers there are.
    """

    def __init__(self, objective: Objective, config: Config, *, weight_decay: float = 0.0) -> None:
        self.learning_rate = config.learning_rate
        self.steps = 0
        self.mean, self.square, self._root = (torch.zeros_like(objective.weights) for _ in range(3))
        self._objective = objective
        self._weight_decay = weight_decay

    @torch.no_grad()
    def step(self) -> None:
        weights, gradient = self._objective.weights, self._objective.gradient()
        decay_mean, decay_square = BETAS
        self.steps += 1
        if self._weight_decay:
            weights.mul_(1 - self.learning_rate * self._weight_decay)
        self.mean.lerp_(gradient, 1 - decay_mean)
        self.square.mul_(decay_square).addcmul_(gradient, gradient, value=1 - decay_square)
        correction = (1 - decay_square**self.steps) ** 0.5
        torch.sqrt(self.square, out=self._root).add_(EPSILON * correction)
        rate = self.learning_rate * correction / (1 - decay_mean**self.steps)
        weights.addcdiv_(self.mean, self._root, value=-rate)

    def forget_averages(self) -> None:
        self.mean.zero_()
        self.square.zero_()

    @property
    def overflowed(self) -> bool:
        return not self.square.isfinite().all().item()

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self.steps, "mean": self.mean.clone(), "square": self.square.clone()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        check_same_structure(self.state_dict(), state)
        self.steps = state["steps"]
        self.mean.copy_(state["mean"])
        self.square.copy_(state["square"])
