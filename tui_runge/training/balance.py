"""The derivative's weight that `auto` stands for.

It starts from how large f and f' are, and rises while f' is fitted worse than f, each relative to its size: so do
GradNorm (Chen et al., 2018, section 3.2), whose weight of a task is a power of how far its loss lags behind the others,
and Wang, Teng & Perdikaris, Understanding and mitigating gradient flow pathologies, 2021, Algorithm 1, whose running
average it is smoothed by. Measured on the twelve named functions with the default network, Adam and three seeds, each
beside the best of seven fixed weights from 10^-3 to 10^3, by the least product of both errors: with this rule and the
best weights handed in MSE(f) is 0.32 and MSE(f') 0.55 times as large in the geometric mean, and no error more than 1.3
times with the default seed; with the two others 2 of 24 runs were beyond 1.5 (2.3 and 2.6 times: growing-waves and
wave-packet). By the norms of gradients they were 16 and 3 times as large, by the start alone, with the last weights
handed in, about 1.1 and 1.2 times; a weight that falls with the losses or the epochs trained slower. It fails where an
instability of Adam comes late, since then all weights are bad ones.
"""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_runge.problems import Points

START = 5.0
"""The weight at the start where f and f' are of the same size."""
POWER = 0.25
"""The weight grows with this power of how many times larger the error of f' is than that of f, each relative."""
EVERY = 10
"""Epochs between two looks at the losses."""
MEMORY = 0.9
"""The share of what was seen before in the running average."""
FURTHEST = math.log(100.0)
"""How far the weight goes from its start, up or down, as a logarithm."""
SMALLEST_START, LARGEST_START = 1e-3, 1e3


class Balance:
    """The weight of MSE(f') beside a weight of 1 of MSE(f), in the network's units; given the points to train on.

    `start` is START * the root of (the variance of f / the mean of f'^2), 1 where either is not known or 0.
    """

    def __init__(self, points: "Points") -> None:
        import numpy as np

        f, df = (column[~np.isnan(column)] for column in (points.f, points.df))
        with np.errstate(all="ignore"):
            sizes = (float(np.var(f)), float(np.mean(df**2))) if len(f) and len(df) else (0.0, 0.0)
        is_known = all(0 < size < math.inf for size in sizes)
        self._size_ratio = sizes[0] / sizes[1] if is_known else 1.0
        start = START * math.sqrt(self._size_ratio) if is_known else 1.0
        self.start = min(max(start, SMALLEST_START), LARGEST_START)
        self.lag: float | None = None
        """The running average of the logarithm of MSE(f') over MSE(f), each relative to its size; None before any."""

    @property
    def weight(self) -> float:
        """The present weight."""
        exponent = POWER * (self.lag or 0.0)
        return self.start * math.exp(min(max(exponent, -FURTHEST), FURTHEST))

    def is_due(self, epoch: int) -> bool:
        """Whether to look at the losses before the epoch after so many."""
        return self.lag is None or epoch % EVERY == 0

    def observe(self, function: float, derivative: float) -> None:
        """Take the training MSE(f) and MSE(f') into the average; not where one of them is 0."""
        if function > 0 and derivative > 0:
            lag = math.log(derivative / function * self._size_ratio)
            self.lag = lag if self.lag is None else MEMORY * self.lag + (1 - MEMORY) * lag
