"""Fewer points of a curve: its extremes, or its median, in each of equal parts of what is drawn."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def thin(
    x: Floats, low: Floats, high: Floats, limits: tuple[float, float], buckets: int
) -> tuple[Floats, Floats, Floats]:
    """The extremes of a series in each of `buckets` equal parts of the limits that holds any point.

    All arrays (k,), x ascending; NaN only where a bucket holds nothing else. The parts do not depend on the data, so
    that a bucket already full stays as it is while the series grows.
    """
    first = bucket_starts(x, limits, buckets)
    if first.size == x.size:
        return x, low, high
    return x[first], np.fmin.reduceat(low, first), np.fmax.reduceat(high, first)


def medians(x: Floats, y: Floats, limits: tuple[float, float], buckets: int) -> tuple[Floats, Floats]:
    """The lower median of a series in each of the parts that `thin` makes; NaN only where one holds nothing else."""
    first = bucket_starts(x, limits, buckets)
    if first.size == x.size:
        return x, y
    part = np.repeat(np.arange(first.size), np.diff(first, append=x.size))
    sorted_y = y[np.lexsort((y, part))]  # NaN comes last in each part
    numbers = np.add.reduceat(np.isfinite(y).astype(np.int64), first)
    return x[first], sorted_y[first + np.maximum(numbers - 1, 0) // 2]


def bucket_starts(x: Floats, limits: tuple[float, float], buckets: int) -> NDArray[np.intp]:
    """The index of the first point in each of `buckets` equal parts of the limits."""
    left, right = limits
    part = np.clip(((x - left) / (right - left) * buckets).astype(np.int64), 0, buckets - 1)
    return np.flatnonzero(np.diff(part, prepend=-1))
