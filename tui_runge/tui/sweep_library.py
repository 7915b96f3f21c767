"""The library of sweeps: which of them is watched, and the process that trains one, if this program began it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_runge.runs.directory import RunsDirectory
from tui_runge.tui.notifier import Notify

if TYPE_CHECKING:
    from tui_runge.sweeps.background import SweepProcess
    from tui_runge.sweeps.watch import SweepState


class SweepLibrary:
    """The sweeps in a directory of runs, the name of the one that is `watched`, and the `process` that trains one."""

    def __init__(
        self,
        directory: RunsDirectory | None,
        watched: str = "",
        process: "SweepProcess | None" = None,
        *,
        notify: Notify,
    ) -> None:
        self.watched = watched
        self.process = process
        self._directory = directory
        self._notify = notify

    def next(self) -> str:
        """The name of the latest sweep, or of the one before that which was watched last.

        It is empty where there is none, which is a message.
        """
        from tui_runge.sweeps.directory import SweepsDirectory

        try:
            names = SweepsDirectory(self._directory).names() if self._directory is not None else []
        except ValueError as error:
            self._notify(str(error), severity="warning")
            names = []
        if not names:
            self._notify("there is no sweep: runge-tui sweep --help says how to begin one")
            return ""
        place = names.index(self.watched) + 1 if self.watched in names else 0
        return names[place % len(names)]

    def watch(self, name: str) -> "Callable[[], SweepState]":
        """Watch a sweep from now on; what reads it."""
        from tui_runge.sweeps.watch import SweepWatch

        assert self._directory is not None
        self.watched = name
        return SweepWatch(self._directory, name).read

    def problem(self) -> str:
        """Why the training of the sweep that is watched has failed; empty where it has not, or is not known."""
        return self.process.problem() if self.process is not None and self.process.name == self.watched else ""

    @property
    def in_training(self) -> str:
        """The name of the sweep that the process trains now, if it does."""
        return self.process.name if self.process is not None and self.process.running else ""

    def stop(self) -> None:
        """Tell the process to keep what it has, and to end."""
        if self.process is not None:
            self.process.stop()

    @property
    def farewell(self) -> str:
        """What to tell the user who leaves while the process trains on; empty where it does not."""
        process = self.process
        return process.farewell if process is not None and process.running and not process.stopped else ""
