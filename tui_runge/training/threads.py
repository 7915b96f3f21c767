"""How many threads a training is worth; without torch, so that a plan can say it."""

import itertools

from tui_runge.core.config import Config

SHARED_PRODUCTS = 2**24
"""Products of a weight and a value from which two threads are a third faster than one, as measured."""


def threads(config: Config, most: int) -> int:
    """The number of threads to compute on: as configured, else one until a step's products are worth sharing out."""
    sizes = (1, *config.hidden, 1)
    points = config.train_points if config.points is None else len(config.points)
    products = min(points, config.batch_size or points) * sum(a * b for a, b in itertools.pairwise(sizes))
    return config.threads or (1 if products < SHARED_PRODUCTS else most)
