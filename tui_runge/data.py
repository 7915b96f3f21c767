"""The points a network is trained and judged on."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tui_runge.targets import Target


@dataclass(frozen=True)
class Dataset:
    """Points x with the values y = f(x) and the derivatives dy = f'(x), each of shape (n, 1)."""

    x: Tensor
    y: Tensor
    dy: Tensor


def uniform(target: Target, points: int, dtype: torch.dtype, device: torch.device) -> Dataset:
    """The target at `points` equally spaced nodes of [-1, 1], endpoints included.

    Evaluated in float64 and rounded once, so that float32 data carry no error of the formula's own.
    """
    x = np.linspace(-1.0, 1.0, points)
    columns = (torch.from_numpy(column).to(device, dtype)[:, None] for column in (x, target.f(x), target.df(x)))
    return Dataset(*columns)
