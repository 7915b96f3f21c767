"""What a training thread can be told."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_runge.config import Config

if TYPE_CHECKING:
    from tui_runge.saved import Saved


@dataclass(frozen=True)
class Restart:
    """Begin a new run with these hyperparameters; from where another stood, if given, as a branch of it."""

    config: Config
    branch: "Saved | None" = None


@dataclass(frozen=True)
class Open:
    """Go on with a run that was kept; one that had not ended trains at once."""

    saved: "Saved"


@dataclass(frozen=True)
class Update:
    """Apply the live values of `config` from the next epoch on; more epochs wake a finished run."""

    config: Config


@dataclass(frozen=True)
class Pause:
    """Hold the training."""


@dataclass(frozen=True)
class Resume:
    """Go on."""


@dataclass(frozen=True)
class Step:
    """One epoch, when paused."""


@dataclass(frozen=True)
class Report:
    """Only publish a progress, with the model if asked for; whoever is shown them asks for each: none is flooded."""

    model: bool = False


@dataclass(frozen=True)
class Stop:
    """End the session."""


Command = Restart | Open | Update | Pause | Resume | Step | Report | Stop
