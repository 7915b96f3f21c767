"""What has the runs of a sweep trained, and what is told meanwhile: the interface of `local`, and of others."""

from collections.abc import Iterator
from typing import Protocol

from tui_runge.sweeps.plan import PlannedRun
from tui_runge.sweeps.worker import Outcome


class Watcher(Protocol):
    """Is told what the workers of an engine do; they are numbered from 0."""

    def began(self, worker: int, run: PlannedRun) -> None:
        """A worker has begun with a run."""

    def ended(self, worker: int, run: PlannedRun, outcome: Outcome) -> None:
        """A worker has ended a run, or was stopped in it."""

    def look(self) -> None:
        """Called several times a second."""


class NullWatcher:
    """A `Watcher` for an engine whose workers nothing here hears of."""

    def began(self, worker: int, run: PlannedRun) -> None:
        pass

    def ended(self, worker: int, run: PlannedRun, outcome: Outcome) -> None:
        pass

    def look(self) -> None:
        pass


class Engine(Protocol):
    """Has planned runs of a sweep trained, each by `worker.train_run`, which goes on where one was interrupted."""

    def train(self, sweep: str, runs: Iterator[PlannedRun], watcher: Watcher) -> None:
        """Train runs, or see to it that they will be: returns when nothing is left to do here.

        The next run is taken when there is a worker for it. What becomes of each is in its folder. Raises OSError.
        """
