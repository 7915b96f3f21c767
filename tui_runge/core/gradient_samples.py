"""How f and f' pulled at the weights while a run trained: the gradients of the two losses, now and then."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WIDEST, WIDEST_SECOND_ORDER = 128, 8
"""Epochs between two samples, which cost as much as most of an epoch, or a tenth of one of second order."""
GROWING = 128
"""From so many times the widest on the samples get rarer: their number then grows with the logarithm of the epochs."""
COLUMNS = ("epoch", "function", "derivative", "cosine")


def is_sampled(epochs: int, *, second_order: bool) -> bool:
    """Whether the gradients are sampled after so many epochs: after 0, 1, 2, 4, 8, ... and then every `WIDEST`.

    It depends on nothing else, so that a run has the same samples wherever it was paused and whoever looked at it.
    """
    widest = WIDEST_SECOND_ORDER if second_order else WIDEST
    spacing = max(min(epochs, widest), epochs // GROWING, 1)
    return epochs % (1 << (spacing.bit_length() - 1)) == 0


@dataclass(frozen=True)
class GradientSamples:
    """The norms of the gradients, in the weights, of the two weighted losses, and the cosine of the angle between them.

    Each property is (k,). An epoch's are at the weights that it started from, as its losses are, and in the unit of
    the total loss; of several stages they are those in the weights of the stage that it trained. Where a gradient is 0
    there is no angle: the cosine is NaN.
    """

    rows: Floats = field(default_factory=lambda: np.empty((0, len(COLUMNS))))

    @property
    def epochs(self) -> Floats:
        return self._column("epoch")

    @property
    def function(self) -> Floats:
        return self._column("function")

    @property
    def derivative(self) -> Floats:
        return self._column("derivative")

    @property
    def cosine(self) -> Floats:
        return self._column("cosine")

    def _column(self, name: str) -> Floats:
        column: Floats = self.rows[:, COLUMNS.index(name)]
        return column

    @classmethod
    def of(cls, rows: Iterable[tuple[float, ...]]) -> Self:
        """The samples of these rows, each of which holds `COLUMNS`."""
        return cls(np.array(list(rows), dtype=np.float64).reshape(-1, len(COLUMNS)))

    @classmethod
    def from_state(cls, state: Any, epochs: int) -> Self:
        """The samples that a run saved after so many epochs, None of earlier versions; ValueError for what are none."""
        if state is None:
            return cls()
        rows = np.asarray(state)
        if rows.dtype != np.float64 or rows.ndim != 2 or rows.shape[1] != len(COLUMNS):
            raise ValueError(f"gradients must be float64 rows of {len(COLUMNS)}, got {rows.dtype} {rows.shape}")
        samples = cls(rows.copy())
        at = samples.epochs
        whole = np.isfinite(at).all() and (at == np.floor(at)).all()
        if not (whole and (np.diff(at, prepend=0) > 0).all()):
            raise ValueError("gradients must be of whole epochs that rise from 1")
        if at.size and at[-1] > epochs:
            raise ValueError(f"gradients must be of the epochs up to {epochs}, got {at[-1]:g}")
        if (rows[:, 1:3] < 0).any() or (np.abs(samples.cosine) > 1).any():
            raise ValueError("gradients must have norms >= 0 and cosines from -1 to 1")
        return samples
