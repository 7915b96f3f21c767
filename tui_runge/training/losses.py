"""The Sobolev loss (Czarnecki et al., Sobolev Training for Neural Networks, 2017) and the errors of a fit."""

from typing import NamedTuple

from torch import Tensor

from tui_runge.core.errors import Errors
from tui_runge.training.data import Dataset


class Losses(NamedTuple):
    """total = function_weight * function + derivative_weight * derivative; the parts are mean squares, shape ()."""

    total: Tensor
    function: Tensor
    derivative: Tensor


def sobolev(fit: tuple[Tensor, Tensor], data: Dataset, function_weight: float, derivative_weight: float) -> Losses:
    """The losses of values and derivatives, each (n, 1), against the data."""
    value, derivative = fit
    function = (value - data.y).square().mean()
    slope = (derivative - data.dy).square().mean()
    return Losses(function_weight * function + derivative_weight * slope, function, slope)


def errors(fit: tuple[Tensor, Tensor], data: Dataset) -> Errors:
    """Mean squared and maximal absolute errors of values and derivatives, each (n, 1)."""
    of_f, of_df = fit[0] - data.y, fit[1] - data.dy
    return Errors(
        mse_f=of_f.square().mean().item(),
        mse_df=of_df.square().mean().item(),
        max_f=of_f.abs().max().item(),
        max_df=of_df.abs().max().item(),
    )
