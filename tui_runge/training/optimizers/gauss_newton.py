"""The two linear systems of a damped Gauss-Newton step s, (J^T J + damping I) s = J^T r, for weighted residuals r.

There are 2n residuals: the errors of n values, then of n derivatives, times the square roots of `row_weights`; their
squares sum to the loss, and those of targets that are not known are 0. Smoothing adds n second derivatives. A layer's
part of J has the structure of outer products: with h its inputs and v the derivative of f̂ in its z, f̂ has the gradient
v h^T. So that of f̂' is the derivative along x of this, v' h^T + v h'^T, and that of f̂'' is
v'' h^T + 2 v' h'^T + v h''^T.

What `backward` leaves of the highest derivative, by Leibniz's rule too, is all that these need: (v', v) for f̂', and
(v'', 2 v', v) for f̂''.
"""

import itertools
from math import comb
from typing import NamedTuple

import torch
from torch import Tensor

from tui_runge.training.objectives import ByTangents

LARGEST_SYSTEM = 10_000
CHUNK = 2**22
"""Numbers of a chunk of J at most."""
PADDING = 8
"""Rows of the identity added to a system whose rows would else lie a power of 2 apart and collide in the cache."""


class Product(NamedTuple):
    """A block of a layer's errors times a block of its inputs, times a factor: a term of a gradient."""

    error: int
    input: int
    factor: float


def products(order: int, orders: int) -> list[Product]:
    """The terms of the gradient of f̂'s derivative of an order, given the errors of the highest of so many orders."""
    highest = orders - 1
    terms = []
    for k in range(order + 1):
        error = highest - (order - k)
        terms.append(Product(error, k, comb(order, k) / comb(highest, error)))
    return terms


class DualSystem:
    """s = J^T a with (J J^T + damping I) a = r: a square system of the residuals, built without J, layer by layer.

    For more weights than residuals. After Jnini & Vella, Dual Natural Gradient Descent, 2025.
    """

    def __init__(self, objective: ByTangents) -> None:
        self._objective = objective
        self.residuals = size = objective.errors.numel()
        padding = PADDING if size % 64 == 0 else 0
        memory = [objective.weights.new_zeros(size + padding, size + padding) for _ in range(3)]
        memory[0].diagonal()[size:] = 1
        self._padded, self._factor, _ = memory
        self._info = torch.empty((), dtype=torch.int32)
        self._kernel, self._error_products, self._input_products = (square[:size, :size] for square in memory)
        orders = len(objective.errors)
        #: the lower triangle's parts (n, n), with the rows that they are of
        self._blocks = [
            (row, column, block)
            for row, blocks in enumerate(_blocks(self._kernel, orders))
            for column, block in enumerate(blocks[: row + 1])
        ]
        errors, inputs = _blocks(self._error_products, orders), _blocks(self._input_products, orders)
        self._terms = [
            (block, errors[one.error][two.error], inputs[one.input][two.input], one.factor * two.factor)
            for row, column, block in self._blocks
            for one, two in itertools.product(products(row, orders), products(column, orders))
        ]

    def build(self) -> None:
        """Form the lower triangle of J J^T at the present weights."""
        objective = self._objective
        _propagate(objective)
        self._kernel.zero_()
        for errors, inputs in zip(objective.backward.errors, objective.backward.inputs, strict=True):
            torch.mm(errors.t(), errors, out=self._error_products)
            torch.mm(inputs.t(), inputs, out=self._input_products)
            for block, error_block, input_block, factor in self._terms:
                block.addcmul_(error_block, input_block, value=factor)
        roots = objective.row_weights.sqrt()
        for row, column, block in self._blocks:
            block.mul_(torch.outer(roots[row], roots[column]))
        self._diagonal = self._kernel.diagonal().clone()

    @property
    def mean_diagonal(self) -> float:
        """The mean of the diagonal of J J^T as built last."""
        return self._diagonal.mean().item()

    def solve(self, damping: float) -> Tensor | None:
        """The step s (p,), a buffer; None where rounding leaves the system not positive definite."""
        objective = self._objective
        torch.add(self._diagonal, damping, out=self._kernel.diagonal())
        _, info = torch.linalg.cholesky_ex(self._padded, out=(self._factor, self._info))
        if info.item():
            return None
        factor = self._factor[: self._diagonal.numel(), : self._diagonal.numel()]
        roots = objective.row_weights.sqrt()
        a = torch.cholesky_solve((roots * objective.errors).view(-1, 1), factor)
        torch.mul(roots, a.view(objective.errors.shape), out=objective.backward.seeds)
        return objective.backward()


class NormalEquations:
    """The p x p normal equations, for fewer weights than residuals; J is formed a few points at a time."""

    def __init__(self, objective: ByTangents) -> None:
        self._objective = objective
        self.residuals, size = objective.errors.numel(), objective.weights.numel()
        self._chunk = max(1, CHUNK // (2 * size))
        self._matrix, self._factor = (objective.weights.new_empty(size, size) for _ in range(2))

    def build(self) -> None:
        """Form J^T J at the present weights."""
        objective = self._objective
        orders, n = objective.errors.shape
        _propagate(objective)
        roots = objective.row_weights.sqrt().expand(orders, n)
        self._matrix.zero_()
        for start in range(0, n, self._chunk):
            points = slice(start, start + self._chunk)
            for order in range(orders):
                rows = self._jacobian(points, order).mul_(roots[order, points, None])
                self._matrix.addmm_(rows.t(), rows)
        self._diagonal = self._matrix.diagonal().clone()
        self._right = objective.gradient() / 2

    @property
    def mean_diagonal(self) -> float:
        """The mean of the diagonal of J^T J as built last."""
        return self._diagonal.mean().item()

    def _jacobian(self, points: slice, order: int) -> Tensor:
        """The rows (k, p) of f̂'s derivative of an order at k points."""
        backward, orders = self._objective.backward, len(self._objective.errors)
        layers = []
        for errors, inputs in zip(backward.errors, backward.inputs, strict=True):
            us = [block[points, :, None] for block in errors.t().tensor_split(orders)]
            hs = [block[points, None] for block in inputs.t().tensor_split(orders)]
            first, *others = products(order, orders)
            rows = (us[first.error] * first.factor) * hs[first.input]
            for other in others:
                rows.addcmul_(us[other.error], hs[other.input], value=other.factor)
            layers.append(rows.flatten(1))
        return torch.cat(layers, 1)

    def solve(self, damping: float) -> Tensor | None:
        """The step s (p,); None where rounding leaves the system not positive definite."""
        torch.add(self._diagonal, damping, out=self._matrix.diagonal())
        factor, info = torch.linalg.cholesky_ex(self._matrix)
        if info.item():
            return None
        return torch.cholesky_solve(self._right[:, None], factor)[:, 0]


def _blocks(square: Tensor, side: int) -> list[tuple[Tensor, ...]]:
    """The parts of a matrix, so many a side."""
    return [rows.tensor_split(side, dim=1) for rows in square.tensor_split(side)]


def _propagate(objective: ByTangents) -> None:
    """Fill the backward pass's errors with those of the highest derivative at each point."""
    objective.backward.seeds.zero_()
    objective.backward.seeds[-1] = 1
    objective.backward.propagate()


def smaller_system(objective: ByTangents) -> DualSystem | NormalEquations:
    """The smaller of the two systems."""
    weights, residuals = objective.weights.numel(), objective.errors.numel()
    return NormalEquations(objective) if weights < residuals else DualSystem(objective)


def check_size(weights: int, residuals: int) -> None:
    """Raise ValueError where even the smaller system is too large for memory."""
    if min(weights, residuals) > LARGEST_SYSTEM:
        raise ValueError(
            f"optimizer lm solves for the fewer of weights and residuals, which must be <= {LARGEST_SYSTEM}, "
            f"got {weights} weights and {residuals} residuals: take fewer points or smaller layers"
        )
