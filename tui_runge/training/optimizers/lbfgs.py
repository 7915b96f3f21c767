"""L-BFGS with a strong Wolfe line search (Nocedal & Wright, Numerical Optimization, 2006, Algorithms 7.5 and 3.5)."""

import copy
from collections.abc import Container, Mapping
from typing import Any, final

import torch

from tui_runge.core.config import Config
from tui_runge.training.objectives import Objective
from tui_runge.training.optimizers.optimizer import OTHER_STATE, Optimizer

HISTORY_SIZE = 50
"""Pairs of a step and a change of the gradient that approximate the Hessian."""
SAVED = ("func_evals", "n_iter", "d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss")
"""The entries of torch's state that later steps depend on; its other entries are scratch."""


@final
class LBFGS(Optimizer):
    """One iteration of `torch.optim.LBFGS` a step; the line search starts from length 1, whatever the learning rate.

    Converged when the line search finds no lower loss, even along the gradient.
    """

    def __init__(self, objective: Objective, config: Config) -> None:
        self.learning_rate = config.learning_rate
        self._objective = objective
        self._restart()

    def _restart(self) -> None:
        """Forget the approximation of the Hessian: the next step is along the gradient."""
        self._optimizer = torch.optim.LBFGS(
            [self._objective.weights],
            max_iter=1,
            max_eval=25,
            tolerance_grad=0,
            tolerance_change=0,
            history_size=HISTORY_SIZE,
            line_search_fn="strong_wolfe",
        )
        self._restarted = True

    def forget_loss(self) -> None:
        super().forget_loss()
        self._restart()

    def _closure(self) -> float:
        self._objective.weights.grad = self._objective.gradient()
        return self._objective.loss()

    def step(self) -> None:
        before = self._objective.weights.clone()
        loss = self._objective.loss()
        self._optimizer.step(self._closure)  # type: ignore[no-untyped-call]
        if self._objective.loss() < loss:
            self._restarted = False
            return
        self._objective.weights.copy_(before)
        self.converged = self._restarted
        self._restart()

    def state_dict(self) -> dict[str, Any]:
        state = self._optimizer.state_dict()["state"].get(0, {})
        return {
            "fresh": self._restarted,
            "learnt": copy.deepcopy({name: state[name] for name in SAVED if name in state}),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        saved = state.get("learnt")
        shapes = (self._objective.weights.shape, ())
        if not isinstance(saved, dict) or not all(_can_be_saved(*item, shapes) for item in saved.items()):
            raise ValueError(OTHER_STATE)
        self._restarted = bool(state["fresh"])
        own = self._optimizer.state_dict()
        self._optimizer.load_state_dict(own | {"state": {0: copy.deepcopy(saved)} if saved else {}})


def _can_be_saved(name: str, value: object, shapes: Container[tuple[int, ...]]) -> bool:
    """Whether a value can stand under this name: a number, a scalar or vector, or a list of these."""
    values = value if isinstance(value, list) and len(value) <= HISTORY_SIZE else [value]
    return name in SAVED and all(
        item.shape in shapes if isinstance(item, torch.Tensor) else isinstance(item, float | int) for item in values
    )
