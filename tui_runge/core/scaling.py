"""From the user's units to those that a network is trained in, and back."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    Column = TypeVar("Column", NDArray[np.float64], Tensor)


@dataclass(frozen=True)
class Scaling:
    """The network sees (x - x_center) / x_scale and (f - f_center) / f_scale; the identity by default.

    Every method takes and returns arrays or tensors of any one shape. Raises ValueError for a value that is not finite
    and for a scale that is not > 0.
    """

    x_center: float = 0.0
    x_scale: float = 1.0
    f_center: float = 0.0
    f_scale: float = 1.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not math.isfinite(value) or ("scale" in name and value <= 0):
                rule = "a finite number > 0" if "scale" in name else "a finite number"
                raise ValueError(f"{name} must be {rule}, got {value:g}")

    @property
    def df_scale(self) -> float:
        """The user's f' where the network's is 1."""
        return self.f_scale / self.x_scale

    def network_x(self, x: "Column") -> "Column":
        """The network's x at the user's x."""
        return x if self == IDENTITY else (x - self.x_center) / self.x_scale

    def network_f(self, f: "Column") -> "Column":
        """The network's f for the user's f."""
        return f if self == IDENTITY else (f - self.f_center) / self.f_scale

    def network_df(self, df: "Column") -> "Column":
        """The network's f' for the user's f'."""
        return df if self == IDENTITY else df * (self.x_scale / self.f_scale)

    def user_f(self, f: "Column") -> "Column":
        """The user's f for the network's f."""
        return f if self == IDENTITY else f * self.f_scale + self.f_center

    def user_df(self, df: "Column") -> "Column":
        """The user's f' for the network's f'."""
        return df if self == IDENTITY else df * self.df_scale


IDENTITY = Scaling()
