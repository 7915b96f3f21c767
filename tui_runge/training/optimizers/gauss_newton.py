"""The two linear systems of a damped Gauss-Newton step s, (J^T J + damping I) s = J^T r, for weighted residuals r.

There are 2n residuals: the errors of n values, then of n derivatives, times the square roots of `row_weights`; their
squares sum to the loss, and those of targets that are not known are 0. A layer's part of J has the structure of outer
products: with h and h' its inputs, and u and v the derivatives of f̂' in its z and z', f̂ has the gradient v h^T and
f̂' has u h^T + v h'^T. (The derivative of f̂ in z is v too, since z' passes through the same linear maps as a change of
z.)
"""

import torch
from torch import Tensor

from tui_runge.training.objectives import ByTangents

LARGEST_SYSTEM = 10_000
CHUNK = 2**22
"""Numbers of a chunk of J at most."""
PADDING = 8
"""Rows of the identity added to a system whose rows would else lie a power of 2 apart and collide in the cache."""


class DualSystem:
    """s = J^T a with (J J^T + damping I) a = r: a 2n x 2n system, built without J, layer by layer.

    For more weights than residuals. After Jnini & Vella, Dual Natural Gradient Descent, 2025.
    """

    def __init__(self, objective: ByTangents) -> None:
        self._objective = objective
        self._points = objective.errors.shape[1]
        size = 2 * self._points
        padding = PADDING if size % 64 == 0 else 0
        memory = [objective.weights.new_zeros(size + padding, size + padding) for _ in range(3)]
        memory[0].diagonal()[size:] = 1
        self._padded, self._factor, _ = memory
        self._info = torch.empty((), dtype=torch.int32)
        self._kernel, self._error_products, self._input_products = (square[:size, :size] for square in memory)

    def build(self) -> None:
        """Form the lower triangle of J J^T at the present weights."""
        objective, n = self._objective, self._points
        backward = objective.backward
        backward.seeds[0], backward.seeds[1] = 0, 1
        backward.propagate()
        self._kernel.zero_()
        for errors, inputs in zip(backward.errors, backward.inputs, strict=True):
            torch.mm(errors.t(), errors, out=self._error_products)
            torch.mm(inputs.t(), inputs, out=self._input_products)
            self._add_layer()
        function, derivative = objective.row_weights.sqrt()
        self._kernel[:n, :n].mul_(torch.outer(function, function))
        self._kernel[n:, :n].mul_(torch.outer(derivative, function))
        self._kernel[n:, n:].mul_(torch.outer(derivative, derivative))
        self._diagonal = self._kernel.diagonal().clone()

    @property
    def mean_diagonal(self) -> float:
        """The mean of the diagonal of J J^T as built last."""
        return self._diagonal.mean().item()

    def _add_layer(self) -> None:
        n = self._points
        (uu, uv), (vu, vv) = ((rows[:, :n], rows[:, n:]) for rows in torch.split(self._error_products, n))
        (hh, hg), (gh, gg) = ((rows[:, :n], rows[:, n:]) for rows in torch.split(self._input_products, n))
        self._kernel[:n, :n].addcmul_(vv, hh)
        self._kernel[n:, :n].addcmul_(uv, hh).addcmul_(vv, gh)
        self._kernel[n:, n:].addcmul_(uu, hh).addcmul_(uv, hg).addcmul_(vu, gh).addcmul_(vv, gg)

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
        torch.mul(roots, a.view(2, -1), out=objective.backward.seeds)
        return objective.backward()


class NormalEquations:
    """The p x p normal equations, for fewer weights than residuals; J is formed a few points at a time."""

    def __init__(self, objective: ByTangents) -> None:
        self._objective = objective
        size = objective.weights.numel()
        self._chunk = max(1, CHUNK // (2 * size))
        self._matrix, self._factor = (objective.weights.new_empty(size, size) for _ in range(2))

    def build(self) -> None:
        """Form J^T J at the present weights."""
        objective, n = self._objective, self._objective.errors.shape[1]
        objective.backward.seeds[0], objective.backward.seeds[1] = 0, 1
        objective.backward.propagate()
        roots = objective.row_weights.sqrt().expand(2, n)
        self._matrix.zero_()
        for start in range(0, n, self._chunk):
            points = slice(start, start + self._chunk)
            for root, rows in zip(roots, self._jacobian(points), strict=True):
                rows.mul_(root[points, None])
                self._matrix.addmm_(rows.t(), rows)
        self._diagonal = self._matrix.diagonal().clone()
        self._right = objective.gradient() / 2

    @property
    def mean_diagonal(self) -> float:
        """The mean of the diagonal of J^T J as built last."""
        return self._diagonal.mean().item()

    def _jacobian(self, points: slice) -> tuple[Tensor, Tensor]:
        """The rows (k, p) of f̂ and of f̂' at k points."""
        values, derivatives = [], []
        backward, n = self._objective.backward, self._objective.errors.shape[1]
        for errors, inputs in zip(backward.errors, backward.inputs, strict=True):
            u, v = errors.t()[:n][points, :, None], errors.t()[n:][points, :, None]
            h, g = inputs.t()[:n][points, None], inputs.t()[n:][points, None]
            values.append((v * h).flatten(1))
            derivatives.append(torch.addcmul(u * h, v, g).flatten(1))
        return torch.cat(values, 1), torch.cat(derivatives, 1)

    def solve(self, damping: float) -> Tensor | None:
        """The step s (p,); None where rounding leaves the system not positive definite."""
        torch.add(self._diagonal, damping, out=self._matrix.diagonal())
        factor, info = torch.linalg.cholesky_ex(self._matrix)
        if info.item():
            return None
        return torch.cholesky_solve(self._right[:, None], factor)[:, 0]


def smaller_system(objective: ByTangents) -> DualSystem | NormalEquations:
    """The smaller of the two systems; raises ValueError where even that is too large for memory."""
    weights, residuals = objective.weights.numel(), objective.errors.numel()
    if min(weights, residuals) > LARGEST_SYSTEM:
        raise ValueError(
            f"optimizer lm solves for the fewer of weights and residuals, which must be <= {LARGEST_SYSTEM}, "
            f"got {weights} weights and {residuals} residuals: take fewer points or smaller layers"
        )
    return NormalEquations(objective) if weights < residuals else DualSystem(objective)
