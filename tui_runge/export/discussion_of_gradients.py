"""What the gradients of the two losses say, in a paragraph as those of the discussion."""

import numpy as np

from tui_runge.core.progress import Floats
from tui_runge.export.facts import ALIKE, Facts
from tui_runge.export.wording import times

FEWEST_SAMPLES = 5
"""Fewer say nothing of most of a run."""


def gradients(facts: Facts) -> str:
    """Where they were sampled often enough while f and f' both had one: how often they opposed, which was longer.

    A sample stands for the epochs until the next: most samples are of the first epochs.
    """
    samples, end = facts.progress.gradients, facts.progress.epoch
    known = np.isfinite(samples.cosine)
    if np.count_nonzero(known) < FEWEST_SAMPLES:
        return ""
    epochs = np.diff(samples.epochs, append=end + 1)[known]
    cosine, ratio = samples.cosine[known], samples.derivative[known] / samples.function[known]
    opposed = float(epochs[cosine < 0].sum() / epochs.sum())
    first = (
        f"The gradients of the two weighted losses, sampled {np.count_nonzero(known):,} times, "
        f"{_pull(opposed)}. The median of the cosine of their angle is {weighted_median(cosine, epochs):+.2f}."
    ).replace("-", "−")
    median = weighted_median(ratio, epochs)
    if 1 / ALIKE < median < ALIKE:
        return f"{first} They were about as long: that of f′ was {median:.2g} times that of f by the median."
    longer, shorter, factor = ("f′", "f", median) if median > 1 else ("f", "f′", 1 / median)
    return f"{first} That of {longer} was {times(factor)} as long as that of {shorter}, by the median."


def _pull(opposed: float) -> str:
    """Whether they opposed each other, given the part of the epochs over which they did."""
    percent = f"{100 * opposed:.0f} % of the epochs"
    if opposed == 0:
        return "never opposed each other: what lowers one loss lowers the other"
    if opposed == 1:
        return "opposed each other throughout: what lowers one loss most raises the other"
    if opposed > 0.5:
        return f"opposed each other most of the time, over {percent}: there what lowers one loss most raises the other"
    return f"agreed most of the time, and opposed each other over {percent}"


def weighted_median(values: Floats, weights: Floats) -> float:
    """The least of the values (k,) that half of the weights (k,) are not above."""
    order = np.argsort(values)
    passed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(passed, passed[-1] / 2)])
