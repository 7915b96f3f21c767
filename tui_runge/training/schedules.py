"""How the learning rate changes over the epochs, as torch's own schedules do; those need an optimizer of torch's.

A schedule gives the factor on the learning rate, so that a person may still change that while training.
"""

import math
from collections.abc import Callable

WARM_UP, START, END = 0.3, 1 / 25, 1 / 25e4
FACTOR, PATIENCE, THRESHOLD, SMALLEST = 0.1, 10, 1e-4, 1e-8


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
        return _between(START, 1, epoch / top) if top > 0 else 1.0
    return _between(1, END, min((epoch - top) / (epochs - 1 - top), 1)) if epochs - 1 > top else END


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


class Plateau:
    """A tenth whenever the loss did not fall by 1e-4 of itself in more than 10 epochs (`ReduceLROnPlateau`)."""

    def __init__(self) -> None:
        self.factor = 1.0
        self.best = math.inf
        self.bad = 0

    def observe(self, loss: float) -> None:
        """Take note of an epoch's loss; it acts from the next epoch on."""
        if loss < self.best * (1 - THRESHOLD):
            self.best, self.bad = loss, 0
        else:
            self.bad += 1
        if self.bad > PATIENCE:
            self.factor, self.bad = max(self.factor * FACTOR, SMALLEST), 0


SCHEDULES: dict[str, Callable[[int, int], float]] = {
    "constant": constant,
    "cosine": cosine,
    "onecycle": onecycle,
    "plateau": constant,  # its factor comes from the losses
}


class Schedule:
    """The factor on the learning rate at each epoch of a stage, under one of the names of `Config.schedule`."""

    def __init__(self, name: str) -> None:
        self._curve = SCHEDULES[name]
        self._plateau = Plateau() if name == "plateau" else None

    def __call__(self, epoch: int, epochs: int, loss: float) -> float:
        """The factor for `epoch`, from 0, of `epochs`; to be asked once an epoch, with the loss it starts from."""
        if self._plateau is None:
            return self._curve(epoch, epochs)
        factor = self._plateau.factor
        self._plateau.observe(loss)
        return factor

    def state_dict(self) -> dict[str, float]:
        """The state that `load_state_dict` restores."""
        return vars(self._plateau).copy() if self._plateau else {}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Continue from a saved state of the same schedule."""
        if self._plateau:
            vars(self._plateau).update(state)
