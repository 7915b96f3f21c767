"""Whether two settings differ by more than the spread over seeds: SciPy's rank tests, and Holm's correction."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SIGNIFICANT = 0.05
"""The p-value below which a difference counts as larger than the spread over seeds."""
WILCOXON, MANN_WHITNEY = "Wilcoxon signed-rank test", "Mann-Whitney U test"
MOST_EXACT = 50
"""Runs of a setting up to which p-values are exact; with more, the normal approximation is as good."""
MOST_ENUMERATED = 12
"""Runs up to which the p-value of errors with ties is exact, as those of runs that diverged are."""
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


def _wilcoxon_p(first: Floats, second: Floats) -> float:
    """The p-value of the signed-rank test of paired errors (k,)."""
    from scipy.stats import rankdata, wilcoxon

    with np.errstate(divide="ignore", invalid="ignore"):
        differences = np.nan_to_num(np.log(second) - np.log(first), nan=0.0, posinf=np.inf, neginf=-np.inf)
    differences = differences[differences != 0]
    if not differences.size:
        return 1.0
    ranks = rankdata(np.abs(differences))  # infinity is the largest rank, and has no place in a sum
    tied = np.unique(ranks).size < ranks.size
    if tied and ranks.size <= MOST_ENUMERATED:
        p = tied_wilcoxon_p(ranks, differences > 0)
    else:
        method = "exact" if ranks.size <= MOST_EXACT and not tied else "asymptotic"
        p = float(wilcoxon(np.sign(differences) * ranks, method=method).pvalue)
    return max(p, smallest_p(WILCOXON, len(first), len(second)))  # the approximation knows no such bound


def tied_wilcoxon_p(ranks: Floats, positive: NDArray[np.bool_]) -> float:
    """The exact p-value of ranks (k,) with ties, which SciPy gives slowly: the sums of all 2^k choices of signs."""
    choices = np.arange(2**ranks.size)[:, None] >> np.arange(ranks.size) & 1
    return _share_as_extreme(choices @ ranks, float(ranks[positive].sum()))


def _mann_whitney_p(first: Floats, second: Floats) -> float:
    """The p-value of the U test of errors (k,) and (l,)."""
    from scipy.stats import mannwhitneyu, rankdata

    ranks = rankdata(np.concatenate([first, second]))
    distinct = np.unique(ranks).size
    if distinct == 1:
        return 1.0
    if distinct < ranks.size and ranks.size <= MOST_ENUMERATED:
        p = tied_mann_whitney_p(ranks, len(first))
    else:
        method = "exact" if max(len(first), len(second)) <= MOST_EXACT and distinct == ranks.size else "asymptotic"
        p = float(mannwhitneyu(ranks[: len(first)], ranks[len(first) :], method=method).pvalue)
    return max(p, smallest_p(MANN_WHITNEY, len(first), len(second)))  # the approximation knows no such bound


def tied_mann_whitney_p(ranks: Floats, count: int) -> float:
    """The exact p-value of ranks with ties, of which the first `count` are one setting's: the sums of all choices."""
    chosen = np.array(list(itertools.combinations(range(ranks.size), count)))
    return _share_as_extreme(ranks[chosen].sum(axis=1), float(ranks[:count].sum()))


def _share_as_extreme(sums: Floats, found: float) -> float:
    """The share of equally likely sums that lie as far from their mean as the one found, or farther."""
    center = sums.mean()
    return float((np.abs(sums - center) >= abs(found - center) - 1e-9).mean())
