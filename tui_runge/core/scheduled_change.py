"""A change of a hyperparameter that is planned for a given epoch of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Self

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.field_types import Value


@dataclass(frozen=True)
class ScheduledChange:
    """A live change to make once `epoch` epochs are trained; the text form is EPOCH:NAME=VALUE.

    Raises ValueError for a hyperparameter that does not change while training and for a value against its rule.
    """

    epoch: int
    name: str
    value: Value

    def __post_init__(self) -> None:
        live = [knob.name for knob in HYPERPARAMETERS.values() if knob.live]
        if self.name not in live:
            raise ValueError(f"a planned change must be of {', '.join(live)}, got {self.name}: start with its value")
        object.__setattr__(self, "value", HYPERPARAMETERS[self.name].kind.check(self.name, self.value))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The change a person typed, such as 300:learning-rate=0.0005; raises ValueError naming value and rule."""
        epoch, colon, setting = text.partition(":")
        name, equals, value = setting.partition("=")
        if not (colon and equals and epoch.strip().isdecimal()):
            raise ValueError(f"a change must be EPOCH:NAME=VALUE, such as 300:learning-rate=0.0005, got {text!r}")
        name = name.strip().replace("-", "_")
        return cls(
            int(epoch),
            name,
            HYPERPARAMETERS[name].kind.parse(name, value.strip()) if name in HYPERPARAMETERS else value,
        )

    def show(self) -> str:
        """The text that `parse` reads back."""
        return f"{self.epoch}:{self.name}={HYPERPARAMETERS[self.name].kind.show(self.value)}"


def check_plan(config: Config, plan: Sequence[ScheduledChange]) -> None:
    """Raise ValueError naming the epoch where the changes of a plan leave a configuration that cannot be."""
    for epoch, changes in groupby(sorted(plan, key=lambda change: change.epoch), key=lambda change: change.epoch):
        try:
            config = config.with_values(**{change.name: change.value for change in changes})
        except ValueError as error:
            raise ValueError(f"the changes planned after epoch {epoch} cannot be: {error}") from None
