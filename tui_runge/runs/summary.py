"""What a list shows of a run."""

import math
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.problems import ErrorsOn
from tui_runge.runs.comparison import default_values, differences, final_values


@dataclass(frozen=True)
class RunSummary:
    """A run in a list. `config` is the one that its epochs were trained with, `seconds` the time spent training, and
    `errors_on` the points that its errors are taken on; `points` is the hash of measured ones that it is fitted to.

    `status` is that of a progress, or interrupted, training (by another process) or broken. Of a broken run only the
    name, the time and the `problem` are known.
    """

    name: str
    status: str
    created: datetime
    config: Config
    epoch: int
    errors: Errors
    seconds: float
    errors_on: ErrorsOn = "grid"
    points: str = ""
    parent: str = ""
    note: str = ""
    problem: str = ""

    @property
    def unfinished(self) -> bool:
        """Whether its training was interrupted and can be resumed."""
        return self.status == "interrupted"

    @cached_property
    def differs(self) -> str:
        """The hyperparameters that differ from the defaults, such as derivative weight 10, epochs 5000."""
        values = differences(final_values(self.config), default_values())
        if self.config.data and math.isnan(self.errors.mse_df):
            values.pop("derivative_weight", None)  # it is 0, since no slopes were measured
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, (value, _) in values.items())
