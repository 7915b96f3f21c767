"""What the numbers of a sweep say, in sentences: which setting is best, by how much, and whether seeds explain it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui_runge.analysis.seed_test import SIGNIFICANT, SeedTest, holm, seed_test, seeds_needed
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.export.wording import listed, literal, two_digits
from tui_runge.sweeps.plan import Setting
from tui_runge.sweeps.results import SweepRow
from tui_runge.sweeps.table import SettingSummary, by_setting, final_errors, quantile, show_error, summarise

UNPAIRED = ("hidden", "stages", "dtype", "target", "interval", "data")
"""What varies the initial weights, or the problem, of one seed: then the runs of a seed are no pair."""
FEWEST_SEEDS = 2
MOST_NAMED, MOST_FAILED = 4, 20
"""Settings that a sentence names, and failed runs that a list does."""


@dataclass(frozen=True)
class Rival:
    """A setting beside the best one: its median, the test of the two, and the p-value corrected for all pairs."""

    label: str
    median: float
    test: SeedTest
    p: float

    @property
    def differs(self) -> bool:
        """Whether the difference is larger than the spread over seeds explains."""
        return self.p < SIGNIFICANT


@dataclass(frozen=True)
class Ranking:
    """The settings by one error: the best, and the others by their medians with the test of each against the best."""

    error: str
    best: SettingSummary
    seeds: int
    rivals: tuple[Rival, ...]
    pairs: int
    """Of all settings, from which the best was chosen after the fact: the number of comparisons to correct for."""


def rank(rows: Sequence[SweepRow], error: str) -> Ranking | None:
    """The settings by the median of an error over their seeds; None where it is not known of any."""
    groups = by_setting(rows)
    errors = {setting: final_errors(group, error) for setting, group in groups.items()}
    known = {setting: own for setting, own in errors.items() if own and not any(map(math.isnan, own.values()))}
    medians = {setting: quantile(list(own.values()), 0.5) for setting, own in known.items()}
    order = sorted(known, key=lambda setting: medians[setting])
    if not order or medians[order[0]] == math.inf:
        return None
    best, *others = order
    summaries = {summary.setting: summary for summary in summarise(rows)}
    tests = [seed_test(known[best], known[other], paired=_is_paired(best, other)) for other in others]
    pairs = len(order) * (len(order) - 1) // 2
    corrected = holm([test.p for test in tests], pairs)
    rivals = tuple(
        Rival(summaries[other].label, medians[other], test, p)
        for other, test, p in zip(others, tests, corrected, strict=True)
    )
    return Ranking(error, summaries[best], len(known[best]), rivals, pairs)


def _is_paired(one: Setting, other: Setting) -> bool:
    """Whether the same seed gives runs of both settings the same initial weights and the same problem."""
    differing = {
        name for name, value in (*one, *other) if (dict(one).get(name), dict(other).get(name)) != (value, value)
    }
    return differing.isdisjoint(UNPAIRED)


def findings(rows: Sequence[SweepRow]) -> Iterator[str]:
    """The paragraphs: one for each error that is known, then what to know of all of them."""
    rankings = [ranking for error in ERROR_LABELS if (ranking := rank(rows, error)) is not None]
    if not rankings:
        yield "No run has ended with a finite error yet."
    for ranking in rankings:
        yield " ".join(_of_error(ranking))
    if any(ranking.rivals for ranking in rankings):
        yield from _of_tests(rankings)
    yield from _of_unfinished(rows)
    yield from _of_failed(rows)


def _of_error(ranking: Ranking) -> Iterator[str]:
    """Which setting is best, by how much, and which others differ."""
    best, label = ranking.best, ERROR_LABELS[ranking.error]
    median, low, high = (getattr(part, ranking.error) for part in (best.median, best.low, best.high))
    spread = f", quartiles {show_error(low)} to {show_error(high)}, over {ranking.seeds} seeds"
    over = spread if ranking.seeds >= FEWEST_SEEDS else " with one seed, which is one draw"
    number = f"{'median ' * (ranking.seeds >= FEWEST_SEEDS)}{show_error(median)}{over}"
    place = f" with {literal(best.label)}" if best.setting else ""
    yield f"**{label}**{' is smallest' * bool(ranking.rivals)}{place}: {number}."
    if not ranking.rivals:
        return
    yield _beside(ranking, ranking.rivals[0], "The next is")
    if len(ranking.rivals) > 1:
        yield _beside(ranking, ranking.rivals[-1], "The last is")
    if _tells_nothing(ranking):
        yield _too_few(ranking)
    elif len(ranking.rivals) > 1:
        yield _told_apart(ranking)


def _beside(ranking: Ranking, rival: Rival, opening: str) -> str:
    """A rival, how much worse it is, and what the test says of that."""
    ratio = rival.median / _median(ranking) if _median(ranking) else math.inf
    text = f"{opening} {literal(rival.label)} with {show_error(rival.median)}"
    if math.isfinite(ratio):
        text += f", {ratio:.2f} times as much" if ratio < 10 else f", {two_digits(ratio)} times as much"
    test = rival.test
    if test.pairs >= FEWEST_SEEDS:
        text += f", worse with {test.larger} of {test.pairs} seeds"
    if _tells_nothing(ranking):
        return f"{text}."
    verdict = "more than the spread over seeds explains" if rival.differs else "which the spread over seeds may explain"
    alone = f", {_p(test.p)} alone" if ranking.pairs > 1 else ""
    return f"{text}: {verdict} ({test.test}, p = {_p(rival.p)}{alone})."


def _tells_nothing(ranking: Ranking) -> bool:
    """Whether the seeds are too few to tell any setting from the best, whatever their errors."""
    return min(rival.test.smallest_p for rival in ranking.rivals) * ranking.pairs >= SIGNIFICANT


def _too_few(ranking: Ranking) -> str:
    test = min((rival.test for rival in ranking.rivals), key=lambda test: test.smallest_p)
    return (
        f"So few seeds cannot tell that from chance: with the {test.test} the smallest p that they can give is "
        f"{_p(min(1.0, test.smallest_p * ranking.pairs))}, and it takes at least "
        f"{seeds_needed(test.test, ranking.pairs)} seeds a setting."
    )


def _told_apart(ranking: Ranking) -> str:
    """How many settings the best differs from, and which it does not."""
    alike = [rival.label for rival in ranking.rivals if not rival.differs]
    differing = len(ranking.rivals) - len(alike)
    if not alike:
        return f"It differs from all {differing} others."
    if not differing:
        return "It is not told apart from any other."
    named = listed([literal(label) for label in alike[:MOST_NAMED]])
    more = f" and {len(alike) - MOST_NAMED} more" if len(alike) > MOST_NAMED else ""
    return f"It differs from {differing} of the {len(ranking.rivals)} others; not told apart from it: {named}{more}."


def _of_tests(rankings: Sequence[Ranking]) -> Iterator[str]:
    """How the p-values are to be read."""
    tests = {rival.test.test: rival.test.pairs > 0 for ranking in rankings for rival in ranking.rivals}
    how = [
        f"the {name} compares the errors seed by seed, since a seed gives both settings the same initial weights"
        if paired
        else f"the {name} compares all runs of one setting with all of the other, since their initial weights differ"
        for name, paired in tests.items()
    ]
    pairs = max(ranking.pairs for ranking in rankings)
    correction = f", corrected after Holm for all {pairs} pairs of settings, since the best was chosen by its result"
    text = "; ".join(how)
    yield (
        f"{text[0].upper()}{text[1:]}. The p-values are two-sided{correction * (pairs > 1)}, for each of "
        f"the errors by itself; a difference counts where p < {SIGNIFICANT:g}."
    )


def _of_unfinished(rows: Sequence[SweepRow]) -> Iterator[str]:
    left = sum(row.status in ("waiting", "running") for row in rows)
    if left:
        has = "has" if left == 1 else "have"
        yield f"{left:,} of the {len(rows):,} runs {has} not ended yet: the numbers are of those that have."


def _of_failed(rows: Sequence[SweepRow]) -> Iterator[str]:
    """The runs that failed, each named with the reason."""
    failed = [row for row in rows if row.status == "failed"]
    if not failed:
        return
    lines = [
        f"- `{row.run.name}` ({literal(_run_label(row))}): {literal(row.ended_by or 'it failed')}"
        for row in failed[:MOST_FAILED]
    ]
    if len(failed) > MOST_FAILED:
        lines.append(f"- {len(failed) - MOST_FAILED:,} more, which `runs.csv` names")
    diverged = any(row.diverged for row in failed)
    note = " One that diverged counts as an infinite error." * diverged
    yield "\n".join((f"{len(failed):,} of the {len(rows):,} runs failed.{note}", "", *lines))


def _run_label(row: SweepRow) -> str:
    return ", ".join(
        (*(f"{name.replace('_', ' ')} {value}" for name, value in row.run.setting), f"seed {row.run.seed}")
    )


def _median(ranking: Ranking) -> float:
    return float(getattr(ranking.best.median, ranking.error))


def _p(value: float) -> str:
    return f"{value:.2g}" if value >= 1e-4 else f"{value:.0e}"
