"""The points of a problem as tensors."""

from dataclasses import dataclass

import torch
from torch import Tensor

from tui_runge.problems import Points


@dataclass(frozen=True)
class Dataset:
    """Points x with the values y = f(x) and the derivatives dy = f'(x), each (n, 1); NaN where one is not known.

    Smoothing draws f̂'' towards `ddy`: 0, less what the stages before have of it.
    """

    x: Tensor
    y: Tensor
    dy: Tensor
    ddy: Tensor | float = 0.0

    @property
    def known(self) -> tuple[bool, bool]:
        """Whether f is known at any point, and whether f' is."""
        return tuple(not bool(column.isnan().all()) for column in (self.y, self.dy))  # type: ignore[return-value]

    def divided_by(self, scale: float) -> "Dataset":
        """The same points with f divided by `scale`."""
        return self if scale == 1 else Dataset(self.x, self.y / scale, self.dy / scale, self.ddy / scale)

    def in_float64(self) -> "Dataset":
        """The same points in float64 on the CPU."""
        ddy = self.ddy.double().cpu() if isinstance(self.ddy, torch.Tensor) else self.ddy
        return Dataset(self.x.double().cpu(), self.y.double().cpu(), self.dy.double().cpu(), ddy)


def dataset(points: Points, dtype: torch.dtype, device: torch.device) -> Dataset:
    """Points as tensors (n, 1), rounded to a floating-point type."""
    columns = points.x, points.f, points.df
    return Dataset(*(torch.from_numpy(column).to(device, dtype)[:, None] for column in columns))
