"""Runs beside each other: the hyperparameters in which they differ, and how they ended."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.errors import ERROR_LABELS, Errors

if TYPE_CHECKING:
    from tui_runge.core.progress import Change


IDLE = "-"
"""Stands for the value of a hyperparameter that has no effect on a run."""


class ComparableRun(Protocol):
    """What is compared of a run; `config` is the one that its epochs were trained with."""

    @property
    def config(self) -> Config: ...

    @property
    def errors(self) -> Errors: ...

    @property
    def epoch(self) -> int: ...

    @property
    def seconds(self) -> float: ...


@dataclass(frozen=True)
class ErrorRow:
    """One of the four errors of every run; `best` tells the smallest, which several runs may have."""

    label: str
    values: tuple[float, ...]
    best: tuple[bool, ...]


@dataclass(frozen=True)
class Comparison:
    """What a comparison shows, a value for each run in their order; `differences` by the hyperparameter's name."""

    differences: Mapping[str, tuple[str, ...]]
    errors: tuple[ErrorRow, ...]
    epochs: tuple[int, ...]
    seconds: tuple[float, ...]


def compare(runs: Sequence[ComparableRun]) -> Comparison:
    """The comparison of one run or more."""
    return Comparison(
        differences=differences(*(final_values(run.config) for run in runs)),
        errors=tuple(
            _error_row(label, [float(getattr(run.errors, name)) for run in runs])
            for name, label in ERROR_LABELS.items()
        ),
        epochs=tuple(run.epoch for run in runs),
        seconds=tuple(run.seconds for run in runs),
    )


def _error_row(label: str, values: Sequence[float]) -> ErrorRow:
    smallest = min((value for value in values if not math.isnan(value)), default=math.nan)
    return ErrorRow(label, tuple(values), tuple(value == smallest for value in values))


def differences(*runs: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The hyperparameters by name in which runs that they have an effect on differ, and the value of each run.

    A run is given by `final_values`, by `values_over_time` or by `default_values`.
    """
    rows = {name: tuple(run[name] for run in runs) for name in HYPERPARAMETERS}
    return {name: values for name, values in rows.items() if len(set(values) - {IDLE}) > 1}


def final_values(config: Config) -> dict[str, str]:
    """Every hyperparameter's value as a person reads it; `IDLE` where it has no effect."""
    return {
        name: IDLE if name in config.idle else knob.kind.show(getattr(config, name))
        for name, knob in HYPERPARAMETERS.items()
    }


def default_values() -> dict[str, str]:
    """Every hyperparameter's default as a person reads it."""
    return {name: knob.kind.show(knob.default) for name, knob in HYPERPARAMETERS.items()}


def values_over_time(config: Config, changes: "Sequence[Change]", end: float = math.inf) -> dict[str, str]:
    """Every hyperparameter's value at the start and those it took on, such as 0.001, 0.01 from 300.

    `config` is the one after all `changes`. Those made after `end` epochs or later are left out: where a run has so
    many, no epoch was trained with them.
    """
    from tui_runge.core.progress import merge_changes

    texts, merged = final_values(config), merge_changes(changes)
    for name in {change.name for change in merged if texts[change.name] != IDLE}:
        show, own = HYPERPARAMETERS[name].kind.show, [change for change in merged if change.name == name]
        later = {change.epoch: show(change.after) for change in own if change.epoch < end}
        first = later.pop(0, show(own[0].before))
        texts[name] = ", ".join((first, *(f"{value} from {epoch}" for epoch, value in later.items())))
    return texts
