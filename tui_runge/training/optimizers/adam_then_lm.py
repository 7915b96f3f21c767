"""Adam first, then Levenberg-Marquardt: a robust start and a fast end."""

from collections.abc import Mapping
from typing import Any

from tui_runge.core.config import Config
from tui_runge.training.objectives import Objective
from tui_runge.training.optimizers.adam import Adam
from tui_runge.training.optimizers.levenberg_marquardt import LevenbergMarquardt
from tui_runge.training.optimizers.optimizer import check_same_structure


class AdamThenLM:
    """Adam for the first half of the stage's epochs, as planned at its start; then Levenberg-Marquardt."""

    def __init__(self, objective: Objective, config: Config) -> None:
        self._second = LevenbergMarquardt(objective, config)
        self._first = Adam(objective, config)
        self._switch = config.epochs // config.stages // 2

    @property
    def _current(self) -> Adam | LevenbergMarquardt:
        return self._first if self._first.steps < self._switch else self._second

    @property
    def learning_rate(self) -> float:
        return self._current.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._first.learning_rate = self._second.learning_rate = value

    @property
    def settled(self) -> bool:
        return self._current.settled

    @settled.setter
    def settled(self, value: bool) -> None:
        self._current.settled = value

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        name = "adam" if self._current is self._first else "lm"
        return ("method", name), *self._current.details

    def step(self) -> None:
        self._current.step()

    def state_dict(self) -> dict[str, Any]:
        return {"switch": self._switch, "first": self._first.state_dict(), "second": self._second.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        check_same_structure(self.state_dict(), state)
        self._switch = state["switch"]
        self._first.load_state_dict(state["first"])
        self._second.load_state_dict(state["second"])
