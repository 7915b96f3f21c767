"""What the numbers of a run say, in sentences for a report.

Each sentence is a function of `Facts` whose docstring says when it is true; where it is not, nothing is said.
"""

import itertools
import math
import re
from collections.abc import Callable, Iterator

import numpy as np

from tui_runge.analysis.errors_by_place import errors_by_place, largest
from tui_runge.analysis.outcomes import Comparison
from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.progress import Change, Floats, Progress
from tui_runge.export.discussion_of_gradients import gradients
from tui_runge.export.discussion_of_points import held_out, largest_residual, residual
from tui_runge.export.facts import ALIKE, FEWEST_POINTS, ROUNDINGS, UNFITTED, Facts, Part, all_among, is_positive
from tui_runge.export.points import knows_slopes, mean_square
from tui_runge.export.wording import counted, listed, times, two_digits

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
FIRST_ORDER = ("adam", "adamw", "sgd", "gd")
"""The optimizers that use the learning rate to their end."""
OUTER = 0.9
"""The part of the way from the middle of the interval to its ends from which a point counts as near them."""
PEAK, NARROW = 0.9, 0.2
"""The part of the largest |f| that a peak begins at, and the part of the points that lie in one at most."""
STILL_BEST = 0.9
"""The part of the epochs after which the best weights are those of a network that still gets better."""
SETTLED = 0.02
"""A relative change of the loss that is none."""
FEWEST_BUCKETS = 20
"""A trend is not judged by fewer values of the loss."""


def discussion(progress: Progress, comparison: Comparison | None = None) -> Iterator[str]:
    """The paragraphs, each of one thought; what cannot be said of a run is left out."""
    facts = Facts(progress, comparison)
    yield from filter(None, (sentence(facts) for sentence in SENTENCES))


def _ending(facts: Facts) -> str:
    """Always: how long the run was and why it ended."""
    progress = facts.progress
    epochs = counted(progress.epoch, "epoch")
    took = f"The run took {epochs} and {progress.seconds:.2f} s of training."
    if progress.message:
        weights = "the last finite weights" if progress.best_epoch is None else "the best weights before"
        return f"{took} It diverged: {progress.message}. All numbers are those of {weights}."
    reason = ENDINGS.get(progress.ended_by)
    return f"{took} It ended because {reason}." if reason else f"{took} It had not ended yet."


def _last_weights(facts: Facts) -> str:
    """Where patience ended the run, and the last weights are handed in: that they are not its best."""
    if facts.progress.ended_by != "patience" or facts.config.keeps_best:
        return ""
    text = "Patience does not go back: the weights are those of the last epoch"
    losses = facts.since_stretch("validation_total")
    if not (np.isfinite(losses).any() and np.nanmin(losses) < facts.validation):
        return f"{text}."
    text += ", not those of the lowest validation loss"
    return f"{text}, which was {np.nanmin(losses):.2e}; the last one is {facts.validation:.2e}."


def _best_weights(facts: Facts) -> str:
    """Where the best weights are handed in: which they are, how the last compare, and what choosing them does."""
    progress = facts.progress
    if progress.best_epoch is None or not progress.epoch:
        return ""
    if facts.config.judges_by_product:
        parts = ("validation_function", "validation_derivative")
        best, last = (math.prod(map(of, parts)) for of in (progress.loss, progress.curves.newest))
        least = "product of the validation errors of f and f′"
    else:
        best, last = progress.loss("validation_total"), progress.curves.newest("validation_total")
        least = "validation loss"
    after = "the last epoch" if progress.best_epoch == progress.epoch else f"epoch {progress.best_epoch:,}"
    text = f"The weights are the best: those after {after}, of the lowest {least}"
    if is_positive(best):
        text += f", {best:.2e}"
        if progress.best_epoch < progress.epoch and is_positive(last):
            text += f"; the last epoch began with {last:.2e}"
    if facts.points is None:
        return f"{text}."
    if not facts.counts[1]:
        return f"{text}. No points were held out, so that loss is that of the training points, without the smoothing."
    return f"{text}. They were chosen by the held-out points, which therefore flatter them a little."


def _noise(facts: Facts) -> str:
    """Where noise was added to a function and more than one epoch fitted it: what became of the noise."""
    problem = facts.problem
    if not (facts.config.noise and facts.judged and problem.truth) or facts.progress.train_x.size:
        return ""
    clean = problem.truth.at(problem.training.x)
    noisy = ((facts.f, problem.training.f - clean.f), (facts.df, problem.training.df - clean.df))
    return " ".join(_of_noise(facts, part, mean_square(noise)) for part, noise in noisy if part.fitted)


def _of_noise(facts: Facts, part: Part, noise: float) -> str:
    """What became of noise of a mean square, by what is left at the training points and by the error against f."""
    left, error = facts.progress.loss(f"train_{part.noun}"), part.mse
    text = (
        f"The noise on {part.symbol} has a mean square of {noise:.2e}; the network leaves {left:.2e} at the training "
        f"points, and its error against {part.symbol} without noise is {error:.2e}"
    )
    if left < noise / ALIKE:
        return f"{text}: it follows much of the noise. More smoothing, or a smaller network, may help."
    if error > noise:
        return f"{text}: it does not fit {part.symbol} down to the noise."
    if error < noise / ALIKE:
        return f"{text}: it averages most of the noise out."
    return f"{text}."


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
    """Of what was fitted in more than one epoch: that its error is not much below that of 0, or of a constant."""
    parts = [part for part in (facts.f, facts.df) if part.fitted and part.relative >= UNFITTED]
    if not (facts.judged and parts):
        return ""
    names, numbers = (
        listed(texts) for texts in zip(*((part.symbol, two_digits(part.relative)) for part in parts), strict=True)
    )
    if facts.points is not None:
        squares = listed([MEASURED_SQUARES[part.noun] for part in parts])
        trivial = "constant"
    else:
        squares = "the mean squares" if len(parts) > 1 else f"the mean square of {names}"
        trivial = "0 everywhere"
    compared = f"the mean squared errors are {numbers}" if len(parts) > 1 else f"its mean squared error is {numbers}"
    return f"The network hardly fits {names}: {compared} of {squares}, where 1 is what a network that is {trivial} has."


MEASURED_SQUARES = {"function": "the variance of f", "derivative": "the mean square of f′"}


def _harder(facts: Facts) -> str:
    """Where both f and f′ of a function were fitted, in several epochs and not to rounding: which is the less exact.

    Of measured points the errors contain those of the measurement, which need not be alike for both.

    Errors count relative to mean squares. The part with the larger one is the harder only if the loss gave it no less
    weight, relative to them too, and at all times.
    """
    f, df = facts.f, facts.df
    judged = (
        facts.judged
        and facts.points is None
        and all(part.fitted and facts.rounding < part.relative < UNFITTED for part in (f, df))
    )
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
    compared = f"{compared}: {times(ratio)} as large."
    if len(f.weights) > 1 or len(df.weights) > 1:
        reason = "the weights of the loss were changed on the way"
    elif facts.progress.stage_starts and worse is df:
        reason = "for the networks after the first its weight was divided by the square of a frequency"
    elif worse.pull < better.pull:
        pulls = worse.pull / better.pull
        reason = (
            f"relative to the mean squares the loss gives it {two_digits(pulls)} of the weight of the {better.noun}"
        )
    else:
        return f"The {worse.noun} is the harder part. {compared} {WHY[worse.noun]}"
    return f"The {worse.noun} has the larger error. {compared} It need not be the harder part: {reason}."


WHY = {
    "derivative": "A small wave of the network around f is a large one in its slope.",
    "function": "A shift of the whole curve costs the slopes nothing.",
}


def _not_fitted(facts: Facts) -> str:
    """Where a part had no weight, throughout or in the end: that its errors are not those of a fit."""
    if facts.progress.epoch and not knows_slopes(facts.progress):
        return "No slopes were measured: f̂′ is the network's own, and nothing here tells how good it is."
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
        text = f"The {part.noun} was not fitted: its weight in the loss was 0."
        return f"{text} {left[part.noun]}" if math.isfinite(part.mse) else text
    return ""


def _where(facts: Facts) -> str:
    """Of what of a function was fitted in several epochs, but not down to rounding: where its error lies."""
    if not facts.judged or facts.points is not None:
        return ""
    parts = zip((facts.f, facts.df), errors_by_place(facts.progress.fit), strict=True)
    said = [
        _place(facts, part, error)
        for part, error in parts
        if part.fitted and facts.rounding < part.relative < UNFITTED and np.isfinite(error).all() and error.any()
    ]
    return " ".join(said)


def _place(facts: Facts, part: Part, error: Floats) -> str:
    """Where an error is largest, and how much of its square lies near the ends of the interval."""
    low, high = facts.problem.interval
    x, middle, half = facts.progress.fit.x, (low + high) / 2, (high - low) / 2
    at, size = largest(x, error)
    text = f"The error of {part.symbol} is largest at x = {at:.4g}{_near(facts, at)}: {size:.2e}"
    if error.size < FEWEST_POINTS:
        return f"{text}."
    squares = (error / size) ** 2
    share = float(squares[np.abs(x - middle) >= OUTER * half].sum() / squares.sum())
    distance = f"|x − {middle:g}|" if middle else "|x|"
    outer = f"the outer tenth of the interval, {distance} ≥ {OUTER * half:g}"
    return f"{text}; {100 * share:.0f} % of its square lies in {outer}."


def _near(facts: Facts, at: float) -> str:
    """Whether a place is near an end of the interval, or in the one narrow peak of |f|."""
    low, high = facts.problem.interval
    if abs(at - (low + high) / 2) >= OUTER * (high - low) / 2:
        return f", near the {'left' if at < (low + high) / 2 else 'right'} end"
    fit = facts.progress.fit
    peak = np.abs(fit.f) >= PEAK * np.abs(fit.f).max()
    near = bool(peak[np.argmin(np.abs(fit.x - at))])
    return ", near the peak of |f|" if near and peak.mean() <= NARROW else ""


def _worth(facts: Facts) -> str:
    """Of a function, after several epochs: the degree of the Chebyshev series that is as accurate."""
    comparison = facts.comparison
    if comparison is None or not facts.judged or facts.judging < FEWEST_POINTS:
        return ""
    return f"The network is {comparison.worth}." if str(comparison.worth) else ""


def _classical(facts: Facts) -> str:
    """Of what several epochs fitted: whether a classical method has a smaller mean squared error, and by how much.

    Errors at the very points that a method was given say nothing of it.
    """
    told = facts.comparison is not None and facts.judged and facts.judging >= FEWEST_POINTS
    if facts.comparison is None or not told or facts.judged_where_trained:
        return ""
    said = []
    for part, name in ((facts.f, "mse_f"), (facts.df, "mse_df")):
        others = [(getattr(each.errors, name), each.name) for each in facts.comparison.outcomes[:-1]]
        known = [pair for pair in others if math.isfinite(pair[0])]
        if part.fitted and known and math.isfinite(part.mse):
            said.append(_against_best(part, *min(known)))
    return f"Beside classical methods on the same training points, {'; '.join(said)}." if said else ""


def _against_best(part: Part, mse: float, method: str) -> str:
    """A part of the network beside the best of other methods; what rounding makes of errors has no ratio."""
    s, exact = part.symbol, (ROUNDINGS * np.finfo(np.float64).eps) ** 2 * part.mean_square
    name = re.sub(", (.*)", r" (\1)", method)
    rounded = ", exact but for rounding,"
    if max(mse, part.mse) <= exact:
        return f"in {s} both the network, MSE {part.mse:.2e}, and {name}, {mse:.2e}, are exact but for rounding"
    if part.mse > ALIKE * mse:
        wins = f"{name} wins in {s}, with an MSE of {mse:.2e}"
        if mse <= exact:
            return f"{wins}{rounded} against {part.mse:.2e}"
        return f"{wins} against {part.mse:.2e}: the network's is {times(part.mse / mse)} as large"
    if mse > ALIKE * part.mse:
        wins = f"the network wins in {s}, with an MSE of {part.mse:.2e}"
        if part.mse <= exact:
            return f"{wins}{rounded} against {mse:.2e} of the next, {name}"
        return f"{wins} against {mse:.2e} of the next, {name}, which is {times(mse / part.mse)} as large"
    return f"in {s} the network, MSE {part.mse:.2e}, is about as good as the best of them, {name}, {mse:.2e}"


def _over_fitting(facts: Facts) -> str:
    """Where more than one epoch fitted a function at the training points: how the loss on others compares.

    The ratio says nothing where the training loss is that of rounding, where the two means weigh the interval
    differently, where the other points are few or not others at all. Noise is on the training points alone.
    """
    train, validation, config = facts.train, facts.validation, facts.config
    alike = facts.points is None and not config.noise
    fitted = alike and facts.judged and 0 <= train < UNFITTED * facts.train_unfitted and is_positive(validation)
    if not fitted or config.validation_points < FEWEST_POINTS:
        return ""
    training = "training loss" + " without the smoothing" * bool(config.smoothing)
    if facts.train_at_rounding:
        return (
            f"The {training}, {train:.2e}, is that of rounding in {config.dtype}, and a ratio to it says nothing: "
            f"the validation loss, {validation:.2e}, alone tells how good the fit is between the training points."
        )
    if config.nodes != "uniform":
        return (
            f"The training points, {config.nodes}, weigh the interval otherwise than the uniform validation points, so "
            f"their losses, {train:.2e} and {validation:.2e}, are not compared."
        )
    if all_among(facts.problem.validation.x, facts.problem.training.x, facts.problem.interval):
        return "The validation points are all training points too, so they cannot show over-fitting."
    if validation >= ALIKE * train:
        return (
            f"The network over-fits: the validation loss, {validation:.2e}, is {times(validation / train)} the "
            f"{training}, {train:.2e}. More training points, or a smaller network, may help."
        )
    return (
        f"There is no sign of over-fitting: the validation loss, {validation:.2e}, is less than {ALIKE:g} times the "
        f"{training}, {train:.2e}."
    )


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
    if not (is_positive(before) and is_positive(last)):
        return ""
    median = "its median" if curves.span == 1 else f"the median of its lowest value in every {curves.span:,} epochs"
    epochs = int(progress.epoch - curves.epochs[-tenth]) + 1
    compared = f"{median} over the last {epochs:,} epochs"
    advice = f" {text}" if (text := _advice(facts, last / before)) else ""
    if last < (1 - SETTLED) * before:
        share = f"{100 * (1 - last / before):.0f} %"
        return f"The training loss was still falling: {compared} is {share} below that of as many before.{advice}"
    if last > (1 + SETTLED) * before:
        share = f"{100 * (last / before - 1):.0f} % above" if last < ALIKE * before else times(last / before)
        return f"The training loss was rising: {compared} is {share} that of as many before.{advice}"
    within = f"within {100 * SETTLED:.0f} %"
    return f"The training loss hardly changed any more: {compared} is {within} of that of as many before.{advice}"


def _advice(facts: Facts, ratio: float) -> str:
    """What to try, given how the loss changed over the last epochs."""
    config, progress = facts.config, facts.progress
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
    over_fits = facts.validation > ALIKE * facts.train or facts.config.noise > 0
    if (
        progress.best_epoch is not None
    ):  # what more epochs do is for the weights handed in as long as those still change
        over_fits = over_fits or progress.best_epoch < STILL_BEST * progress.epoch
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
        sentences.append(f"{when} {listed([_changed(change) for change in made])}" + (f"; {went}." if went else "."))
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
        last = facts.at_end(series) if until >= end else float(values[until // curves.span])
        if math.isfinite(values[first]) and math.isfinite(last):
            verb = "" if sentences else " went"
            sentences.append(f"MSE({part.symbol}){verb} from {values[first]:.2e} to {last:.2e}")
    stop = "the end" if until >= end else f"epoch {until:,}"
    return f"from there to {stop} {listed(sentences)} on the training points" if sentences else ""


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
        text = f"{listed(met)} {verb} as small as the {reference.name}'s, or smaller; {listed(missed)} not"
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
    drawn = facts.config.points is not None and facts.config.points.held_out is None and facts.counts[1] > 0
    others = " and holds out other points" if drawn else ""
    return (
        f"All this is of one run, with the seed {seed}, and one seed is one draw: another gives other numbers{others}. "
        f"`runge-tui sweep --seeds 10` tells how far they spread."
    )


SENTENCES: tuple[Callable[[Facts], str], ...] = (
    _ending,
    _last_weights,
    _best_weights,
    _stages,
    residual,
    largest_residual,
    _noise,
    _hardly_fitted,
    _harder,
    _not_fitted,
    _where,
    _worth,
    _classical,
    _over_fitting,
    held_out,
    gradients,
    _trend,
    _changes,
    _against,
    _one_seed,
)
"""In the order of the report; each gives a paragraph, or nothing where its condition does not hold."""


def _rounded(progress: Progress, name: str) -> float:
    """An error to the three digits that the report gives; NaN meets nothing."""
    return float(f"{getattr(progress.errors, name):.2e}")


def _share(part: Part) -> str:
    """The relative error of a part, and what it is made of."""
    return f"{part.relative:.1e} ({part.mse:.2e} of {two_digits(part.mean_square)})"
