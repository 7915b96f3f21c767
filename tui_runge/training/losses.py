"""The Sobolev loss (Czarnecki et al., Sobolev Training for Neural Networks, 2017) and the errors of a fit.

A target is NaN where it is not known; all means and maxima are over the points where it is.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from tui_runge.core.errors import Errors
from tui_runge.core.scaling import IDENTITY, Scaling
from tui_runge.training.data import Dataset


class LossWeights(NamedTuple):
    """The weights of the terms of a loss."""

    function: float
    derivative: float
    smoothing: float


class Losses(NamedTuple):
    """total = function_weight * function + derivative_weight * derivative; the terms are mean squares; shape ()."""

    total: Tensor
    function: Tensor
    derivative: Tensor


def sobolev(fit: tuple[Tensor, Tensor], data: Dataset, function_weight: float, derivative_weight: float) -> Losses:
    """The losses of values and derivatives, each (n, 1), against the data; a term is 0 where nothing is known."""
    value, derivative = fit
    mse_f, mse_df = _mean_square(value, data.y), _mean_square(derivative, data.dy)
    return Losses(function_weight * mse_f + derivative_weight * mse_df, mse_f, mse_df)


def _mean_square(fit: Tensor, target: Tensor) -> Tensor:
    """The mean square () of the errors of a fit (n, 1)."""
    known = ~target.isnan()
    # Chosen before they are squared: the gradient of a NaN left out afterwards is NaN.
    errors = torch.where(known, fit - target, 0.0)
    return errors.square().sum() / known.sum().clamp(min=1)


def errors(fit: tuple[Tensor, Tensor], data: Dataset, scaling: Scaling = IDENTITY) -> Errors:
    """Mean squared and maximal absolute errors of values and derivatives, each (n, 1); NaN where nothing is known.

    With a scaling, fit and data are in the network's units and the errors in the user's.
    """
    error_f, error_df = ((fitted - y)[~y.isnan()] for fitted, y in zip(fit, (data.y, data.dy), strict=True))
    return Errors(
        mse_f=error_f.square().mean().item() * scaling.f_scale**2,
        mse_df=error_df.square().mean().item() * scaling.df_scale**2,
        max_f=_largest(error_f) * scaling.f_scale,
        max_df=_largest(error_df) * scaling.df_scale,
    )


def _largest(errors: Tensor) -> float:
    """The largest absolute value of errors (n,), NaN of none."""
    return errors.abs().max().item() if len(errors) else math.nan
