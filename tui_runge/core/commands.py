"""What a training thread can be told: to begin another run (`New`, `Resume` or `Branch`), or one of these."""

from dataclasses import dataclass

from tui_runge.core.config import Config
from tui_runge.core.run_start import RunStart


@dataclass(frozen=True)
class Update:
    """Apply the live values of `config` from the next epoch on; more epochs wake a finished run."""

    config: Config


@dataclass(frozen=True)
class Pause:
    """Hold the training."""


@dataclass(frozen=True)
class Unpause:
    """Train on after a pause."""


@dataclass(frozen=True)
class Step:
    """Train one epoch, when paused."""


@dataclass(frozen=True)
class RequestProgress:
    """Only publish a progress, with the model if asked for, and with the sharpness now if that has been measured.

    A screen asks for each progress that it shows, so that it can never be flooded.
    """

    model: bool = False
    sharpness: bool = False


@dataclass(frozen=True)
class RequestExport:
    """Publish a progress with the model to export, once all losses are on the disk."""


@dataclass(frozen=True)
class Stop:
    """End the session."""


Command = RunStart | Update | Pause | Unpause | Step | RequestProgress | RequestExport | Stop
