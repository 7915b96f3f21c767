"""What the residuals of measured points say, in sentences as those of the discussion."""

import math

import numpy as np

from tui_runge.export.facts import ALIKE, FEWEST_POINTS, UNFITTED, Facts, is_positive
from tui_runge.export.points import known, model_at, noise_between_neighbours
from tui_runge.export.wording import counted, times, two_digits
from tui_runge.problems.residuals import residual_deviation

CHANCE = 3.0
"""Standard deviations beyond which a difference is hardly one of chance."""


def residual(facts: Facts) -> str:
    """Of measured points, after an epoch: the residual of f over all of them, beside their spread and their noise.

    The noise is that of neighbours about a line, which a curved f makes larger: a residual far below it follows the
    noise, one far above leaves something of f.
    """
    deviation = residual_deviation(facts.progress) if facts.points and facts.progress.epoch else math.nan
    if facts.points is None or not is_positive(deviation):
        return ""
    text = (
        f"Over all {counted(sum(facts.counts), 'point')} the residual of f has a standard deviation of {deviation:.4g}"
    )
    spread = facts.f.mean_square**0.5
    text += f", {two_digits(100 * deviation / spread)} % of that of f itself." if spread > 0 else "."
    noise, count = noise_between_neighbours(facts.points)
    if not facts.f.fitted or count < FEWEST_POINTS or not noise > 0:
        return text
    text += f" Neighbouring points scatter by about {two_digits(noise)} around a line"
    if deviation > ALIKE * noise:
        return (
            f"{text}, so the network leaves more than noise: there is something in the points that it does not follow."
        )
    if deviation < noise / ALIKE:
        return f"{text}: the residual is less than such noise."
    return f"{text}, so what the network leaves is about as large as noise."


def largest_residual(facts: Facts) -> str:
    """Of measured points whose network is known, and where there are enough: the one that lies farthest off."""
    points, progress = facts.points, facts.progress
    if points is None or progress.model is None or not facts.judged or sum(facts.counts) < FEWEST_POINTS:
        return ""
    residuals = np.abs(points.f - model_at(progress, points.x)[0])
    deviation = residual_deviation(progress)
    if not (is_positive(deviation) and np.isfinite(known(residuals)).all()):
        return ""
    worst = int(np.nanargmax(residuals))
    assert points.held_out is not None
    part = "a held-out point" if points.held_out[worst] else "a training point"
    return (
        f"The largest residual of f is {two_digits(residuals[worst])}, {two_digits(residuals[worst] / deviation)} "
        f"standard deviations, at x = {points.x[worst]:.6g}, {part}."
    )


def held_out(facts: Facts) -> str:
    """Where more than one epoch fitted f at measured points: how the residuals of those held out compare.

    By chance alone the ratio of the mean squares of n and m residuals is spread about 1: its logarithm has a standard
    deviation of about the root of 2/n + 2/m. One point far off, at an end of the interval say, shows nothing.
    """
    (count, others), progress = facts.counts, facts.progress
    if facts.points is None or not (facts.judged and facts.f.fitted):
        return ""
    if not others:
        return "No points were held out, so nothing shows whether the network over-fits."
    train, validation = progress.loss("train_function"), progress.loss("validation_function")
    fitted = 0 < train < UNFITTED * facts.f.mean_square and is_positive(validation)
    return _compare(facts, train, validation) if fitted and min(count, others) >= FEWEST_POINTS else ""


def _compare(facts: Facts, train: float, validation: float) -> str:
    """What the mean squares of the residuals of training and of held-out points say of over-fitting."""
    count, others = facts.counts
    by_chance = max(ALIKE, math.exp(CHANCE * math.sqrt(2 / count + 2 / others)))
    most, ratio = two_digits(by_chance), validation / train
    compared = (
        f"the mean square of the residual of f at the {counted(others, 'held-out point')}, {validation:.2e}, is "
        f"{times(ratio)} that at the {counted(count, 'training point')}, {train:.2e}"
    )
    without = (others * validation - facts.progress.errors.max_f**2) / (others - 1) / train
    if ratio > by_chance >= without:
        alone = f"Without the largest of those held out it is {times(without)}: one point is no sign of over-fitting."
        return f"{compared[0].upper()}{compared[1:]}. {alone}"
    if ratio > by_chance:
        return (
            f"The network over-fits: {compared}, where chance alone would hardly make it {most} times. "
            f"More smoothing, or a smaller network, may help."
        )
    return f"There is no sign of over-fitting: {compared}, and chance alone may make it up to {most} times."
