"""The sharpness of a training loss: the largest eigenvalue of its Hessian in the weights.

Gradient descent with a larger rate than 2 over it is thrown out along its eigenvector; trained with a fixed rate, the
sharpness rises until it hovers there (Cohen et al., Gradient Descent on Neural Networks Typically Occurs at the Edge
of Stability, 2021).
"""

import math
from bisect import insort
from collections.abc import Callable, Generator
from time import perf_counter

import torch
from torch import Tensor

from tui_runge.core.config import OPTIMIZER_TRAITS
from tui_runge.training.objectives import ByTangents
from tui_runge.training.trainer import Trainer

STEP = 1e-5
"""How far the weights are moved, each way, for a product with the Hessian: exact gradients leave nine digits of it."""
TOLERANCE = 1e-5
"""How far a vector may be from an eigenvector, as a part of the eigenvalue: with less care another passes for it."""
MOST_PRODUCTS = 40
MOST_NUMBERS = 2**24
"""Numbers of all vectors together that a search may hold."""
MIXED_IN = 0.3
"""The part of noise in the eigenvector that the next search starts from, lest it miss one that has overtaken it."""
PERIOD = 0.1
"""Seconds between two measurements, at least."""
SHARE = 0.1
"""The part of the time that measuring may take."""
SLICE = 0.05
"""Seconds after which a search is put aside until it is asked for again, so that no key waits for it."""
MOST_SAMPLES = 1024
LARGEST_COPY = 2**24
"""Numbers that the copy of a network may hold, its activations at the training points among them."""

Search = Generator[None, None, tuple[float, Tensor]]


def hessian_product(objective: ByTangents) -> Callable[[Tensor], Tensor]:
    """The product of the loss's Hessian at the present weights with a vector of length 1, both (p,)."""
    start = objective.weights.clone()

    def product(direction: Tensor) -> Tensor:
        sides = []
        for step in (STEP, -STEP):
            torch.add(start, direction, alpha=step, out=objective.weights)
            sides.append(objective.gradient().clone())
        objective.weights.copy_(start)
        return (sides[0] - sides[1]) / (2 * STEP)

    return product


def largest_eigenvalue(product: Callable[[Tensor], Tensor], start: Tensor) -> Search:
    """The largest eigenvalue of a symmetric matrix, and its eigenvector (p,), by Lanczos' method.

    It is NaN where the products are not finite. A generator, which stops after each product.
    """
    most = min(MOST_PRODUCTS, start.numel(), max(2, MOST_NUMBERS // start.numel()))
    basis = (start / start.norm())[None]
    diagonal: list[float] = []
    beside: list[float] = []
    while True:
        rest = product(basis[-1])
        diagonal.append((rest @ basis[-1]).item())
        for _ in range(2):  # once leaves what rounding brings back
            rest = rest - basis.t() @ (basis @ rest)
        norm = rest.norm().item()
        if not math.isfinite(norm + diagonal[-1]):
            return math.nan, basis[0]
        small = torch.diag(torch.tensor(diagonal, dtype=torch.float64))
        small += torch.diag(torch.tensor(beside, dtype=torch.float64), -1)
        values, vectors = torch.linalg.eigh(small)
        value, vector = values[-1].item(), vectors[:, -1]
        if norm * abs(vector[-1].item()) <= TOLERANCE * abs(value) or len(diagonal) == most:
            return value, vector @ basis
        beside.append(norm)
        basis = torch.cat((basis, rest[None] / norm))
        yield


class SharpnessMeter:
    """Measures the sharpness of a trainer's loss when it is asked to, yet only now and then.

    `samples` are the epochs trained, in their order, the sharpness, NaN where it is not finite or the network too
    large, and the learning rate there, NaN where the optimizer has none. The loss is the one that the optimizer's steps
    lower, of all training points and in the network's units; of several stages it is that of the present one. It is
    measured at the present weights and, in turn, at those before that the trainer remembers.
    """

    def __init__(self) -> None:
        self.samples: list[tuple[float, float, float]] = []
        self._measured: set[int] = set()
        self._search: Search | None = None
        self._found: Tensor | None = None
        self._begun = (0, math.nan)
        self._spent = 0.0
        self._next = -math.inf
        self._past_next = False

    def advance(self, trainer: Trainer, *, at_once: bool) -> None:
        """Go on with a measurement for `SLICE` seconds, or begin one if it is time, or the trainer's weights rest.

        Where they rest the present weights come last: then nothing is left to measure.
        """
        start = perf_counter()
        if self._search is None and (start >= self._next or at_once):
            self._begin(trainer, past_first=at_once)
        elif self._search is None:
            return
        if self._search is not None:
            self._go_on(self._search, until=start + SLICE)
        now = perf_counter()
        self._spent += now - start
        if self._search is None:
            self._next = now + max(PERIOD, self._spent / SHARE)

    def _begin(self, trainer: Trainer, *, past_first: bool) -> None:
        """Begin to measure what was not yet: an earlier one first, or in turn with the present."""
        self._past_next = past_first or not self._past_next
        unknown = (each for each in trainer.past_weights if each.epochs not in self._measured)
        past = next(unknown, None) if self._past_next else None
        epochs = past.epochs if past else trainer.epoch
        if epochs in self._measured:
            return
        has_rate = OPTIMIZER_TRAITS[trainer.config.optimizer].uses_learning_rate
        rate = past.learning_rate if past else trainer.optimizer.learning_rate
        self._begun = epochs, rate if has_rate else math.nan
        self._spent = 0.0
        if trainer.size > LARGEST_COPY:
            self._note(math.nan)
            return
        objective = trainer.copy_of_objective(past)
        noise = torch.randn(objective.weights.shape, generator=torch.Generator().manual_seed(epochs))
        vector = noise.double() / noise.norm()
        if self._found is not None and self._found.shape == vector.shape:
            vector = self._found + MIXED_IN * vector
        self._search = largest_eigenvalue(hessian_product(objective), vector)

    def _go_on(self, search: Search, until: float) -> None:
        try:
            while perf_counter() < until:
                next(search)
        except StopIteration as ended:
            value, self._found = ended.value
            self._search = None
            self._note(value)

    def _note(self, sharpness: float) -> None:
        epochs, rate = self._begun
        self._measured.add(epochs)
        insort(self.samples, (float(epochs), sharpness, rate))
        if len(self.samples) > MOST_SAMPLES:
            del self.samples[1:-1:2]
