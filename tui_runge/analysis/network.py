"""A model in NumPy: a screen evaluates it in a millisecond, without torch and the lock that training needs."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tui_runge.core.progress import Floats, Model

Layer = NDArray[np.floating]
Function = Callable[[Layer], Layer]

ROOT_TWO = math.sqrt(2)


def _sigmoid(z: Layer) -> Layer:
    return (1 + np.tanh(z / 2)) / 2  # exp(-z) would overflow


def _silu_derivative(z: Layer) -> Layer:
    gate = _sigmoid(z)
    return gate * (1 + z * (1 - gate))


def _normal_distribution(z: Layer) -> Layer:
    erf: Layer = np.frompyfunc(math.erf, 1, 1)(z / ROOT_TWO).astype(z.dtype)  # NumPy has none
    return (1 + erf) / 2


def _gelu_derivative(z: Layer) -> Layer:
    return _normal_distribution(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _softplus(z: Layer) -> Layer:
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z))),
    "sin": (np.sin, np.cos),
    "silu": (lambda z: z * _sigmoid(z), _silu_derivative),
    "gelu": (lambda z: z * _normal_distribution(z), _gelu_derivative),
    "softplus": (_softplus, _sigmoid),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
}
"""Each activation function and its derivative."""


def in_float64(model: Model) -> Model:
    """The same network with its weights as float64, in which it is then evaluated."""
    return replace(model, stages=tuple(tuple(layer.astype(np.float64) for layer in stage) for stage in model.stages))


def last_hidden(model: Model, stage: int, x: Floats) -> tuple[Layer, Layer]:
    """The last hidden layer h and dh/dx of one stage at the user's x (n,): each (units, n).

    The derivative is with respect to the network's x.
    """
    value, slope = ACTIVATIONS[model.activation]
    layers = model.stages[stage]
    h = model.scaling.network_x(x).astype(layers[0].dtype)[None]
    tangent = np.ones_like(h)
    with np.errstate(all="ignore"):  # a run that diverged is looked at too
        for layer in layers[:-1]:
            z, tangent = layer[:, :-1] @ h + layer[:, -1:], layer[:, :-1] @ tangent
            h, tangent = value(z), slope(z) * tangent
    return h, tangent


def evaluate(model: Model, x: Floats) -> tuple[Floats, Floats]:
    """f̂ and f̂' at x (n,), each (n,), all in the user's units."""
    f, df = np.zeros(x.shape), np.zeros(x.shape)
    with np.errstate(all="ignore"):
        for stage, scale in enumerate(model.scales):
            h, tangent = last_hidden(model, stage, x)
            output = model.stages[stage][-1]
            f += scale * (output[:, :-1] @ h + output[:, -1:])[0].astype(np.float64)
            df += scale * (output[:, :-1] @ tangent)[0].astype(np.float64)
        return model.scaling.user_f(f), model.scaling.user_df(df)
