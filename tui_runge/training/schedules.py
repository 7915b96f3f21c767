"""How the learning rate changes over the epochs, as torch's own schedules do; those need an optimizer of torch's.

A schedule gives the factor on the learning rate, so that a person may still change the rate itself while training.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import final

WARM_UP, INITIAL, FINAL = 0.3, 1 / 25, 1 / 25e4
"""Of `onecycle`: the share of the epochs in which the factor rises, and the factors it rises from and falls to."""
DECREASE, PATIENCE, THRESHOLD, SMALLEST = 0.1, 10, 1e-4, 1e-8
"""Of `Plateau`: what the factor is multiplied by, after how many epochs, without which relative gain, and its limit."""


class Schedule(ABC):
    """The factor on the learning rate at each epoch of a stage."""

    @abstractmethod
    def __call__(self, epoch: int, epochs: int, loss: float) -> float:
        """The factor for `epoch`, from 0, of `epochs`; to be called once an epoch, with the loss it starts from."""

    @abstractmethod
    def forget_loss(self) -> None:
        """Begin anew with a loss that is another from now on."""

    @abstractmethod
    def state_dict(self) -> dict[str, float]:
        """The state that `load_state_dict` restores."""

    @abstractmethod
    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Continue from a saved state of the same schedule."""


@final
class Curve(Schedule):
    """A schedule by the epoch alone: `factor(epoch, epochs)`."""

    def __init__(self, factor: Callable[[int, int], float]) -> None:
        self._factor = factor

    def __call__(self, epoch: int, epochs: int, loss: float) -> float:
        del loss
        return self._factor(epoch, epochs)

    def forget_loss(self) -> None:
        pass

    def state_dict(self) -> dict[str, float]:
        return {}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        pass


@final
class Plateau(Schedule):
    """A tenth whenever the loss did not fall by 1e-4 of itself in more than 10 epochs (`ReduceLROnPlateau`).

    Where it begins anew, 10 epochs pass before it counts: the weights are good by another loss, and the first steps on
    this one, at the full rate, leave them.
    """

    def __init__(self) -> None:
        self._factor = 1.0
        self._lowest_loss = math.inf
        self._epochs_without_gain = 0

    def __call__(self, epoch: int, epochs: int, loss: float) -> float:
        del epoch, epochs
        factor = self._factor
        if self._epochs_without_gain < 0:
            self._lowest_loss = loss
            self._epochs_without_gain += 1
        elif loss < self._lowest_loss * (1 - THRESHOLD):
            self._lowest_loss, self._epochs_without_gain = loss, 0
        else:
            self._epochs_without_gain += 1
        if self._epochs_without_gain > PATIENCE:
            self._factor, self._epochs_without_gain = max(self._factor * DECREASE, SMALLEST), 0
        return factor

    def forget_loss(self) -> None:
        self._factor, self._epochs_without_gain = 1.0, -PATIENCE

    def state_dict(self) -> dict[str, float]:
        return {"factor": self._factor, "best": self._lowest_loss, "bad": self._epochs_without_gain}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        self._factor, self._lowest_loss = state["factor"], state["best"]
        self._epochs_without_gain = int(state["bad"])


def constant(_epoch: int, _epochs: int) -> float:
    """1."""
    return 1.0


def cosine(epoch: int, epochs: int) -> float:
    """Half a cosine from 1 at epoch 0 to 0 after the last (`CosineAnnealingLR`)."""
    return (1 + math.cos(math.pi * min(epoch / epochs, 1))) / 2


def onecycle(epoch: int, epochs: int) -> float:
    """Up from 1/25 to 1 in 0.3 of the epochs, then down to 4e-6, along half cosines (`OneCycleLR`, its defaults)."""
    top = WARM_UP * epochs - 1
    if epoch <= top:
        return _between(INITIAL, 1, epoch / top) if top > 0 else 1.0
    return _between(1, FINAL, min((epoch - top) / (epochs - 1 - top), 1)) if epochs - 1 > top else FINAL


def _between(start: float, end: float, share: float) -> float:
    """The value that lies a share of the way from start to end, along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


SCHEDULES: dict[str, Callable[[], Schedule]] = {
    "constant": partial(Curve, constant),
    "cosine": partial(Curve, cosine),
    "onecycle": partial(Curve, onecycle),
    "plateau": Plateau,
}
"""What makes each schedule, by the names that `Config.schedule` knows."""
