"""Mini-batches: steps along the gradient of some training points at a time."""

from collections.abc import Callable

import torch
from torch import Tensor

from tui_runge.problems.random_streams import random_words
from tui_runge.training.data import Dataset
from tui_runge.training.network import MLP
from tui_runge.training.objectives import ByAutograd, ByTangents, LossTerms

MakeObjective = Callable[[MLP, Dataset, Dataset], ByAutograd | ByTangents]


class Batches:
    """The objective of all points, whose gradient is that of the next batch of at most `size` of them.

    `shuffle` draws the order and begins anew. The gradients of whole batches have that of all points as their mean:
    where f, or f', is known of few points, it weighs as much in a batch as that has of them.
    """

    def __init__(
        self,
        network: MLP,
        train: Dataset,
        validation: Dataset,
        make_objective: MakeObjective,
        *,
        size: int,
        seed: int,
    ) -> None:
        self.weights = network.flat
        self._whole = make_objective(network, train, validation)
        #: (4, n, 1): the columns of the data, as they are and in the order of the epoch
        self._points = torch.stack((train.x, train.y, train.dy, torch.zeros_like(train.x).add_(train.ddy)))
        self._shuffled = self._points.clone()
        self._seed, self._size = seed, size
        self._starts = range(0, len(train.x), size)
        nothing = Dataset(train.x[:0], train.y[:0], train.dy[:0])
        self._objectives = {
            len(batch.x): make_objective(network, batch, nothing) for batch in map(self._batch, self._starts[-2:])
        }
        known = ~self._points[1:3].isnan()
        #: (2,): which share of all points has f, and f'; None where all have both
        self._shares = None if known.all() else _share(known).clamp(min=1 / len(train.x))
        self.set_loss_weights(1.0, 1.0)

    def __len__(self) -> int:
        return len(self._starts)

    def shuffle(self, epoch: int) -> None:
        """Draw the order of an epoch, which depends on the seed and the epoch alone."""
        order = random_words(self._seed, "batches", self._points.shape[1], epoch).argsort(kind="stable")
        torch.index_select(self._points, 1, torch.from_numpy(order).to(self._points.device), out=self._shuffled)
        self._next = iter(self._starts)

    def _batch(self, start: int) -> Dataset:
        return Dataset(*self._shuffled[:, start : start + self._size])

    def set_loss_weights(self, function_weight: float, derivative_weight: float, smoothing: float = 0.0) -> None:
        self._loss_weights, self._smoothing = (function_weight, derivative_weight), smoothing
        for objective in (self._whole, *self._objectives.values()):
            objective.set_loss_weights(function_weight, derivative_weight, smoothing)

    def loss_terms(self) -> LossTerms:
        return self._whole.loss_terms()

    def mean_square_curvature(self) -> float:
        return self._whole.mean_square_curvature()

    def loss(self) -> float:
        return self._whole.loss()

    def gradient(self) -> Tensor:
        batch = self._batch(next(self._next))
        objective = self._objectives[len(batch.x)]
        objective.train_on(batch)
        if self._shares is not None:
            known = ~torch.stack((batch.y, batch.dy)).isnan()
            function, derivative = (_share(known) / self._shares).tolist()
            weights = self._loss_weights[0] * function, self._loss_weights[1] * derivative
            objective.set_loss_weights(*weights, self._smoothing)
        return objective.gradient()

    def gradients(self) -> tuple[Tensor, Tensor]:
        return self._whole.gradients()


def _share(known: Tensor) -> Tensor:
    """The share of points that have f, and that of those that have f', (2,), of a mask (2, n, 1)."""
    return known.double().mean((1, 2))
