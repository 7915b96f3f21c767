"""Whether two settings differ by more than the spread over seeds: SciPy's rank tests, and Holm's correction."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SIGNIFICANT = 0.05
"""The p-value below which a difference counts as larger than the spread over seeds."""
WILCOXON, MANN_WHITNEY = "Wilcoxon signed-rank test", "Mann-Whitney U test"
MOST_EXACT = 50
"""Runs of a setting up to which p-values are exact; with more, the normal approximation is as good."""
MOST_SEEDS = 1000


@dataclass(frozen=True)
class SeedTest:
    """Two settings compared: the test, the two-sided p-value, and the runs of each setting that it rests on.

    `larger` says on how many of `pairs` seeds the second error was larger; both are 0 where seeds do not pair.
    """

    test: str
    p: float
    counts: tuple[int, int]
    pairs: int = 0
    larger: int = 0

    @property
    def smallest_p(self) -> float:
        """The smallest p-value that so many runs can give, whatever their errors."""
        return smallest_p(self.test, *self.counts)


def seed_test(first: Mapping[int, float], second: Mapping[int, float], *, paired: bool) -> SeedTest:
    """Compare the errors of two settings by seed, each at least one; an error of infinity is of a run that diverged.

    Where seeds pair, as those do that give both settings the same initial weights, the signed-rank test compares the
    logarithms of the errors seed by seed; else the U test compares all with all.
    """
    seeds = sorted(first.keys() & second.keys())
    if paired and seeds:
        ones, others = (np.array([errors[seed] for seed in seeds]) for errors in (first, second))
        larger = int((others > ones).sum())
        return SeedTest(WILCOXON, _wilcoxon_p(ones, others), (len(seeds), len(seeds)), len(seeds), larger)
    ones, others = (np.array(list(errors.values())) for errors in (first, second))
    return SeedTest(MANN_WHITNEY, _mann_whitney_p(ones, others), (len(ones), len(others)))


def smallest_p(test: str, first: int, second: int) -> float:
    """The smallest two-sided p-value that a test can give for so many runs of either setting."""
    orders = 2**first if test == WILCOXON else math.comb(first + second, first)
    return min(1.0, 2 / orders)


def seeds_needed(test: str, comparisons: int) -> int:
    """The fewest seeds a setting with which one of so many comparisons can be significant after Holm's correction."""
    counts = range(2, MOST_SEEDS)
    return next(count for count in counts if comparisons * smallest_p(test, count, count) < SIGNIFICANT)


def holm(p_values: Sequence[float], comparisons: int) -> list[float]:
    """Some of the p-values of so many comparisons, corrected for their number after Holm (1979).

    Of those that are not given it is taken that they are larger: so none comes out too small.
    """
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda place: p_values[place])):
        largest = max(largest, min(1.0, (comparisons - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def _wilcoxon_p(first: Any, second: Any) -> float:
    """The p-value of the signed-rank test of paired errors (k,)."""
    from scipy.stats import PermutationMethod, rankdata, wilcoxon

    with np.errstate(divide="ignore", invalid="ignore"):
        differences = np.nan_to_num(np.log(second) - np.log(first), nan=0.0, posinf=np.inf, neginf=-np.inf)
    differences = differences[differences != 0]
    if not differences.size:
        return 1.0
    signs = np.sign(differences)
    ranks = rankdata(np.abs(differences))  # infinity is the largest rank, and has no place in a sum
    tied = len(set(ranks.tolist())) < ranks.size
    method = "exact" if differences.size <= MOST_EXACT and not tied else "asymptotic"
    if tied and differences.size <= 12:
        method = PermutationMethod(n_resamples=2**12)  # all of them, so it is exact
    p = float(wilcoxon(signs * ranks, method=method).pvalue)
    return max(p, smallest_p(WILCOXON, len(first), len(second)))  # the approximation knows no such bound


def _mann_whitney_p(first: Any, second: Any) -> float:
    """The p-value of the U test of errors (k,) and (l,)."""
    from scipy.stats import PermutationMethod, mannwhitneyu, rankdata

    ranks = rankdata(np.concatenate([first, second]))
    tied = len(set(ranks.tolist())) < ranks.size
    if len(set(ranks.tolist())) == 1:
        return 1.0
    method = "exact" if max(len(first), len(second)) <= MOST_EXACT and not tied else "asymptotic"
    if tied and min(len(first), len(second)) > 1 and math.comb(len(ranks), len(first)) <= 10_000:
        method = PermutationMethod(n_resamples=10_000)  # all of them, so it is exact
    p = float(mannwhitneyu(ranks[: len(first)], ranks[len(first) :], method=method).pvalue)
    return max(p, smallest_p(MANN_WHITNEY, len(first), len(second)))  # the approximation knows no such bound
