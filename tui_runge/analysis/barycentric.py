"""Interpolants in barycentric form: polynomials, and rational functions (Berrut & Trefethen, SIAM Review, 2004)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]

NEAR = 1e-8
"""Nearer to a node than this, a difference quotient has lost half of its digits: the derivative is that at the node."""
ENTRIES = 2**20
"""Of the largest matrix, of places by nodes, that is held at once."""


@dataclass(frozen=True)
class Barycentric:
    """r(t) = sum_j w_j f_j / (t - t_j) / sum_j w_j / (t - t_j), with nodes t_j of [-1, 1], values f_j, weights w_j.

    Each array is of shape (n,); the nodes are distinct.
    """

    nodes: Floats
    values: Floats
    weights: Floats

    def __call__(self, t: Floats) -> Floats:
        """r at t (m,), of shape (m,)."""
        return self._by_parts(self._value, t)

    def derivative(self, t: Floats) -> Floats:
        """r' at t (m,), of shape (m,); after Schneider & Werner, Mathematics of Computation, 1986."""
        return self._by_parts(self._slope, t)

    def _by_parts(self, evaluate: Callable[[Floats], Floats], t: Floats) -> Floats:
        parts = -(-len(t) * len(self.nodes) // ENTRIES) or 1
        with np.errstate(all="ignore"):  # at a node, where the quotient of two infinities is put right, and at a pole
            return np.concatenate([evaluate(part) for part in np.array_split(t, parts)])

    def _value(self, t: Floats) -> Floats:
        apart = t[:, None] - self.nodes
        shares = self.weights / apart
        values: Floats = (shares @ self.values) / shares.sum(axis=1)
        places, nodes = np.nonzero(apart == 0)
        values[places] = self.values[nodes]
        return values

    def _slope(self, t: Floats) -> Floats:
        apart = t[:, None] - self.nodes
        shares = self.weights / apart
        quotients = (self._value(t)[:, None] - self.values) / apart
        slopes: Floats = (shares * quotients).sum(axis=1) / shares.sum(axis=1)
        places, nodes = np.nonzero(np.abs(apart) < NEAR)
        slopes[places] = self._slopes_at_nodes[nodes]
        return slopes

    @cached_property
    def _slopes_at_nodes(self) -> Floats:
        apart = self.nodes[:, None] - self.nodes
        np.fill_diagonal(apart, 1)
        rises = self.values[:, None] - self.values
        slopes: Floats = -(rises / apart) @ self.weights / self.weights
        return slopes


def uniform_weights(count: int) -> Floats:
    """The weights (count,) of the polynomial through equally spaced nodes: binomials, the largest made 1."""
    number = np.arange(count)
    logs = -gammaln(number + 1) - gammaln(count - number)
    weights: Floats = (-1.0) ** number * np.exp(logs - logs.max())
    return weights


def chebyshev_weights(count: int) -> Floats:
    """The weights (count,) of the polynomial through the zeros of a Chebyshev polynomial, in rising order."""
    number = np.arange(count)
    return np.asarray((-1.0) ** number * np.sin(np.pi * (number + 0.5) / count), dtype=np.float64)
