"""The points of a problem as tensors, in the units that the network is trained in."""

from dataclasses import dataclass

import torch
from torch import Tensor

from tui_runge.core.scaling import IDENTITY, Scaling
from tui_runge.problems import Points


@dataclass(frozen=True)
class Dataset:
    """Points x with the values y = f(x) and the derivatives dy = f'(x), each of shape (n, 1)."""

    x: Tensor
    y: Tensor
    dy: Tensor

    def divided_by(self, scale: float) -> "Dataset":
        """The same points with f divided by `scale`."""
        return self if scale == 1 else Dataset(self.x, self.y / scale, self.dy / scale)


def dataset(points: Points, dtype: torch.dtype, device: torch.device, scaling: Scaling = IDENTITY) -> Dataset:
    """Points as tensors (n, 1), scaled in float64 and rounded once."""
    columns = scaling.network_x(points.x), scaling.network_f(points.f), scaling.network_df(points.df)
    return Dataset(*(torch.from_numpy(column).to(device, dtype)[:, None] for column in columns))
