"""L-BFGS with a strong Wolfe line search (Nocedal & Wright, Numerical Optimization, 2006, Algorithms 7.5 and 3.5)."""

import copy
from collections.abc import Container, Mapping
from typing import Any

import torch

from tui_runge.core.config import Config
from tui_runge.training.objectives import Objective
from tui_runge.training.optimizers.optimizer import FirstOrder

PAIRS = 50
LEARNT = ("func_evals", "n_iter", "d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss")
"""What torch's optimizer learns of the loss; the rest of its state is scratch."""


class LBFGS(FirstOrder):
    """One iteration of `torch.optim.LBFGS` a step; the line search starts from length 1, whatever the learning rate.

    Settled when the line search finds no lower loss, even along the gradient.
    """

    def __init__(self, objective: Objective, config: Config) -> None:
        super().__init__(config.learning_rate)
        self.objective = objective
        self._restart()

    def _restart(self) -> None:
        self._optimizer = torch.optim.LBFGS(
            [self.objective.weights],
            max_iter=1,
            max_eval=25,
            tolerance_grad=0,
            tolerance_change=0,
            history_size=PAIRS,
            line_search_fn="strong_wolfe",
        )
        self._fresh = True

    def _closure(self) -> float:
        self.objective.weights.grad = self.objective.gradient()
        return self.objective.loss()

    def step(self) -> None:
        before = self.objective.weights.clone()
        loss = self.objective.loss()
        self._optimizer.step(self._closure)  # type: ignore[no-untyped-call]
        if self.objective.loss() < loss:
            self._fresh = False
            return
        self.objective.weights.copy_(before)
        self.settled = self._fresh
        self._restart()

    def state_dict(self) -> dict[str, Any]:
        learnt = self._optimizer.state_dict()["state"].get(0, {})
        return {
            "fresh": self._fresh,
            "learnt": copy.deepcopy({name: learnt[name] for name in LEARNT if name in learnt}),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        learnt = state.get("learnt")
        shapes = (self.objective.weights.shape, ())
        if not isinstance(learnt, dict) or not all(_is_learnt(*item, shapes) for item in learnt.items()):
            raise ValueError("the saved state is that of another method, or of another network")
        self._fresh = bool(state["fresh"])
        whole = self._optimizer.state_dict()
        self._optimizer.load_state_dict(whole | {"state": {0: copy.deepcopy(learnt)} if learnt else {}})


def _is_learnt(name: str, value: object, shapes: Container[tuple[int, ...]]) -> bool:
    """Whether a value can stand under this name: a number, vectors of the weights' shape, or scalars."""
    values = value if isinstance(value, list) and len(value) <= PAIRS else [value]
    return name in LEARNT and all(
        each.shape in shapes if isinstance(each, torch.Tensor) else isinstance(each, float | int) for each in values
    )
