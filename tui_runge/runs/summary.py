"""What a list of runs says of each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.errors import Errors


@dataclass(frozen=True)
class RunSummary:
    """A run in a list: `status` is as in a progress, or interrupted, training (by a process) or broken.

    Of a broken one only the name is known, and the `problem`. `seconds` is the time spent training.
    """

    name: str
    status: str
    created: datetime
    config: Config
    epoch: int
    errors: Errors
    seconds: float
    parent: str = ""
    note: str = ""
    problem: str = ""

    @property
    def unfinished(self) -> bool:
        """Whether its training was cut short, and nobody goes on with it."""
        return self.status == "interrupted"

    @cached_property
    def differs(self) -> str:
        """What differs from the defaults, such as derivative weight 10, epochs 5000."""
        unlike = differences(self.config, Config())
        return ", ".join(f"{name.replace('_', ' ')} {values[0]}" for name, values in unlike.items())


def best(values: Sequence[float]) -> float:
    """The smallest of some errors, NaN where none is known."""
    return min((value for value in values if not math.isnan(value)), default=math.nan)


def differences(*configs: Config) -> dict[str, tuple[str, ...]]:
    """The hyperparameters in which configurations differ, and the value that each has, as a person reads it."""
    names = (name for name in HYPERPARAMETERS if len({getattr(config, name) for config in configs}) > 1)
    return {name: tuple(HYPERPARAMETERS[name].kind.show(getattr(config, name)) for config in configs) for name in names}
