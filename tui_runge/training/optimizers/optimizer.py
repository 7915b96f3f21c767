"""What every optimizer offers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from tui_runge.core.config import Config


class Optimizer(ABC):
    """Improves the weights of an objective, one step an epoch; made from an `Objective` and a `Config`.

    `learning_rate` may be changed between steps and leaves the moments as they are; an optimizer that finds its own
    step length does not read it. `converged` is True while no step lowers the loss any further.
    """

    learning_rate: float
    converged: bool = False

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """Names and values for a person to watch, such as the damping."""
        return ()

    @abstractmethod
    def step(self) -> None:
        """Change the objective's weights in place."""

    def forget_loss(self) -> None:
        """Drop what was learnt of a loss that is another from now on; averages and counts of steps stay."""
        self.converged = False

    def forget_averages(self) -> None:
        """Drop averages of gradients, if there are any: the loss is measured in another unit from now on."""
        return

    @property
    def overflowed(self) -> bool:
        """Whether the floating-point type could not hold what it computes of the gradient."""
        return False

    def check(self, config: Config) -> None:
        """Raise ValueError where the optimizer cannot go on as a configuration says: of no account but to few."""
        del config

    def plan(self, epochs: int) -> None:
        """So many epochs are planned from now on: of no account, unless an optimizer says otherwise."""
        del epochs

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """The state that `load_state_dict` restores exactly; the objective's weights are not part of it."""

    @abstractmethod
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a saved state; raises ValueError for that of another optimizer or of other shapes."""


def same_structure(own: object, saved: object) -> bool:
    """Whether a saved state has the names, the shapes and the kinds of values of one's own."""
    match own:
        case Tensor():
            return isinstance(saved, Tensor) and (saved.shape, saved.dtype) == (own.shape, own.dtype)
        case dict():
            return (
                isinstance(saved, dict)
                and own.keys() == saved.keys()
                and all(same_structure(own[k], saved[k]) for k in own)
            )
        case _:
            return isinstance(saved, float | int) and isinstance(own, float) >= isinstance(saved, float)


def check_same_structure(own: object, saved: object) -> None:
    """Raise ValueError where a saved state has another structure than one's own."""
    if not same_structure(own, saved):
        raise ValueError(OTHER_STATE)


OTHER_STATE = "the saved state is that of another method, or of another network"
