"""The export queue: what was asked to be exported, and whether leaving has to wait for it."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui_runge.core.commands import RequestProgress
from tui_runge.core.text import show_path
from tui_runge.runs.directory import RunsDirectory
from tui_runge.tui.experiment import Experiment
from tui_runge.tui.notifier import Notify

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress


class ExportQueue:
    """Exports the run of an experiment, each time to a new folder in `folder` and in a process of its own.

    An export is asked for, waits for the session to publish the run with its model, and then begins. `leave` is called
    once the last one has begun, where leaving waits for it.
    """

    def __init__(
        self,
        experiment: Experiment,
        folder: Path,
        runs_directory: RunsDirectory | None,
        *,
        tensorboard: bool,
        notify: Notify,
        leave: Callable[[], object],
    ) -> None:
        self.waiting = 0
        """How many exports wait for their progress."""
        self._experiment = experiment
        self._folder = folder
        self._runs_directory = runs_directory
        self._tensorboard = tensorboard
        self._notify = notify
        self._leave = leave
        self._leaving = False

    @property
    def applicable(self) -> Mapping[str, bool]:
        """Whether each action applies now, of those that do not always."""
        return {"export": self._experiment.state not in ("loading", "failed")}

    def request(self) -> None:
        """Ask for an export of the run as it stands."""
        self.waiting += 1
        self._experiment.send(RequestProgress(model=True))

    def take(self, progress: "Progress") -> bool:
        """Whether an export waits for this progress, which then is no longer waited for."""
        if progress.model is None or not self.waiting:
            return False
        self.waiting -= 1
        return True

    async def export(self, progress: "Progress") -> None:
        """Write the files in a process of their own, which goes on when the user quits; a failure is a message."""
        from tui_runge.export.exporter import ExportRequest, export_in_background, new_folder

        history = self._runs_directory.history(progress.run) if self._runs_directory else None
        try:
            folder = new_folder(self._folder, datetime.now())
            self._notify(show_path(folder), title="exporting to", timeout=2)
            exported = export_in_background(ExportRequest(progress, history, self._tensorboard), folder)
            if self._leaving and not self.waiting:
                self._leave()
            await asyncio.wrap_future(exported)
        except OSError as error:
            self._notify(str(error), title="not exported", severity="error")
        else:
            self._notify(show_path(folder), title="exported to")

    def delays_leaving(self) -> bool:
        """Whether leaving has to wait until what was asked for has begun; asked a second time it does not."""
        delays = bool(self.waiting) and not self._leaving
        self._leaving = True
        return delays
