"""Adam (Kingma & Ba, Adam: A Method for Stochastic Optimization, 2015, Algorithm 1)."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor


class Adam:
    """The same steps as `torch.optim.Adam`, whose construction imports a compiler: a second and 70 MB more.

    The learning rate may be changed between steps; the moments stay.
    """

    def __init__(self, parameters: Iterable[Tensor], learning_rate: float) -> None:
        self.parameters = list(parameters)
        self.learning_rate = learning_rate
        self.betas = (0.9, 0.999)
        self.epsilon = 1e-8
        self.steps = 0
        self.means = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.squares = [torch.zeros_like(parameter) for parameter in self.parameters]

    @torch.no_grad()
    def step(self, gradients: Iterable[Tensor]) -> None:
        """One step along the gradients, one for each parameter."""
        gradients = list(gradients)
        decay_mean, decay_square = self.betas
        self.steps += 1
        torch._foreach_lerp_(self.means, gradients, 1 - decay_mean)
        torch._foreach_mul_(self.squares, decay_square)
        torch._foreach_addcmul_(self.squares, gradients, gradients, 1 - decay_square)
        roots = torch._foreach_sqrt(self.squares)
        torch._foreach_div_(roots, (1 - decay_square**self.steps) ** 0.5)
        torch._foreach_add_(roots, self.epsilon)
        rate = self.learning_rate / (1 - decay_mean**self.steps)
        torch._foreach_addcdiv_(self.parameters, self.means, roots, -rate)

    def state_dict(self) -> dict[str, Any]:
        """The state that `load_state_dict` restores exactly; the parameters themselves are not part of it."""
        return {
            "steps": self.steps,
            "means": [mean.clone() for mean in self.means],
            "squares": [square.clone() for square in self.squares],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a saved state of the same shapes."""
        self.steps = state["steps"]
        torch._foreach_copy_(self.means, state["means"])
        torch._foreach_copy_(self.squares, state["squares"])
