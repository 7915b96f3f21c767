"""Adam first, then Levenberg-Marquardt: a robust start and a fast end."""

from collections.abc import Mapping
from typing import Any, final

from tui_runge.core.config import Config
from tui_runge.training.objectives import Objective
from tui_runge.training.optimizers.adam import Adam
from tui_runge.training.optimizers.levenberg_marquardt import LevenbergMarquardt
from tui_runge.training.optimizers.optimizer import Optimizer, check_same_structure


@final
class AdamThenLM(Optimizer):
    """Adam for the first half of its epochs, then Levenberg-Marquardt, which stays however the plan changes."""

    def __init__(self, objective: Objective, config: Config) -> None:
        self._lm = LevenbergMarquardt(objective, config)
        self._adam = Adam(objective, config)
        self._adam_steps = config.epochs // config.stages // 2

    @property
    def _current(self) -> Adam | LevenbergMarquardt:
        return self._adam if self._adam.steps < self._adam_steps else self._lm

    @property
    def learning_rate(self) -> float:
        return self._current.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._adam.learning_rate = self._lm.learning_rate = value

    @property
    def converged(self) -> bool:
        return self._current.converged

    @converged.setter
    def converged(self, value: bool) -> None:
        self._current.converged = value

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        name = "adam" if self._current is self._adam else "lm"
        return ("method", name), *self._current.details

    def forget_loss(self) -> None:
        self._lm.forget_loss()

    def forget_averages(self) -> None:
        self._adam.forget_averages()

    @property
    def overflowed(self) -> bool:
        return self._current.overflowed

    def check(self, config: Config) -> None:
        self._lm.check(config)

    def plan(self, epochs: int) -> None:
        if self._current is self._adam or not self._adam.steps:
            self._adam_steps = (self._adam.steps + epochs) // 2

    def step(self) -> None:
        self._current.step()

    def state_dict(self) -> dict[str, Any]:
        return {"switch": self._adam_steps, "first": self._adam.state_dict(), "second": self._lm.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        check_same_structure(self.state_dict(), state)
        self._adam_steps = state["switch"]
        self._adam.load_state_dict(state["first"])
        self._lm.load_state_dict(state["second"])
