"""The tests of settings against each other: their p-values are right, and honest where seeds are few."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, wilcoxon

from tui_runge.analysis.seed_test import (
    MANN_WHITNEY,
    SIGNIFICANT,
    WILCOXON,
    holm,
    seed_test,
    seeds_needed,
    smallest_p,
    tied_mann_whitney_p,
    tied_wilcoxon_p,
)

ERRORS = st.floats(1e-12, 1e3) | st.just(math.inf)
SEEDED = st.dictionaries(st.integers(0, 5), ERRORS, min_size=1)


@settings(max_examples=10)
@given(SEEDED, SEEDED, st.booleans())
def test_a_p_value_is_symmetric_and_none_below_the_smallest(
    first: dict[int, float], second: dict[int, float], paired: bool
) -> None:
    test, mirrored = (seed_test(*each, paired=paired) for each in ((first, second), (second, first)))
    assert test.p == pytest.approx(mirrored.p)
    assert test.smallest_p * (1 - 1e-9) <= test.p <= 1
    assert test.test == (WILCOXON if paired and first.keys() & second.keys() else MANN_WHITNEY)


@given(st.integers(1, 12), st.booleans())
def test_the_smallest_p_value_is_that_of_errors_that_do_not_overlap(count: int, paired: bool) -> None:
    first = {seed: 1.0 + seed for seed in range(count)}
    second = {seed: 100.0 * error**1.5 for seed, error in first.items()}
    test = seed_test(first, second, paired=paired)
    assert test.p == pytest.approx(test.smallest_p)
    assert (test.pairs, test.larger) == ((count, count) if paired else (0, 0))


@settings(max_examples=20)
@given(SEEDED)
def test_equal_errors_do_not_differ(errors: dict[int, float]) -> None:
    assert seed_test(errors, errors, paired=True).p == 1
    assert seed_test(errors, errors, paired=False).p == pytest.approx(1)


@settings(max_examples=20)
@given(st.permutations(range(1, 8)), st.integers(1, 6))
def test_the_own_p_values_are_scipys_where_there_are_no_ties(order: list[int], count: int) -> None:
    ranks = np.array(order, dtype=float)
    positive = np.arange(7) < count
    signed = wilcoxon(np.where(positive, ranks, -ranks), method="exact").pvalue
    assert tied_wilcoxon_p(ranks, positive) == pytest.approx(signed)
    unpaired = mannwhitneyu(ranks[:count], ranks[count:], method="exact").pvalue
    assert tied_mann_whitney_p(ranks, count) == pytest.approx(unpaired)


@given(st.lists(st.floats(0, 1), max_size=6), st.integers(0, 20))
def test_holm_corrects_as_it_is_defined(p_values: list[float], more: int) -> None:
    comparisons = len(p_values) + more
    corrected = holm(p_values, comparisons)
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    for rank, place in enumerate(order):
        steps = [(comparisons - before) * p_values[order[before]] for before in range(rank + 1)]
        assert corrected[place] == min(1, max(steps))
        assert p_values[place] <= corrected[place]


@pytest.mark.parametrize(("test", "needed"), [(WILCOXON, 6), (MANN_WHITNEY, 4)])
def test_the_seeds_that_one_comparison_takes(test: str, needed: int) -> None:
    assert seeds_needed(test, 1) == needed
    assert smallest_p(test, needed - 1, needed - 1) >= SIGNIFICANT


@pytest.mark.parametrize("paired", [True, False])
def test_settings_that_do_not_differ_are_seldom_told_apart(paired: bool) -> None:
    generator, count, pairs, repetitions = np.random.default_rng(1), 4, 6, 30
    misled = 0
    for _ in range(repetitions):
        errors = [dict(enumerate(row)) for row in generator.lognormal(0, 1, (count, 10)).tolist()]
        medians = [np.median(list(own.values())) for own in errors]
        best = int(np.argmin(medians))
        tests = [seed_test(errors[best], errors[n], paired=paired).p for n in range(count) if n != best]
        misled += min(holm(tests, pairs)) < SIGNIFICANT
    assert misled / repetitions < SIGNIFICANT + 0.08  # two standard deviations
