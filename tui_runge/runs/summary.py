"""What a list of runs says of each."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.runs.comparison import differences, final_values


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
        values = differences(final_values(self.config), final_values(Config()))
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, (value, _) in values.items())
