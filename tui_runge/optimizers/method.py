"""What a trainer asks of an optimisation method."""

from collections.abc import Mapping
from typing import Any, Protocol


class Method(Protocol):
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
        """Continue from a saved state of a method of the same shapes."""


class FirstOrder:
    """What the methods have in common that follow the gradient at a given learning rate."""

    details: tuple[tuple[str, str], ...] = ()

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate
        self.settled = False
