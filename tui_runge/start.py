"""What a program begins to train."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from tui_runge.commands import Open, Restart
from tui_runge.config import KNOBS, Config

if TYPE_CHECKING:
    from tui_runge.saved import Saved


@dataclass(frozen=True)
class Start:
    """The command a session begins with, and the configuration that is asked of it from then on."""

    command: Restart | Open
    config: Config

    @classmethod
    def new(cls, config: Config) -> Self:
        """A new run."""
        return cls(Restart(config), config)

    @classmethod
    def again(cls, saved: "Saved", values: Mapping[str, Any]) -> Self:
        """A run that goes on, with other values; raises ValueError for one that does not act while training."""
        for name in values:
            if not KNOBS[name].live:
                raise ValueError(f"{KNOBS[name].flag} cannot change in a run that goes on: begin another with --branch")
        return cls(Open(saved), saved.progress.config.with_values(**values))

    @classmethod
    def branch(cls, saved: "Saved", values: Mapping[str, Any]) -> Self:
        """A new run from where another stood, with other values; raises ValueError for one it cannot go on with."""
        config = saved.progress.config.with_values(**values)
        saved.refuse_branch(config)
        return cls(Restart(config, saved), config)
