"""Adaptive nodes: points are added between those there are while a network trains, where its errors are largest.

After Lu, Meng, Mao & Karniadakis, DeepXDE, 2021, section 2.8 (residual-based adaptive refinement).
"""

import numpy as np
from numpy.typing import NDArray

from tui_runge.core.config import Config

Floats = NDArray[np.float64]
EPOCHS = tuple(round(20 * 1.5**number) for number in range(10))
"""The epochs after which points are added; few epochs apart at first, whatever the number of epochs planned."""


def refines(config: Config, epoch: int) -> bool:
    """Whether points are added after an epoch."""
    return config.nodes == "adaptive" and not config.data and epoch in EPOCHS


def middles(x: Floats) -> Floats:
    """The middles (n - 1,) between neighbours of x (n,), in rising order."""
    ascending = np.sort(x)
    return (ascending[:-1] + ascending[1:]) / 2


def refined(x: Floats, config: Config, errors: Floats) -> Floats:
    """x (n,) with the middles behind them of the gaps that weigh most in the loss.

    `errors` (n - 1,) are the weighted squared errors at the `middles`. Each call adds a tenth of what is missing at the
    start to `train_points`, so that the last brings all.
    """
    initial = min(config.train_points, max(2, config.train_points // 2))
    share = -(-(config.train_points - initial) // len(EPOCHS))
    count = max(0, min(share, config.train_points - len(x), len(errors)))
    largest = np.argsort(-errors * np.diff(np.sort(x)), kind="stable")[:count]
    return np.concatenate((x, middles(x)[np.sort(largest)]))
