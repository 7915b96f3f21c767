"""The table of a sweep: each setting over its seeds."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui_runge.core.errors import ERROR_LABELS, Errors
from tui_runge.runs.numbers import format_error
from tui_runge.sweeps.plan import Setting
from tui_runge.sweeps.results import SweepRow


@dataclass(frozen=True)
class SettingSummary:
    """One row a setting over its seeds: the median and the quartiles of the errors, and how many runs stand how.

    The errors are those of the runs that have ended; NaN where there are none, or where an error is not known. A run
    that diverged has failed, and its errors count as infinite.
    """

    setting: Setting
    median: Errors
    low: Errors
    high: Errors
    epochs_per_second: float | None
    done: int
    running: int
    failed: int
    waiting: int

    @property
    def runs(self) -> int:
        """All of its runs."""
        return self.done + self.running + self.failed + self.waiting

    @property
    def rate(self) -> str:
        """The epochs/s as a person reads them."""
        return "–" if self.epochs_per_second is None else f"{self.epochs_per_second:,.0f}"

    @property
    def label(self) -> str:
        """The setting as a person reads it, such as derivative weight 10 / hidden 64,64."""
        return setting_label(self.setting)


def setting_label(setting: Setting) -> str:
    """Varied hyperparameters and their values as a person reads them."""
    return " / ".join(f"{name.replace('_', ' ')} {value}" for name, value in setting) or "as given"


def show_error(value: float) -> str:
    """An error as a person reads it; infinite where a run diverged, a dash where it is not known."""
    return "∞" if value == math.inf else format_error(value)


def by_setting(rows: Iterable[SweepRow]) -> dict[Setting, list[SweepRow]]:
    """The rows of each setting, in the order of the plan."""
    groups: dict[Setting, list[SweepRow]] = {}
    for row in rows:
        groups.setdefault(row.run.setting, []).append(row)
    return groups


def summarise(rows: Iterable[SweepRow]) -> list[SettingSummary]:
    """A summary of each setting, in the order of the plan."""
    return [summarise_setting(setting, group) for setting, group in by_setting(rows).items()]


def summarise_setting(setting: Setting, rows: Sequence[SweepRow]) -> SettingSummary:
    """The summary of the rows of one setting."""
    low, median, high = (
        Errors(**{name: quantile(list(final_errors(rows, name).values()), part) for name in ERROR_LABELS})
        for part in (0.25, 0.5, 0.75)
    )
    rates = [row.epochs_per_second for row in rows if row.epochs_per_second is not None]
    statuses = [row.status for row in rows]
    return SettingSummary(
        setting,
        median=median,
        low=low,
        high=high,
        epochs_per_second=quantile(rates, 0.5) if rates else None,
        done=statuses.count("done"),
        running=statuses.count("running"),
        failed=statuses.count("failed"),
        waiting=statuses.count("waiting"),
    )


def final_errors(rows: Iterable[SweepRow], name: str) -> dict[int, float]:
    """One of the four errors of the runs of a setting that have ended, by seed; infinite where it diverged."""
    errors: dict[int, float] = {}
    for row in rows:
        if row.diverged:
            errors[row.run.seed] = math.inf
        elif row.status == "done" and row.errors is not None:
            errors[row.run.seed] = float(getattr(row.errors, name))
    return errors


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which a part of the values lies, linear between two of them as NumPy has it.

    Between a finite value and infinity it is infinity; NaN where there are no values, or one is NaN.
    """
    if not values or any(map(math.isnan, values)):
        return math.nan
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = math.floor(place)
    low, high = ordered[below], ordered[math.ceil(place)]
    if low == high or place == below:
        return low
    return low + (high - low) * (place - below)
