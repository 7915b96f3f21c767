"""The Sobolev loss (Czarnecki et al., Sobolev Training for Neural Networks, 2017) and the errors of a fit."""

from typing import NamedTuple

from torch import Tensor

from tui_runge.core.errors import Errors
from tui_runge.core.scaling import IDENTITY, Scaling
from tui_runge.training.data import Dataset


class Losses(NamedTuple):
    """total = function_weight * function + derivative_weight * derivative; the terms are mean squares; shape ()."""

    total: Tensor
    function: Tensor
    derivative: Tensor


def sobolev(fit: tuple[Tensor, Tensor], data: Dataset, function_weight: float, derivative_weight: float) -> Losses:
    """The losses of values and derivatives, each (n, 1), against the data."""
    value, derivative = fit
    mse_f = (value - data.y).square().mean()
    mse_df = (derivative - data.dy).square().mean()
    return Losses(function_weight * mse_f + derivative_weight * mse_df, mse_f, mse_df)


def errors(fit: tuple[Tensor, Tensor], data: Dataset, scaling: Scaling = IDENTITY) -> Errors:
    """Mean squared and maximal absolute errors of values and derivatives, each (n, 1).

    With a scaling, fit and data are in the network's units and the errors in the user's.
    """
    error_f, error_df = fit[0] - data.y, fit[1] - data.dy
    return Errors(
        mse_f=error_f.square().mean().item() * scaling.f_scale**2,
        mse_df=error_df.square().mean().item() * scaling.df_scale**2,
        max_f=error_f.abs().max().item() * scaling.f_scale,
        max_df=error_df.abs().max().item() * scaling.df_scale,
    )
