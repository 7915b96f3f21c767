"""What the numbers of a run say, in sentences for a report.

Each sentence is a function of `Facts` whose docstring says when it is true; where it is not, nothing is said.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.progress import Change, Floats, Progress, felt_changes, trained_config
from tui_runge.problems import Points, Problem, problem_of

ENDINGS = {
    "epochs": "it had trained all its epochs",
    "stop_error": "its training error of f was as small as was asked for",
    "patience": "its validation loss had not fallen for as many epochs as it was given patience",
    "max_seconds": "its time was up",
    "converged": "no step lowered the loss any more",
    "diverged": "its loss grew without bound",
    "stopped": "it was stopped",
    "restart": "another run was begun",
}
FIRST_ORDER = ("adam", "adamw", "sgd")
"""The optimizers that use the learning rate to their end."""
OUTER = 0.5
"""The part of the way from the middle of the interval to its ends from which a point counts as near them."""
ROUNDINGS = 100
"""An error of so many roundings, relative to what is fitted, is that of the arithmetic and not of the network."""
UNFITTED = 0.5
"""An error that is so large a part of a mean square is hardly a fit of it."""
ALIKE = 2.0
"""Errors or losses that differ by no more than this factor are not told apart."""
FEWEST_POINTS = 10
"""Fewer validation points say more of where they lie than of the network."""
SETTLED = 0.02
"""A relative change of the loss that is none."""
FEWEST_BUCKETS = 20
"""A trend is not judged by fewer values of the loss."""


@dataclass(frozen=True)
class Part:
    """One of the two things that a network can be fitted to: f or f′.

    `weights` are those that its error had in the loss, the last one last; `mean_square` is its own on the evaluation
    grid, `mse` that of its error there.
    """

    symbol: str
    noun: str
    weights: tuple[Any, ...]
    mean_square: float
    mse: float

    @property
    def ever_fitted(self) -> bool:
        """Whether some epoch fitted it."""
        return any(self.weights)

    @property
    def fitted(self) -> bool:
        """Whether the last epoch fitted it."""
        return bool(self.weights[-1])

    @property
    def relative(self) -> float:
        """Its mean squared error as a part of its mean square; NaN where that is 0."""
        return self.mse / self.mean_square if self.mean_square > 0 else math.nan

    @property
    def pull(self) -> float:
        """What f̂ = 0 would have of it in the loss of the last epoch."""
        return float(self.weights[-1] * self.mean_square)


@dataclass(frozen=True)
class Facts:
    """What the sentences ask of a run."""

    progress: Progress

    @cached_property
    def config(self) -> Config:
        """The configuration of the last epoch."""
        return trained_config(self.progress)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The changes that acted on the run."""
        return felt_changes(self.progress)

    @cached_property
    def problem(self) -> Problem:
        """What was fitted."""
        return problem_of(self.config)

    @cached_property
    def f(self) -> Part:
        """The function."""
        return self._part("f", "function", self.progress.fit.f, self.progress.errors.mse_f)

    @cached_property
    def df(self) -> Part:
        """The derivative."""
        return self._part("f′", "derivative", self.progress.fit.df, self.progress.errors.mse_df)

    def _part(self, symbol: str, noun: str, values: Floats, mse: float) -> Part:
        name = f"{noun}_weight"
        before = [change.before for change in self.changes if change.name == name and change.epoch]
        weights = (*before, getattr(self.config, name))
        return Part(symbol, noun, weights, float(np.mean(values**2)), mse)

    @property
    def judged(self) -> bool:
        """Whether there is a fit to judge: more than one epoch, and no divergence."""
        return self.progress.epoch > 1 and self.progress.status != "diverged"

    @cached_property
    def train(self) -> float:
        """The training loss."""
        return self.progress.loss("train_total")

    @cached_property
    def validation(self) -> float:
        """The validation loss."""
        return self.progress.loss("validation_total")

    @cached_property
    def train_unfitted(self) -> float:
        """The training loss of f̂ = 0."""
        points, scaling = self.problem.training, self.problem.scaling
        f, df = np.mean(scaling.network_f(points.f) ** 2), np.mean(scaling.network_df(points.df) ** 2)
        return float(self.config.function_weight * f + self.config.derivative_weight * df)

    @cached_property
    def rounding(self) -> float:
        """The relative mean square of errors that are those of the arithmetic."""
        return float(ROUNDINGS * np.finfo(self.config.dtype).eps) ** 2

    @property
    def train_at_rounding(self) -> bool:
        """Whether the training loss is that of rounding errors."""
        return self.train <= self.rounding * self.train_unfitted

    @cached_property
    def steered(self) -> tuple[Change, ...]:
        """The changes of what is trained and how; the others are of when it ends."""
        return tuple(change for change in self.changes if HYPERPARAMETERS[change.name].group != "run")

    @cached_property
    def stretch(self) -> int:
        """The last epoch after which the loss or the training became another: a change, or a network added."""
        return max((0, *(change.epoch for change in self.steered), *self.progress.stage_starts))

    def since_stretch(self, series: str) -> Floats:
        """The lowest values of a series in each bucket of the last stretch."""
        curves = self.progress.curves
        return curves.band(series)[0][-(-self.stretch // curves.span) :]


def discussion(progress: Progress) -> Iterator[str]:
    """The paragraphs, each of one thought; what cannot be said of a run is left out."""
    facts = Facts(progress)
    yield from filter(None, (sentence(facts) for sentence in SENTENCES))


def _ending(facts: Facts) -> str:
    """Always: how long the run was and why it ended."""
    progress = facts.progress
    epochs = f"{progress.epoch:,} epoch{'s' * (progress.epoch != 1)}"
    took = f"The run took {epochs} and {progress.seconds:.2f} s of training."
    if progress.message:
        return f"{took} It diverged: {progress.message}. All numbers are those of the last finite weights."
    reason = ENDINGS.get(progress.ended_by)
    return f"{took} It ended because {reason}." if reason else f"{took} It had not ended yet."


def _last_weights(facts: Facts) -> str:
    """Where patience ended the run: that its best weights are not those it has."""
    if facts.progress.ended_by != "patience":
        return ""
    text = "Patience does not go back: the weights are those of the last epoch"
    losses = facts.since_stretch("validation_total")
    if not (np.isfinite(losses).any() and np.nanmin(losses) < facts.validation):
        return f"{text}."
    text += ", not those of the lowest validation loss"
    return f"{text}, which was {np.nanmin(losses):.2e}; the last one is {facts.validation:.2e}."


def _stages(facts: Facts) -> str:
    """Where more than one network was asked for: when each began, and what came of it."""
    starts, asked = facts.progress.stage_starts, facts.config.stages
    if asked == 1 or not facts.progress.epoch:
        return ""
    fewer = f"Of the {asked} networks asked for, only {len(starts) + 1} {'were' if starts else 'was'} begun."
    sentences = [fewer] if len(starts) + 1 < asked else []
    for number, (start, end) in enumerate(itertools.pairwise((*starts, facts.progress.epoch)), 2):
        went = _went(facts, start - 1, end)
        sentences.append(f"Network {number} was added after epoch {start:,}" + (f"; {went}." if went else "."))
    return " ".join(sentences)


def _hardly_fitted(facts: Facts) -> str:
    """Of what was fitted in more than one epoch: that its error is not much below that of 0."""
    parts = [part for part in (facts.f, facts.df) if part.fitted and part.relative >= UNFITTED]
    if not (facts.judged and parts):
        return ""
    names, numbers = (
        _list(texts) for texts in zip(*((part.symbol, _two(part.relative)) for part in parts), strict=True)
    )
    if len(parts) == 1:
        compared = f"its mean squared error is {numbers} of the mean square of {names}"
    else:
        compared = f"the mean squared errors are {numbers} of the mean squares"
    return f"The network hardly fits {names}: {compared}, where 1 is what a network that is 0 everywhere has."


def _harder(facts: Facts) -> str:
    """Where both f and f′ were fitted, in more than one epoch and not down to rounding: which has the larger error.

    Errors count relative to mean squares. The part with the larger one is the harder only if the loss gave it no less
    weight, relative to them too, and at all times.
    """
    f, df = facts.f, facts.df
    judged = facts.judged and all(part.fitted and facts.rounding < part.relative < UNFITTED for part in (f, df))
    if not judged:
        return ""
    worse, better = (df, f) if df.relative > f.relative else (f, df)
    ratio = worse.relative / better.relative
    compared = (
        f"Relative to the mean square of what is fitted, the mean squared error of {worse.symbol} is {_share(worse)} "
        f"and that of {better.symbol} {_share(better)}"
    )
    if ratio <= ALIKE:
        return f"Both are fitted about as well. {compared}."
    compared = f"{compared}: {_times(ratio)} as large."
    if len(f.weights) > 1 or len(df.weights) > 1:
        reason = "the weights of the loss were changed on the way"
    elif facts.progress.stage_starts and worse is df:
        reason = "for the networks after the first its weight was divided by the square of a frequency"
    elif worse.pull < better.pull:
        pulls = worse.pull / better.pull
        reason = f"relative to the mean squares the loss gives it {_two(pulls)} of the weight of the {better.noun}"
    else:
        return f"The {worse.noun} is the harder part. {compared} {WHY[worse.noun]}"
    return f"The {worse.noun} has the larger error. {compared} It need not be the harder part: {reason}."


WHY = {
    "derivative": "A small wave of the network around f is a large one in its slope.",
    "function": "A shift of the whole curve costs the slopes nothing.",
}


def _not_fitted(facts: Facts) -> str:
    """Where a part had no weight, throughout or in the end: that its errors are not those of a fit."""
    for part in (facts.f, facts.df):
        if part.fitted or not facts.progress.epoch:
            continue
        if part.ever_fitted:
            name = f"{part.noun}_weight"
            epoch = max(change.epoch for change in facts.changes if change.name == name)
            return f"After epoch {epoch:,} the {part.noun} was not fitted any more: its weight in the loss was 0."
        left = {
            "function": "That leaves f̂ free by a constant, which the errors of f contain.",
            "derivative": "The errors of f′ are only what the fit of f brings with it.",
        }
        return f"The {part.noun} was not fitted: its weight in the loss was 0. {left[part.noun]}"
    return ""


def _where(facts: Facts) -> str:
    """Of what was fitted in more than one epoch, but not down to rounding: where its error lies."""
    fit, interval = facts.progress.fit, facts.problem.interval
    errors = ((facts.f, fit.f_hat - fit.f), (facts.df, fit.df_hat - fit.df))
    places = [
        f"of {part.symbol} {place}"
        for part, error in errors
        if part.fitted and facts.rounding < part.relative < UNFITTED and (place := _place(interval, fit.x, error))
    ]
    return f"The error {'; that '.join(places)}." if facts.judged and places else ""


def _place(interval: tuple[float, float], x: Floats, error: Floats) -> str:
    """Where an error is largest, and how much of its square lies near the ends of the interval."""
    low, high = interval
    middle, far = (low + high) / 2, OUTER * (high - low) / 2
    squares = error * error
    if not np.isfinite(squares).all() or not squares.sum() > 0:
        return ""
    at = float(x[np.argmax(squares)])
    share = float(squares[np.abs(x - middle) >= far].sum() / squares.sum())
    distance = f"|x − {middle:g}|" if middle else "|x|"
    return f"is largest at x = {at:.3f}, and {100 * share:.0f} % of its square lies where {distance} ≥ {far:g}"


def _over_fitting(facts: Facts) -> str:
    """Where more than one epoch fitted the training points: how the loss on others compares.

    The ratio says nothing where the training loss is that of rounding, where the two means weigh the interval
    differently, where the other points are few or not others at all.
    """
    train, validation, config = facts.train, facts.validation, facts.config
    fitted = facts.judged and 0 <= train < UNFITTED * facts.train_unfitted and _positive(validation)
    if not fitted or config.validation_points < FEWEST_POINTS:
        return ""
    if facts.train_at_rounding:
        return (
            f"The training loss, {train:.2e}, is that of rounding in {config.dtype}, and a ratio to it says nothing: "
            f"the validation loss, {validation:.2e}, alone tells how good the fit is between the training points."
        )
    if config.nodes != "uniform":
        return (
            f"The {config.nodes} training points weigh the interval otherwise than the uniform validation points, so "
            f"their losses, {train:.2e} and {validation:.2e}, are not compared."
        )
    if _all_among(facts.problem.validation, facts.problem.training, facts.problem.interval):
        return "The validation points are all training points too, so they cannot show over-fitting."
    if validation >= ALIKE * train:
        return (
            f"The network over-fits: the validation loss, {validation:.2e}, is {_times(validation / train)} the "
            f"training loss, {train:.2e}. More training points, or a smaller network, may help."
        )
    return (
        f"There is no sign of over-fitting: the validation loss, {validation:.2e}, is less than {ALIKE:g} times the "
        f"training loss, {train:.2e}."
    )


def _all_among(points: Points, others: Points, interval: tuple[float, float]) -> bool:
    """Whether all points lie where others do, but for rounding."""
    low, high = interval
    inside, there = (((each.x - low) / (high - low)).round(9) for each in (points, others))
    return bool(np.isin(inside, there).all())


def _trend(facts: Facts) -> str:
    """Where epochs enough had the same loss and training, and it neither converged, diverged nor came to rounding:
    how the training loss went over the last of them.

    What more epochs would do is said only where nothing speaks against it.
    """
    progress, curves = facts.progress, facts.progress.curves
    losses = facts.since_stretch("train_total")
    if progress.ended_by == "converged" or not facts.judged or losses.size < FEWEST_BUCKETS or facts.train_at_rounding:
        return ""
    tenth = losses.size // 10
    before, last = np.median(losses[-2 * tenth : -tenth]), np.median(losses[-tenth:])
    if not (_positive(before) and _positive(last)):
        return ""
    median = "its median" if curves.span == 1 else f"the median of its lowest value in every {curves.span:,} epochs"
    epochs = int(progress.epoch - curves.epochs[-tenth]) + 1
    compared = f"{median} over the last {epochs:,} epochs"
    advice = f" {text}" if (text := _advice(facts, last / before)) else ""
    if last < (1 - SETTLED) * before:
        share = f"{100 * (1 - last / before):.0f} %"
        return f"The training loss was still falling: {compared} is {share} below that of as many before.{advice}"
    if last > (1 + SETTLED) * before:
        share = f"{100 * (last / before - 1):.0f} % above" if last < ALIKE * before else _times(last / before)
        return f"The training loss was rising: {compared} is {share} that of as many before.{advice}"
    within = f"within {100 * SETTLED:.0f} %"
    return f"The training loss hardly changed any more: {compared} is {within} of that of as many before.{advice}"


def _advice(facts: Facts, ratio: float) -> str:
    """What to try, given how the loss changed over the last epochs."""
    config = facts.config
    if config.stages > 1:
        return ""  # what the last network minimises is weighed otherwise than the loss that is shown
    if config.schedule != "constant" and config.optimizer in FIRST_ORDER:
        return (
            f"The schedule {config.schedule} changes the learning rate on the way, so this does not say what more "
            f"epochs would do."
        )
    if ratio > 1 + SETTLED:
        rate = config.optimizer in FIRST_ORDER
        return "A smaller learning rate, or a schedule that lowers it, may help." if rate else ""
    over_fits = facts.validation > ALIKE * facts.train
    if ratio < 1 - SETTLED and facts.progress.ended_by not in ("patience", "stop_error") and not over_fits:
        return "More epochs would probably lower it further."
    return ""


def _changes(facts: Facts) -> str:
    """Where hyperparameters were changed on the way: each change, and the errors from there to the next."""
    steered = [change.epoch for change in facts.steered]
    sentences: list[str] = []
    for at, group in itertools.groupby(sorted(facts.changes, key=_epoch), _epoch):
        made = list(group)
        when = f"After epoch {at:,}" if at else "Before the first epoch"
        groups = {HYPERPARAMETERS[change.name].group for change in made}
        until = min((epoch for epoch in steered if epoch > at), default=facts.progress.epoch)
        went = _went(facts, at, until) if groups != {"run"} and "target and data" not in groups else ""
        sentences.append(f"{when} {_list([_changed(change) for change in made])}" + (f"; {went}." if went else "."))
    if not sentences:
        return ""
    return sentences[0] if len(sentences) == 1 else "\n".join(f"- {sentence}" for sentence in sentences)


def _epoch(change: Change) -> int:
    return change.epoch


def _changed(change: Change) -> str:
    show = HYPERPARAMETERS[change.name].kind.show
    return f"{change.name.replace('_', ' ')} was changed from {show(change.before)} to {show(change.after)}"


def _went(facts: Facts, at: int, until: int) -> str:
    """How the training errors of what was fitted went from the weights after `at` epochs to those after `until`."""
    curves, end = facts.progress.curves, facts.progress.epoch
    sentences: list[str] = []
    for part in (facts.f, facts.df):
        series = f"train_{part.noun}"
        values, first = curves.band(series)[0], at // curves.span
        if not part.ever_fitted or at >= until or first >= values.size:
            continue
        last = facts.progress.loss(series) if until >= end else float(values[until // curves.span])
        if math.isfinite(values[first]) and math.isfinite(last):
            verb = "" if sentences else " went"
            sentences.append(f"MSE({part.symbol}){verb} from {values[first]:.2e} to {last:.2e}")
    stop = "the end" if until >= end else f"epoch {until:,}"
    return f"from there to {stop} {_list(sentences)} on the training points" if sentences else ""


def _against(facts: Facts) -> str:
    """Where there are errors to compare with and an epoch was trained: which of those of what was fitted are met."""
    reference, progress = facts.problem.reference, facts.progress
    fitted = {"f": facts.f.ever_fitted, "df": facts.df.ever_fitted}
    labels = {name: label for name, label in ERROR_LABELS.items() if fitted[name.partition("_")[2]]}
    if reference is None or not progress.epoch:
        return ""
    met = [label for name, label in labels.items() if _rounded(progress, name) <= getattr(reference.errors, name)]
    missed = [label for label in labels.values() if label not in met]
    if not missed:
        count = "All four" if len(labels) == 4 else "Both"
        text = f"{count} errors{_of(facts)} are as small as the {reference.name}'s, or smaller"
    elif not met:
        count = "None of the four" if len(labels) == 4 else "Neither of the two"
        text = f"{count} errors{_of(facts)} is as small as the {reference.name}'s"
    else:
        verb = "is" if len(met) == 1 else "are"
        text = f"{_list(met)} {verb} as small as the {reference.name}'s, or smaller; {_list(missed)} not"
    usual = HYPERPARAMETERS["evaluation_points"].default
    points = facts.config.evaluation_points
    other = f" The {reference.name}'s were taken on {usual} points, these on {points:,}." if points != usual else ""
    return f"{text}.{other}"


def _of(facts: Facts) -> str:
    """Which errors are meant, where not both of f and f′ were fitted."""
    if facts.f.ever_fitted and facts.df.ever_fitted:
        return ""
    return f" of {facts.f.symbol if facts.f.ever_fitted else facts.df.symbol}"


def _one_seed(facts: Facts) -> str:
    """Where an epoch was trained: that one run is one run."""
    if not facts.progress.epoch:
        return ""
    seeds = [change.before for change in facts.changes if change.name == "seed"]
    seed = seeds[0] if seeds else facts.config.seed
    return f"All this is of one run, with the seed {seed}; another seed gives other numbers."


SENTENCES: tuple[Callable[[Facts], str], ...] = (
    _ending,
    _last_weights,
    _stages,
    _hardly_fitted,
    _harder,
    _not_fitted,
    _where,
    _over_fitting,
    _trend,
    _changes,
    _against,
    _one_seed,
)
"""In the order of the report; each gives a paragraph, or nothing where its condition does not hold."""


def _rounded(progress: Progress, name: str) -> float:
    """An error to the three digits that the report gives; NaN meets nothing."""
    return float(f"{getattr(progress.errors, name):.2e}")


def _positive(value: float) -> bool:
    return 0 < value < math.inf


def _two(value: float) -> str:
    """A number of a size to read, to two significant digits."""
    return f"{float(f'{value:.2g}'):,g}"


def _share(part: Part) -> str:
    """The relative error of a part, and what it is made of."""
    return f"{part.relative:.1e} ({part.mse:.2e} of {_two(part.mean_square)})"


def _times(ratio: float) -> str:
    """A ratio in words, such as about 400 times."""
    return f"about {_two(ratio)} times" if ratio < 1e6 else "more than a million times"


def _list(texts: Sequence[str]) -> str:
    """The texts as one enumeration."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
