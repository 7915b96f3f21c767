"""What a trainer asks of an optimisation method."""

from collections.abc import Mapping
from typing import Any, Protocol

from torch import Tensor


class Optimizer(Protocol):
    """Improves the weights of an objective, one step an epoch.

    `learning_rate` may be changed between steps, and what was learnt of the loss stays; methods that search for their
    step's length leave it unused. `settled` says that no step lowers the loss any more; it may be taken back, as when
    the loss is weighed anew. `details` are pairs of a name and a value for a person to watch.
    """

    learning_rate: float
    settled: bool

    @property
    def details(self) -> tuple[tuple[str, str], ...]: ...

    def step(self) -> None:
        """Change the objective's weights in place."""

    def state_dict(self) -> dict[str, Any]:
        """The state that `load_state_dict` restores exactly; the weights themselves are not part of it."""

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a saved state of a method of the same shapes; raises ValueError for another's."""


class FirstOrder:
    """What the methods have in common that follow the gradient at a given learning rate."""

    details: tuple[tuple[str, str], ...] = ()

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate
        self.settled = False


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
    """Raise ValueError where a saved state is not of this method."""
    if not same_structure(own, saved):
        raise ValueError("the saved state is that of another method, or of another network")
