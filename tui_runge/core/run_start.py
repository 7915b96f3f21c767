"""How a run begins: new, resumed where it was saved, or as a branch of another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from tui_runge.core.config import HYPERPARAMETERS, Config

if TYPE_CHECKING:
    from tui_runge.core.run_state import RunState


@dataclass(frozen=True)
class New:
    """A run from its initial weights."""

    config: Config

    @property
    def parent(self) -> str:
        """The run it branches from: none."""
        return ""


@dataclass(frozen=True)
class Resume:
    """A saved run, continued in its own record; the live values of `config` act from its next epoch on."""

    run_state: "RunState"
    config: Config

    @classmethod
    def of(cls, run_state: "RunState", values: Mapping[str, Any] | None = None) -> Self:
        """A run as it was saved, with other live values; raises ValueError for one that does not act while training."""
        for name in values or {}:
            if not HYPERPARAMETERS[name].live:
                flag = HYPERPARAMETERS[name].flag
                raise ValueError(f"{flag} cannot change in a run that goes on: begin another with --branch")
        return cls(run_state, run_state.progress.config.with_values(**values or {}))

    @property
    def parent(self) -> str:
        """The run it branched from, such as NAME@740, if it did."""
        return self.run_state.progress.parent


@dataclass(frozen=True)
class Branch:
    """A new run that trains on from where another stood.

    Raises ValueError for a configuration that the weights there do not fit.
    """

    run_state: "RunState"
    config: Config

    def __post_init__(self) -> None:
        self.run_state.check_branch(self.config)

    @classmethod
    def of(cls, run_state: "RunState", values: Mapping[str, Any]) -> Self:
        """A branch with other values than the run it leaves; raises ValueError as the constructor does."""
        return cls(run_state, run_state.progress.config.with_values(**values))

    @property
    def parent(self) -> str:
        """The run and the epoch it branches from, such as NAME@740."""
        return f"{self.run_state.progress.run}@{self.run_state.progress.epoch}"


RunStart = New | Resume | Branch
