"""What the parts of the screen are given in tests that need no screen."""

from tests.support.canned import CannedSession
from tui_runge.core.config import Config
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import New
from tui_runge.tui.experiment import Experiment


class Messages:
    """Collects what is notified of, as titles and messages."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str]] = []

    def __call__(
        self, message: str, *, title: str = "", severity: str = "information", timeout: float | None = None
    ) -> None:
        del severity, timeout
        self.all.append((title, message))


def nothing(*_: object) -> None:
    """Does nothing when it is called back."""


def experiment_with(progress: Progress | None) -> tuple[Experiment, CannedSession]:
    """An experiment that has published this, and its session, which only keeps what it is sent."""
    session = CannedSession(New(Config()))
    experiment = Experiment(New(Config()), lambda _: session, run_session=nothing, replacing=nothing, changed=nothing)
    if progress is not None:
        experiment.receive(progress)
    return experiment, session
