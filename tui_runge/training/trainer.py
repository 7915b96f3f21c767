"""One training run without a clock: the networks, and the step that improves them."""

import math
from collections.abc import Mapping
from dataclasses import astuple
from operator import mul
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tui_runge.core.config import HYPERPARAMETERS, OPTIMIZER_TRAITS, Config
from tui_runge.core.errors import Errors
from tui_runge.core.field_types import AUTO
from tui_runge.core.gradient_samples import GradientSamples, is_sampled
from tui_runge.core.history import History
from tui_runge.core.progress import Fit, weight_number
from tui_runge.core.scaling import IDENTITY
from tui_runge.problems import Points, problem_of
from tui_runge.training.balance import Balance
from tui_runge.training.best import Best
from tui_runge.training.data import Dataset, dataset
from tui_runge.training.kept import Kept
from tui_runge.training.losses import LossWeights, errors
from tui_runge.training.objectives import ByTangents, LossTerms
from tui_runge.training.optimizers import Optimizer, same_structure
from tui_runge.training.refinement import middles, refined, refines
from tui_runge.training.stages import Stage, StageSum

DIVERGENCE_FACTOR = 1e4
"""A loss so many times the stage's first, or that of errors of 1 where that is less, does not come back: the
activations are saturated."""
LIVE = tuple(name for name, parameter in HYPERPARAMETERS.items() if parameter.live)
"""The hyperparameters that act while training."""
LOSS_WEIGHTS = ("function_weight", "derivative_weight", "smoothing")
"""The names of the weights of the loss's terms."""
MOST_PAST_WEIGHTS, LARGEST_PAST_WEIGHTS = 64, 2**16
"""How many earlier weights are remembered, and of how many numbers."""
EXTREME_WEIGHT, EXTREME_SCALE = 1e6, 1e3
"""A weight of the loss, or a scale of the first layer, from which it is a likelier cause of trouble than the usual."""


class DivergedError(ArithmeticError):
    """The loss is not finite or exploded; the trainer stands at the weights before. `advice` is the way out."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


class PastWeights(NamedTuple):
    """The weights (p,) of the present stage after so many epochs, and what they were trained with next."""

    epochs: int
    weights: Tensor
    config: Config
    learning_rate: float


class Trainer:
    """Trains a network on f and f' as a `Config` says; knows no clock, thread, file or screen.

    `config` acts from the next epoch on. `model` is the network, a sum of as many as there are stages so far; `losses`
    are those of the newest epoch, in the order of `SERIES`; NaN where f, or f', is known at no point.

    The network is trained in the units of `scaling`; losses and errors are in the user's. There the total loss is
    function_weight * MSE(f) + derivative_weight * x_scale^2 * MSE(f'). That on the training points, which is minimised,
    has smoothing * x_scale^4 * (the mean of f̂''^2 there) too; that on the validation points, by which patience judges,
    has not. With several stages f̂ is their sum so far. A derivative_weight of auto follows the losses, as `Balance`
    says; what judges a run - patience, the best weights, a schedule, a divergence - takes the weight that it starts
    from, so that losses of different epochs can be compared.

    Raises ValueError when the device is not there or the optimizer cannot train such a network.
    """

    def __init__(self, config: Config) -> None:
        self.config = self._trained_as = config
        self.epoch = 0
        self.losses: tuple[float, ...] = ()
        self.history = History()
        self._gradients: list[tuple[float, ...]] = []
        #: of sampled epochs since the points to fit last changed, for whoever asks what the loss was like there
        self.past_weights: list[PastWeights] = []
        self.model = StageSum()
        problem, dtype, device = problem_of(config), getattr(torch, config.dtype), _device(config.device)
        self.scaling = problem.scaling
        self._problem = problem
        #: the places that are trained on, in the user's units and in the order in which they were added
        self._nodes = problem.training.x
        parts = problem.evaluation, problem.training, problem.validation
        datasets = [dataset(problem.in_network_units(points), dtype, device) for points in parts]
        # the last two are what is left to fit: the data, and from the second stage on the residual of those before
        self.evaluation, self._train, self._validation = datasets
        self._errors_on = dict(zip(("grid", "training", "validation"), datasets, strict=True))[problem.errors_on]
        #: of the four losses of f and f', those that are NaN where nothing is known
        self._known = self._train.known + self._validation.known
        units = 2 * (self.scaling.f_scale**2, self.scaling.df_scale**2)
        self._units = [unit if known else math.nan for unit, known in zip(units, self._known, strict=True)]
        self._balance = Balance(problem.in_network_units(problem.training))
        self._earlier_stages: list[Stage] = []
        self._initial_terms: tuple[float, float] | None = None
        self._saved_train_error: float | None = None
        self._newest_loss = math.nan
        self._best: Best | None = None
        self._best_validation_loss, self._epochs_without_improvement = math.inf, 0
        self._begin_stage()

    @property
    def stage(self) -> int:
        """The number of the stage being trained, from 1."""
        return self._stage.number

    @property
    def stage_starts(self) -> tuple[int, ...]:
        """The epochs after which the second stage and those after it began."""
        return tuple(stage.start for stage in self._stages)[1:]

    @property
    def weights(self) -> Tensor:
        """All weights and biases (p,) of the stage being trained."""
        return self._stage.network.flat

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer of the stage being trained."""
        return self._stage.optimizer

    @property
    def best_epoch(self) -> int | None:
        """The epoch after which the weights stood that are handed in, where those are the best so far."""
        return self._best.epoch if self._best else None

    @property
    def gradients(self) -> GradientSamples:
        """The gradients of the two losses so far, of the epochs that were sampled."""
        return GradientSamples.of(self._gradients)

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """Names and values to watch, of the stage, the optimizer and the smoothing."""
        stage = (("stage", f"{self.stage}/{self.config.stages}"),) if self.config.stages > 1 else ()
        curvature: tuple[tuple[str, str], ...] = ()
        if self.config.smoothing:
            curvature = (("curvature", f"{math.sqrt(self._stage.mean_square_curvature()):.3g}"),)
        return *stage, *curvature, *self.optimizer.details

    @property
    def ended_by(self) -> str:
        """What ended the run - epochs, stop_error, patience or converged - or nothing while there is more to train."""
        config, kept = self.config, self._kept
        endings = {
            "epochs": self.epoch >= config.epochs,
            "stop_error": config.stop_error > 0 and self._train_error() <= config.stop_error,
            "patience": kept.patience and 0 < config.patience <= self._epochs_without_improvement,
            "converged": kept.verdict and self.optimizer.converged and self.stage >= config.stages,
        }
        return next((name for name, true in endings.items() if true), "")

    def update(self, config: Config) -> None:
        """Train with another configuration's live values from the next step on; until then it can be taken back.

        Raises ValueError, and changes nothing, where the optimizer cannot go on so.
        """
        self.optimizer.check(config)
        self.config = config

    @property
    def _kept(self) -> Kept:
        """What of the state the next epoch goes on with."""
        return Kept() if self.config is self._trained_as else Kept.between(self._trained_as, self.config)

    def apply_config(self) -> None:
        """Begin to train as `config` says, as each step does; `Kept` says what of the state stays."""
        if self.config is not self._trained_as:
            self._forget_all_but(self._kept)
            self._set_loss_weights()
            if not self.config.keeps_best:  # which a weight of auto does by itself
                self._best = None
            before, self._trained_as = self._trained_as, self.config
            if self.config.epochs != before.epochs:
                self._plan_optimizer()

    def _forget_all_but(self, kept: Kept) -> None:
        """Begin anew what is not kept, except for the method, whose state is that of an optimizer of its own."""
        if not kept.verdict:
            self.optimizer.forget_loss()
        if not kept.schedule:
            self._stage.schedule.forget_loss()
        if not kept.patience:
            self._reset_patience()
        if not kept.first_loss:
            self._initial_terms, self._balance.lag = None, None
        if not kept.best:
            self._best = None

    def _plan_optimizer(self) -> None:
        """Tell the optimizer how many epochs of its stage are left."""
        self.optimizer.plan(self._stage_end() - self.epoch)

    def step(self) -> None:
        """Train one epoch, a pass over the points; the losses recorded are those of all at the weights it starts from.

        Raises DivergedError where the training loss is not finite or exploded; the weights return to those before.
        """
        self.apply_config()
        if self.stage < self.config.stages and (self.optimizer.converged or self.epoch >= self._stage_end()):
            self.judge()
            self._next_stage()
        if self.stage == 1 and refines(self.config, self.epoch):
            self._add_points()
        self._check_range()
        self._check_first_layer()
        stage, terms = self._stage, self._judged_terms(f"at epoch {self.epoch + 1}")
        if self.config.weight_follows_losses and self._balance.is_due(self.epoch):
            self._balance.observe(*terms[:2])
            self._stage.set_derivative_weight(self._derivative_weight(self.config))
        self._initial_terms = self._initial_terms or terms[:2]
        loss = self._record(terms)
        sampled = is_sampled(self.epoch, second_order=OPTIMIZER_TRAITS[self.config.optimizer].second_order)
        if sampled:
            self._sample_gradients()
        self._weights_before.copy_(self.weights)
        factor = stage.schedule(self.epoch - stage.start, self._stage_end() - stage.start, loss)
        stage.optimizer.learning_rate = self.config.learning_rate * factor
        if sampled:
            self._remember_weights()
        stage.train(self.epoch)
        self.epoch += 1
        self._saved_train_error = None

    def _sample_gradients(self) -> None:
        """Note how the two losses of the epoch that begins pull at its weights, in the user's units."""
        function, derivative = self._stage.gradients()
        norms = function.norm().item(), derivative.norm().item()
        product = norms[0] * norms[1]
        cosine = (function @ derivative).item() / product if product else math.nan
        unit = self.scaling.f_scale**2
        self._gradients.append((self.epoch + 1, norms[0] * unit, norms[1] * unit, min(max(cosine, -1.0), 1.0)))

    @property
    def size(self) -> int:
        """How many numbers the weights of a stage and its activations at the training points are, about."""
        units = sum(self.config.hidden) + 1
        return self.weights.numel() + 4 * units * len(self._train.x)

    def copy_of_objective(self, past: PastWeights | None = None) -> ByTangents:
        """What the optimizer minimises at the present weights, in float64; or what it did at earlier ones.

        Whatever is done to it changes nothing.
        """
        objective = self._stage.copy_of_objective(past.config if past else self._trained_as)
        if past:
            objective.weights.copy_(past.weights)
        return objective

    def _remember_weights(self) -> None:
        if self.weights.numel() > LARGEST_PAST_WEIGHTS:
            return
        rate = self.optimizer.learning_rate
        self.past_weights.append(PastWeights(self.epoch, self.weights.clone(), self._trained_as, rate))
        if len(self.past_weights) > MOST_PAST_WEIGHTS:
            del self.past_weights[1:-1:2]

    def _add_points(self) -> None:
        """Train on more points from now on, where the errors are largest."""
        truth = self._problem.truth
        assert truth is not None  # adaptive nodes are of functions
        between = self._as_dataset(truth.at(middles(self._nodes)))
        value, derivative = self._stage.fit(between.x)
        function, slope = (
            (fit - known).double().square().cpu().numpy()[:, 0]
            for fit, known in ((value, between.y), (derivative, between.dy))
        )
        weights = self._loss_weights(self.config)
        weighted = weights.function * function + weights.derivative * slope
        self._train_on_nodes(refined(self._nodes, self.config, weighted))
        self._forget_all_but(Kept(verdict=False, schedule=False, patience=False, first_loss=False))
        self._plan_optimizer()

    def _train_on_nodes(self, nodes: NDArray[np.float64]) -> None:
        """Go on in the first stage with training data at other places."""
        assert self._problem.sample is not None  # adaptive nodes are of functions
        self._nodes = nodes
        self._train = self._as_dataset(self._problem.sample(nodes, 0))
        self._stage.replace_points(self.config, self._train, self._validation)
        self.past_weights = []

    def _load_nodes(self, state: Mapping[str, Any]) -> None:
        """Train on the nodes that were saved, where they are adaptive.

        Raises ValueError for what cannot be some of this problem.
        """
        if "nodes" not in state or not self.train_x.size:
            return
        nodes = np.asarray(state["nodes"])
        low, high = self._problem.interval
        if not (nodes.dtype == np.float64 and nodes.ndim == 1 and ((low <= nodes) & (nodes <= high)).all()):
            raise ValueError(f"nodes must be float64 numbers from {low:g} to {high:g}")
        if not len(self._nodes) <= len(nodes) <= self.config.train_points:
            raise ValueError(f"nodes must be {len(self._nodes)} to {self.config.train_points}, got {len(nodes)}")
        self._train_on_nodes(nodes)

    def _as_dataset(self, points: Points) -> Dataset:
        like = self._validation.x
        return dataset(self._problem.in_network_units(points), like.dtype, like.device)

    @property
    def train_x(self) -> NDArray[np.float64]:
        """The places that are trained on where they are chosen while training; else empty."""
        return np.sort(self._nodes) if self.config.nodes == "adaptive" and not self.config.data else np.empty(0)

    def judge(self) -> None:
        """Look at the weights that the last step led to, which no epoch starts from: to be called at the end.

        Raises DivergedError as `step` does. What is evaluated here is not evaluated again by a next step.
        """
        self._judged_terms(f"after epoch {self.epoch}")
        self._check_overflow(f"after epoch {self.epoch}")

    def _judged_terms(self, when: str) -> LossTerms:
        """The mean squared errors of the present weights; DivergedError for those of weights to go back from.

        An explosion is told by the errors alone: a network may begin with much more curvature than it ends with.
        """
        terms = self._stage.loss_terms()
        weights = self._loss_weights(self._trained_as)
        data_loss, first = (_total(weights, *each[:2]) for each in (terms, self._initial_terms or terms))
        loss = self._train_loss(weights, terms)
        if not (data_loss <= DIVERGENCE_FACTOR * max(self._unit_loss(weights), first) and math.isfinite(loss)):
            self.weights.copy_(self._weights_before)
            only_weighted = all(map(math.isfinite, terms)) and not math.isfinite(loss)
            advice = _turn("lower", self._larger_weight) if only_weighted else self._advice()
            raise DivergedError(f"the loss became {loss * self.scaling.f_scale**2:.3g} {when}", advice)
        if loss == self._newest_loss:
            self._check_overflow(when)
        self._newest_loss = loss
        if self.config.keeps_best:
            self._keep_best(terms)
        return terms

    def _keep_best(self, terms: LossTerms) -> None:
        """Keep the present weights where they are better on the validation points than the best so far.

        Not where another weighting of the loss is about to act, by which the next epoch judges them: a run that was
        stopped in between must come to the same.
        """
        config = self._trained_as
        if self._loss_weights(config)[:2] == self._loss_weights(self.config)[:2]:
            lowest = self._badness(config, self._best.terms) if self._best else math.inf
            if self._badness(config, terms) < lowest:
                self._best = Best(self.epoch, self.stage, terms, self.weights.clone())

    def _badness(self, config: Config, terms: LossTerms) -> float:
        """What the best weights have least of: the validation loss or, with a weight of auto, the product of its parts.

        The product is lowered as much by a percent of either error, whatever their sizes.
        """
        if config.judges_by_product and all(self._known[2:]):
            return terms.validation_function * terms.validation_derivative
        return self._validation_total(self._loss_weights(config), terms)

    def _unit_loss(self, weights: LossWeights) -> float:
        """The loss of errors as large as what the stage is to fit."""
        stage = self._stage
        return stage.scale**2 * max(weights.function, weights.derivative * stage.frequency**2)

    def _check_range(self) -> None:
        """Raise DivergedError for a value that the floating-point type cannot hold."""
        kind = torch.finfo(self.weights.dtype)
        for name in self._factors():
            value = self._factor(name)
            if value and not kind.tiny <= value <= kind.max:
                verb = "lower" if value > 1 else "raise"
                bounds = f"between {kind.tiny:.1e} and {kind.max:.1e} in {self.config.dtype}"
                raise DivergedError(
                    f"{name} must be {bounds}, got {value:g} at epoch {self.epoch + 1}", _turn(verb, name)
                )

    def _check_first_layer(self) -> None:
        """Raise DivergedError before the first epoch where the first layer's units are flat at all points."""
        if self.epoch == 0 and self.config.first_layer_scale >= EXTREME_SCALE:
            _, derivative = self._stage.fit(self._train.x)
            if not derivative.any():
                message = f"the network's derivative is 0 at all {len(derivative)} points at epoch 1"
                raise DivergedError(message, _turn("lower", "first_layer_scale"))

    def _check_overflow(self, when: str) -> None:
        """Raise DivergedError where the optimizer stands still, since its numbers are not finite any more."""
        if self.optimizer.overflowed:
            message = f"squares of the gradient are beyond {self.config.dtype} {when}"
            raise DivergedError(message, self._advice())

    def _factors(self) -> tuple[str, ...]:
        """The names of the values that steps are multiplied by."""
        rate = ("learning_rate",) if OPTIMIZER_TRAITS[self.config.optimizer].uses_learning_rate else ()
        return (*rate, *LOSS_WEIGHTS)

    def _factor(self, name: str) -> float:
        """The value that steps are multiplied by under a name."""
        return self._derivative_weight(self.config) if name == "derivative_weight" else getattr(self.config, name)

    @property
    def _larger_weight(self) -> str:
        return max(LOSS_WEIGHTS, key=self._factor)

    def _advice(self) -> str:
        """What to turn, given the weights before: of all that is extreme what is farthest from usual, else the rate."""
        config, weight = self.config, self._factor(self._larger_weight)
        harmless = OPTIMIZER_TRAITS[config.optimizer].scale_free or weight < EXTREME_WEIGHT
        extremes = {
            self._larger_weight: 0.0 if harmless else weight,
            "first_layer_scale": config.first_layer_scale if config.first_layer_scale >= EXTREME_SCALE else 0.0,
        }
        if "learning_rate" in self._factors():
            extremes["learning_rate"] = config.learning_rate / float(HYPERPARAMETERS["learning_rate"].default)  # type: ignore[arg-type]
        name, extreme = max(extremes.items(), key=lambda item: item[1])
        return _turn("lower", name) if extreme else "restart with another seed"

    def present_losses(self) -> tuple[float, ...]:
        """The losses of the weights handed in, the best or the present, as `losses` are those of an epoch."""
        best, config = self._best, self.config
        terms = best.terms if best else self._stage.loss_terms()
        weights = self._loss_weights(config)
        losses = self._train_loss(weights, terms, best), self._validation_total(weights, terms)
        return self._in_users_units(*self._with_risen_weight(config, weights, *losses, terms), terms)

    def _with_risen_weight(
        self, config: Config, weights: LossWeights, loss: float, validation_loss: float, terms: LossTerms
    ) -> tuple[float, float]:
        """The two total losses under the derivative's weight of now, given those under the weights it started from."""
        risen = self._derivative_weight(config) - weights.derivative
        if not risen:
            return loss, validation_loss
        return loss + risen * terms.train_derivative, validation_loss + risen * terms.validation_derivative

    @property
    def auto_weight(self) -> float | None:
        """What a derivative_weight of auto stands for; None where a number was given."""
        configs = self._trained_as, self.config
        return next((self._derivative_weight(each) for each in configs if each.derivative_weight == AUTO), None)

    def _derivative_weight(self, config: Config) -> float:
        """The derivative's weight of a configuration now."""
        factor = self._balance.weight if config.weight_follows_losses else self._balance.start
        return weight_number(config, config.function_weight * factor)

    def _loss_weights(self, config: Config) -> LossWeights:
        """The weights of a configuration; the one that auto starts from, under which losses can be compared."""
        derivative = weight_number(config, config.function_weight * self._balance.start)
        return LossWeights(config.function_weight, derivative, config.smoothing)

    def _set_loss_weights(self) -> None:
        """Minimise the loss that the configuration asks for from now on."""
        if not self.config.weight_follows_losses:
            self._balance.lag = None
        self._stage.set_loss_weights(self._loss_weights(self.config))
        self._stage.set_derivative_weight(self._derivative_weight(self.config))

    def _train_error(self) -> float:
        """The training MSE(f) of the present weights; of a run that 0.1.0 ended, the one that it was ended by."""
        if self._saved_train_error is None:
            return self._stage.loss_terms().train_function * self.scaling.f_scale**2
        return self._saved_train_error

    def evaluate(self) -> tuple[Fit, Errors]:
        """The network handed in on the evaluation grid, and its errors where the problem says, in the user's units."""
        data, scaling, points = self.evaluation, self.scaling, self._problem.evaluation
        fitted = self._fit(data)
        x, f, df, f_hat, df_hat = (c.double().cpu().numpy()[:, 0] for c in (data.x, data.y, data.dy, *fitted))
        if scaling != IDENTITY:  # to the network's units and back, 14.13 would come as 14.129999999999995
            x, f, df = points.x, points.f, points.df
        fit = Fit(x=x, f=f, df=df, f_hat=scaling.user_f(f_hat), df_hat=scaling.user_df(df_hat))
        judged = self._errors_on
        return fit, errors(fitted if judged is data else self._fit(judged), judged, scaling)

    def _fit(self, data: Dataset) -> tuple[Tensor, Tensor]:
        """f̂ and f̂' of the weights handed in at the points of a dataset, each (n, 1)."""
        best = self._best
        stages = self._stages[: best.stage if best else None]
        fits = [stage.fit(data.x, best.weights if best and stage is stages[-1] else None) for stage in stages]
        value, derivative = (torch.stack(terms).sum(0) for terms in zip(*fits, strict=True))
        return value, derivative

    def _train_loss(self, weights: LossWeights, terms: LossTerms, best: Best | None = None) -> float:
        """The loss that is minimised, given the mean squared errors of the present network or of the best."""
        loss = _total(weights, *terms[:2])
        if weights.smoothing:
            stage, network = (self._stages[best.stage - 1], best.weights) if best else (self._stage, None)
            loss += weights.smoothing * stage.mean_square_curvature(network)
        return loss

    def _validation_total(self, weights: LossWeights, terms: LossTerms) -> float:
        """The total validation loss; NaN where nothing that has a weight is known, so that no network is the best."""
        known = _total(weights, *self._known[2:]) > 0
        return _total(weights, *terms[2:]) if known else math.nan

    def _record(self, terms: LossTerms) -> float:
        """Append an epoch's losses to the history, in the user's units, and count the epochs for patience.

        Returns the training loss that a run is judged by.
        """
        config = self._trained_as
        weights = self._loss_weights(config)
        loss, validation_loss = self._train_loss(weights, terms), self._validation_total(weights, terms)
        shown = self._with_risen_weight(config, weights, loss, validation_loss, terms)
        self.losses = self._in_users_units(*shown, terms)
        self.history.append(self.losses)
        improved = validation_loss < self._best_validation_loss
        self._epochs_without_improvement = 0 if improved else self._epochs_without_improvement + 1
        self._best_validation_loss = min(self._best_validation_loss, validation_loss)
        return loss

    def _in_users_units(self, loss: float, validation_loss: float, terms: LossTerms) -> tuple[float, ...]:
        """Losses in the order of `SERIES`."""
        unit = self.scaling.f_scale**2
        in_users = tuple(map(mul, terms, self._units))
        return loss * unit, *in_users[:2], validation_loss * unit, *in_users[2:]

    def _reset_patience(self) -> None:
        self._best_validation_loss, self._epochs_without_improvement = math.inf, 0

    @property
    def _stages(self) -> tuple[Stage, ...]:
        return (*self._earlier_stages, self._stage)

    def _stage_end(self) -> int:
        """The epoch at which the stage ends: the epochs left at its start are shared equally."""
        shares = self.config.stages - self.stage + 1
        return self._stage.start + max(1, (self.config.epochs - self._stage.start) // shares)

    def _begin_stage(self, scale: float | None = None) -> None:
        number = len(self._earlier_stages) + 1
        self.past_weights = []
        data, weights = (self._train, self._validation), self._loss_weights(self.config)
        self._stage = Stage(self.config, number, self.epoch, *data, weights=weights, scale=scale)
        self._stage.set_derivative_weight(self._derivative_weight(self.config))
        self._plan_optimizer()
        self._weights_before = self.weights.clone()
        self.model.add(self._stage.network, self._stage.scale)

    def _next_stage(self, scale: float | None = None) -> None:
        """Leave the network as it is and begin the next on its residual, with a scale of its own unless given."""
        self._train, self._validation = self._stage.residual(self._train), self._stage.residual(self._validation)
        self._earlier_stages.append(self._stage)
        self._reset_patience()
        self._initial_terms, self._newest_loss = None, math.nan
        self._begin_stage(scale)

    def state_dict(self) -> dict[str, Any]:
        """Everything that `load_state_dict` needs to continue bit for bit in a trainer of the same configuration.

        The names are those of the checkpoints' format.
        """
        return {
            "epoch": self.epoch,
            "live": {name: getattr(self._trained_as, name) for name in LIVE},
            "starts": [stage.start for stage in self._stages],
            "sizes": [stage.scale for stage in self._stages],
            "scaling": astuple(self.scaling),
            "weights": [stage.network.flat.clone() for stage in self._stages],
            "finite": self._weights_before.clone(),
            "method": self.optimizer.state_dict(),
            "schedule": self._stage.schedule.state_dict(),
            "settled": self.optimizer.converged,
            "patience": (self._best_validation_loss, self._epochs_without_improvement, self._train_error()),
            "first": self._initial_terms,
            "best": self._best and self._best.state_dict(),
            "history": self.history.state_dict(),
            "gradients": self.gradients.rows,
            "lag": self._balance.lag,
        } | ({"nodes": self._nodes} if self.train_x.size else {})

    def load_state_dict(self, state: Mapping[str, Any], *, branch_of: Config | None = None) -> None:
        """Continue from a saved state, in a trainer that has not made a step.

        A branch goes on as another configuration than `branch_of`, which the state was saved with: `Kept` says what of
        the state stays. The live values act from the next step on, as after `update`. Raises ValueError where the state
        is not of such networks, or its run was trained in other units: the data have changed since.
        """
        other_units = "scaling" in state and tuple(state["scaling"]) != astuple(self.scaling)
        if branch_of is None and other_units:
            raise ValueError("the points to fit must be those that the run was trained on, got others: start a new run")
        if not 1 <= len(state["weights"]) == len(state["starts"]) <= self.config.stages:
            raise ValueError(f"stages must be >= {len(state['weights'])} to go on from there, got {self.config.stages}")
        wanted, saved_with = self.config, branch_of or self.config
        trained_as = _with_live_values(saved_with, state.get("live", {}))  # 0.1.0 trained as the state was saved
        self.config = self._trained_as = _with_live_values(wanted, vars(trained_as))
        self._balance.lag = state.get("lag")
        self._set_loss_weights()  # made with those that act from the next step on
        if Kept.between(saved_with, wanted).first_loss:
            self._load_nodes(state)
        self._load_stages(state)
        self.epoch = state["epoch"]
        self._load_weights(self._weights_before, state["finite"])
        self._initial_terms = state["first"] and tuple(state["first"])
        self.history = History.from_state(state["history"])
        self._gradients = list(map(tuple, GradientSamples.from_state(state.get("gradients"), self.epoch).rows.tolist()))
        kept = Kept.between(trained_as, self.config)
        if branch_of is not None and other_units:
            kept = Kept(kept.method, *[False] * 5)
        same_method = branch_of is None or (
            kept.method and same_structure(self.optimizer.state_dict(), state["method"])  # of the same dtype
        )
        if same_method:
            self.optimizer.load_state_dict(state["method"])
            self.optimizer.converged = state["settled"]
        if kept.schedule and trained_as.schedule == self.config.schedule:  # one without effect may be another
            self._stage.schedule.load_state_dict(state["schedule"])
        self._best_validation_loss, self._epochs_without_improvement, train_error = state["patience"]
        self._saved_train_error = train_error if branch_of is None else None
        if self.config.keeps_best and (best := state.get("best")):  # which those of earlier versions have not
            self._best = Best.from_state(best)
        self._forget_all_but(kept)
        if branch_of is not None and not (same_method and trained_as.stages == self.config.stages):
            self._plan_optimizer()
        self.config = wanted

    def _load_stages(self, state: Mapping[str, Any]) -> None:
        """Make the networks of all stages that were saved."""
        stages = zip(state["starts"], state["sizes"], state["weights"], strict=True)
        for number, (start, scale, weights) in enumerate(stages):
            if number:
                self._next_stage(scale)
            self._stage.start = start
            self._load_weights(self.weights, weights)

    def _load_weights(self, weights: Tensor, saved: Tensor) -> None:
        if saved.shape != weights.shape:
            layers = ", ".join(map(str, self.config.hidden))
            raise ValueError(f"hidden {layers} has {len(weights)} weights, but what was saved has {tuple(saved.shape)}")
        weights.copy_(saved)


def _total(weights: LossWeights, function: float, derivative: float) -> float:
    """The loss of two mean squared errors, each with its weight."""
    return weights.function * function + weights.derivative * derivative


def _turn(verb: str, name: str) -> str:
    return f"{verb} the {name.replace('_', ' ')} and restart"


def _with_live_values(config: Config, values: Mapping[str, Any]) -> Config:
    """The configuration with those of the values that act while training."""
    return config.with_values(**{name: values[name] for name in LIVE if name in values})


def _device(name: str) -> torch.device:
    """The device by its name; ValueError where the machine has none such."""
    there = {"auto": True, "cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there[name]:
        raise ValueError(f"device must be one this machine has, got {name!r}: use auto or cpu")
    return torch.device("cpu" if name == "auto" else name)
