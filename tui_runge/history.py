"""The losses of a run at bounded memory, however long it trains."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SERIES = tuple(f"{data}_{part}" for data in ("train", "validation") for part in ("total", "function", "derivative"))

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """What was recorded: k buckets of `span` epochs each (the last one may be filling), as of `epoch`.

    `epochs` (k,) holds the first epoch of each bucket; `low` and `high` (6, k) the extremes in it of each of
    `SERIES`, NaN where no value was finite; `last` (6,) the exact losses of the newest epoch.
    """

    span: int
    epochs: Floats
    low: Floats
    high: Floats
    last: Floats


class History:
    """Losses by epoch in at most `buckets` buckets that keep every extreme.

    When the buckets are full, neighbours are merged and each spans twice the epochs, so no spike is ever lost and the
    memory does not grow with the epochs.
    """

    def __init__(self, buckets: int = 2048, series: int = len(SERIES)) -> None:
        self._low = np.full((series, buckets), np.nan)
        self._high = np.full((series, buckets), np.nan)
        self._last = np.full(series, np.nan)
        self._span = 1
        self._epochs = 0

    def append(self, losses: tuple[float, ...]) -> None:
        """Record the losses of the next epoch, in the order of `SERIES`."""
        bucket = self._epochs // self._span
        if bucket == self._low.shape[1]:
            self._merge()
            bucket = self._epochs // self._span
        self._last[:] = losses
        values = np.where(np.isfinite(self._last), self._last, np.nan)
        np.fmin(self._low[:, bucket], values, out=self._low[:, bucket])
        np.fmax(self._high[:, bucket], values, out=self._high[:, bucket])
        self._epochs += 1

    def _merge(self) -> None:
        for values, extreme in ((self._low, np.fmin), (self._high, np.fmax)):
            merged = extreme(values[:, ::2], values[:, 1::2])
            values[:] = np.nan
            values[:, : merged.shape[1]] = merged
        self._span *= 2

    def curves(self) -> Curves:
        """A copy of what was recorded so far."""
        used = -(-self._epochs // self._span)
        return Curves(
            span=self._span,
            epochs=np.arange(used, dtype=np.float64) * self._span + 1,
            low=self._low[:, :used].copy(),
            high=self._high[:, :used].copy(),
            last=self._last.copy(),
        )
