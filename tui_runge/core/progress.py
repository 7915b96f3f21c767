"""The progress of a run, as plain numbers and arrays: all that the screen, the exports and `train` receive."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.field_types import Value
from tui_runge.core.gradient_samples import GradientSamples
from tui_runge.core.history import SERIES, Curves
from tui_runge.core.scaling import IDENTITY, Scaling

Floats = NDArray[np.float64]
Status = Literal["running", "paused", "finished", "diverged", "stopped"]


@dataclass(frozen=True)
class Fit:
    """The target and the network on the evaluation grid, each array of shape (n,)."""

    x: Floats
    f: Floats
    df: Floats
    f_hat: Floats
    df_hat: Floats


@dataclass(frozen=True)
class Model:
    """The network as plain arrays: the sum over `stages` of its scale times an MLP, whose layers are applied in turn.

    A layer is [weight | bias], of shape (outputs, inputs + 1). The sum is in the units of `scaling`.
    """

    activation: str
    scales: tuple[float, ...]
    stages: tuple[tuple[NDArray[Any], ...], ...]
    scaling: Scaling = IDENTITY

    @classmethod
    def of(
        cls, config: Config, scales: Sequence[float], weights: Sequence[NDArray[Any]], scaling: Scaling = IDENTITY
    ) -> Self:
        """The model whose stages have these scales and these weights (p,), layer after layer."""
        stages = tuple(_layers(config.hidden, flat) for flat in weights)
        return cls(config.activation, tuple(scales), stages, scaling)

    def in_float64(self) -> Self:
        """The same network, to be evaluated in float64: what it says of a place does not depend on those beside it."""
        stages = tuple(tuple(layer.astype(np.float64) for layer in layers) for layers in self.stages)
        return replace(self, stages=stages)


def _layers(hidden: tuple[int, ...], flat: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    shapes = [(outputs, inputs + 1) for inputs, outputs in itertools.pairwise((1, *hidden, 1))]
    ends = np.cumsum([rows * columns for rows, columns in shapes])
    return tuple(part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True))


@dataclass(frozen=True)
class Change:
    """A hyperparameter changed while training, after `epoch` epochs: it acted from the next one on."""

    epoch: int
    name: str
    before: Value
    after: Value


def merge_changes(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes with those of one hyperparameter after one epoch made one, or none where its value came back."""
    merged: dict[tuple[int, str], Change] = {}
    for change in changes:
        first = merged.get((change.epoch, change.name), change)
        merged[change.epoch, change.name] = replace(change, before=first.before)
    return tuple(change for change in merged.values() if change.before != change.after)


def effective_config(config: Config, changes: Sequence[Change], epoch: int) -> Config:
    """The configuration that the newest of `epoch` epochs was trained with: changes made after it never acted."""
    undone = {change.name: change.before for change in reversed(changes) if 0 < epoch <= change.epoch}
    return config.with_values(**undone)


@dataclass(frozen=True)
class Progress:
    """The state of a run after `epoch` epochs; cumulative, so that the newest replaces all before it.

    `seconds` is the time spent training, validation included; `speed` is in epochs/s over the last seconds; `message`
    says why a run diverged and what to try. `ended_by` names the stop condition that ended the run: epochs, stop_error,
    patience, max_seconds, converged, diverged or stopped; it is empty while the run trains. `details` are names and
    values to watch, such as Levenberg-Marquardt's damping. `stage_starts` are the epochs after which each stage but the
    first began. `times` (k,) are the seconds of training at the first epoch of each bucket of `curves`. `run` is the
    name it is kept under, `unsaved` why it is not being saved, if so, and `warning` what to know where it is; `parent`
    is the run it branched from, such as NAME@740. `losses` are those of the weights after `epoch` epochs, as `fit` and
    `errors` are, in the order of `SERIES`; a run of version 0.1.0 has none. The total loss of the training points has
    the smoothing in it, that of the validation points has not. `threads` is the number of threads that computed it, 0
    where it was not noted. `model` is set where it was asked for, and in a progress read from a checkpoint.
    `to_export` says that an export was asked for, and that all losses are on the disk.
    `best_epoch` is the epoch after which the weights stood that `fit`, `errors`, `losses` and `model` are of, where the
    best are handed in; else it is None. `train_x` (n,) are the training points where they were chosen while training,
    and empty where the configuration says where they are. `gradients` are those of the two losses, of sampled epochs.
    `sharpness` (k, 3) is what was measured while someone looked: the epochs trained, the largest eigenvalue of the
    loss's Hessian, and the learning rate; NaN where the optimizer has none. `auto_weight` is what a derivative_weight
    of auto stands for, None where a number was given.
    """

    config: Config
    status: Status
    epoch: int
    curves: Curves
    fit: Fit
    errors: Errors
    seconds: float
    speed: float
    changes: tuple[Change, ...] = ()
    message: str = ""
    ended_by: str = ""
    stage_starts: tuple[int, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    times: Floats = field(default_factory=lambda: np.empty(0))
    run: str = ""
    unsaved: str = ""
    warning: str = ""
    parent: str = ""
    losses: tuple[float, ...] = ()
    threads: int = 0
    best_epoch: int | None = None
    train_x: Floats = field(default_factory=lambda: np.empty(0))
    gradients: GradientSamples = field(default_factory=GradientSamples)
    sharpness: Floats = field(default_factory=lambda: np.empty((0, 3)))
    auto_weight: float | None = None
    model: Model | None = None
    to_export: bool = False

    def loss(self, series: str) -> float:
        """A loss of the present weights; where it was not noted, that of those which the newest epoch started from."""
        return self.losses[SERIES.index(series)] if self.losses else self.curves.newest(series)

    @property
    def derivative_weight(self) -> float:
        """The weight of MSE(f') in the loss: the number given, or the one that auto stands for now."""
        return weight_number(self.config, self.auto_weight)

    @property
    def seconds_left(self) -> float:
        """The seconds that its other epochs take at the present speed; NaN for what does not train, or not yet."""
        if self.status != "running" or not self.speed:
            return math.nan
        return max(0, self.config.epochs - self.epoch) / self.speed


def weight_number(config: Config, auto_weight: float | None) -> float:
    """The derivative's weight of a configuration, where auto stands for `auto_weight`; NaN where that is not known."""
    weight = config.derivative_weight
    if isinstance(weight, str):
        return math.nan if auto_weight is None else auto_weight
    return weight


def felt_changes(progress: Progress) -> tuple[Change, ...]:
    """The changes that acted on the run, merged: an epoch was trained after them, or they ended it."""
    return merge_changes([change for change in progress.changes if _acted(progress, change)])


def trained_config(progress: Progress) -> Config:
    """The configuration of the last epoch: without what was changed when there was no more epoch to act on."""
    without = [change for change in progress.changes if not _acted(progress, change)]
    return effective_config(progress.config, without, progress.epoch)


def _acted(progress: Progress, change: Change) -> bool:
    return change.epoch < progress.epoch or change.name == progress.ended_by
