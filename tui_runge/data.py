"""The points a network is trained and judged on."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tui_runge.config import NODES
from tui_runge.targets import Target

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Dataset:
    """Points x with the values y = f(x) and the derivatives dy = f'(x), each of shape (n, 1)."""

    x: Tensor
    y: Tensor
    dy: Tensor

    def over(self, size: float) -> "Dataset":
        """The same points with f divided by `size`."""
        return self if size == 1 else Dataset(self.x, self.y / size, self.dy / size)


def uniform(points: int) -> Floats:
    """`points` equally spaced nodes of [-1, 1], endpoints included."""
    return np.linspace(-1.0, 1.0, points)


def chebyshev(points: int) -> Floats:
    """The `points` zeros of a Chebyshev polynomial, in rising order: denser near the ends, which they leave out."""
    return np.sin(np.pi * (np.arange(points) - (points - 1) / 2) / points)


PLACES = dict(zip(NODES, (uniform, chebyshev), strict=True))


def sample(target: Target, nodes: str, points: int, dtype: torch.dtype, device: torch.device) -> Dataset:
    """The target at `points` nodes of one of the kinds of `Config.nodes`.

    Evaluated in float64 and rounded once, so that float32 data carry no error of the formula's own.
    """
    x = PLACES[nodes](points)
    columns = (torch.from_numpy(column).to(device, dtype)[:, None] for column in (x, target.f(x), target.df(x)))
    return Dataset(*columns)
