"""The losses of a run at bounded memory, however long it trains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

DATA = ("train", "validation")
LOSSES = ("total", "function", "derivative")
SERIES = tuple(f"{data}_{loss}" for data in DATA for loss in LOSSES)
"""The names of the six series of losses, such as train_total."""

HEADER = ",".join(("epoch", *SERIES)) + "\n"
"""The first line of a table of losses by epoch."""

Floats = NDArray[np.float64]
NOISE = 4.0
"""Measured: a loss that falls to its end has 1, the report's run at twenty times its learning rate 16."""


def table_row(epoch: int, losses: Iterable[float]) -> str:
    """The line of an epoch in that table; the numbers read back exactly."""
    return ",".join((str(epoch), *map(repr, losses))) + "\n"


@dataclass(frozen=True)
class Curves:
    """A copy of a history: k buckets of `span` epochs, of which the last may not be full yet.

    `epochs` (k,) holds the first epoch of each bucket; `low` and `high` (6, k) the extremes in it of each of
    `SERIES`, NaN where no value was finite; `first` (6, k) the losses of its first epoch; `last` (6,) the exact losses
    of the newest epoch. `band`, `sample` and `newest` read them by the name of a series.
    """

    span: int
    epochs: Floats
    low: Floats
    high: Floats
    first: Floats
    last: Floats

    def band(self, series: str) -> tuple[Floats, Floats]:
        """The lowest and the highest value (k,) of a series in each bucket."""
        row = SERIES.index(series)
        return self.low[row], self.high[row]

    def sample(self, series: str) -> Floats:
        """The value (k,) of the first epoch of each bucket: medians of it are those of every `span`-th epoch."""
        sample: Floats = self.first[SERIES.index(series)]
        return sample

    def is_noisy(self, series: str) -> bool:
        """Whether a series went up and down by more than `NOISE` times the range that it covers, as logarithms."""
        values = self.sample(series)
        logs = np.log10(values[np.isfinite(values) & (values > 0)])
        return logs.size > 2 and bool(np.abs(np.diff(logs)).sum() > NOISE * np.ptp(logs))

    def needs_band(self, series: str) -> bool:
        """Whether a series is drawn by its median before a faint band of all that it spans.

        It is where a bucket holds several epochs, or the series is noisy.
        """
        return self.span > 1 or self.is_noisy(series)

    def newest(self, series: str) -> float:
        """The exact value of a series in the newest epoch, NaN before the first."""
        return float(self.last[SERIES.index(series)])


class History:
    """The losses of each epoch, in at most `buckets` buckets that keep the lowest, the highest and the first value.

    When the buckets are full, neighbours are merged and each spans twice the epochs: no spike is ever lost, and the
    memory does not grow with the epochs. `epochs` is the number recorded.
    """

    def __init__(self, buckets: int = 2048, series: int = len(SERIES)) -> None:
        self._low = np.full((series, buckets), np.nan)
        self._high = np.full((series, buckets), np.nan)
        self._first = np.full((series, buckets), np.nan)
        self._last = np.full(series, np.nan)
        self._span = 1
        self.epochs = 0

    def append(self, losses: tuple[float, ...]) -> None:
        """Record the losses of the next epoch, in the order of `SERIES`."""
        bucket = self.epochs // self._span
        if bucket == self._low.shape[1]:
            self._merge()
            bucket = self.epochs // self._span
        self._last[:] = losses
        values = np.where(np.isfinite(self._last), self._last, np.nan)
        np.fmin(self._low[:, bucket], values, out=self._low[:, bucket])
        np.fmax(self._high[:, bucket], values, out=self._high[:, bucket])
        if self.epochs % self._span == 0:
            self._first[:, bucket] = values
        self.epochs += 1

    def _merge(self) -> None:
        for values, extreme in ((self._low, np.fmin), (self._high, np.fmax)):
            merged = extreme(values[:, ::2], values[:, 1::2])
            values[:] = np.nan
            values[:, : merged.shape[1]] = merged
        kept = self._first[:, ::2].copy()
        self._first[:] = np.nan
        self._first[:, : kept.shape[1]] = kept
        self._span *= 2

    def state_dict(self) -> dict[str, Any]:
        """Everything that `from_state` needs: two numbers, and the values of buckets as arrays (series, k)."""
        curves = self.curves()
        return {
            "epochs": self.epochs,
            "span": self._span,
            "low": curves.low,
            "high": curves.high if self._span > 1 else None,
            "first": curves.first if self._span > 1 else None,
            "last": curves.last,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any], series: int = len(SERIES)) -> Self:
        """The history that had a state; raises ValueError for what cannot be one."""
        history = cls(series=series)
        epochs, span = int(state["epochs"]), int(state["span"])
        low, last = (np.array(state[name], dtype=np.float64) for name in ("low", "last"))
        high = low if span == 1 else np.array(state["high"], dtype=np.float64)
        if span < 1 or span & (span - 1) or not 0 <= epochs <= span * history._low.shape[1]:
            raise ValueError(f"a history of {epochs} epochs cannot have buckets of {span}")
        used = -(-epochs // span)
        if low.shape != (series, used) or high.shape != low.shape or last.shape != (series,):
            raise ValueError(f"a history of {epochs} epochs must have {series} series of {used}, got {low.shape}")
        first = low if span == 1 else _first_values(state, low, high)
        history._low[:, :used], history._high[:, :used], history._first[:, :used] = low, high, first
        history._last = last
        history.epochs, history._span = epochs, span
        return history

    def curves(self) -> Curves:
        """A copy of what was recorded so far."""
        used = -(-self.epochs // self._span)
        return Curves(
            span=self._span,
            epochs=np.arange(used, dtype=np.float64) * self._span + 1,
            low=self._low[:, :used].copy(),
            high=self._high[:, :used].copy(),
            first=self._first[:, :used].copy(),
            last=self._last.copy(),
        )


def _first_values(state: Mapping[str, Any], low: Floats, high: Floats) -> Floats:
    """The first values of buckets; where they were not saved, the geometric middle of the extremes."""
    if state.get("first") is None:
        with np.errstate(invalid="ignore", over="ignore"):
            return np.where((low > 0) & (high > 0), np.sqrt(low) * np.sqrt(high), low / 2 + high / 2)
    first = np.array(state["first"], dtype=np.float64)
    if first.shape != low.shape:
        raise ValueError(f"the first values of a history must be {low.shape}, got {first.shape}")
    return first
