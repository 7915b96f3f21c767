"""The derivative's weight that `auto` stands for.

It starts from how large f and f' are, and rises while f' is fitted worse than f, each relative to its size: so do
GradNorm (Chen et al., 2018, section 3.2), whose weight of a task is a power of how far its loss lags behind the others,
and Wang, Teng & Perdikaris, Understanding and mitigating gradient flow pathologies, 2021, Algorithm 1, whose running
average it is smoothed by.

Measured on the twelve named functions with the default network and Adam, each beside the best of seven fixed weights
from 10^-3 to 10^3 (the least product of both errors). With the default seed no error is more than 0.91 times that of
the best weight, MSE(f) 0.37 and MSE(f') 0.47 times in the geometric mean, and 0.39 and 0.48 times where the fixed
ones hand in their best weights too. With two other seeds 2 of 24 runs were beyond 1.5 times in an error: wave-packet
2.6 times in both, growing-waves 2.3 times in f'. It fails where an instability of Adam comes late. Weights by the
norms of gradients were 16 and 3 times as bad as the best, those that fall as a run goes on 6 times and more. Much of
the gain is that a rising weight lengthens Adam's steps, whose averages lag: with the function's weight lowered in its
place there was none.
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
