"""The export queue: what was asked to be exported, and whether leaving has to wait for it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui_runge.core.commands import RequestExport
from tui_runge.core.text import show_path
from tui_runge.runs.directory import RunsDirectory
from tui_runge.tui.experiment import Experiment
from tui_runge.tui.notifier import Notify

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tui_runge.core.progress import Progress
    from tui_runge.export.exporter import ExportRequest
    from tui_runge.session.session import Session

NOTHING_YET = {
    "loading": "there is nothing yet: torch is loading",
    "failed": "there is nothing: the training failed, r restarts",
}
"""Why a run cannot be exported, by the state that it is in."""


class ExportQueue:
    """Exports the run of an experiment, each time to a new folder in `folder` and in a process of its own.

    An export is asked for, waits for the session to publish the run with its model and for the export before to be
    done, and then begins; at most one waits. `leave` is called once it has begun, where leaving waits for it.
    `formats` are those that the model is handed on in besides NumPy's; they may be set at any time.

    Where there is a `deliver`, no folder is made: it is given the name of a ZIP archive and its content.
    """

    def __init__(
        self,
        experiment: Experiment,
        folder: Path,
        runs_directory: RunsDirectory | None,
        *,
        tensorboard: bool,
        formats: tuple[str, ...] = (),
        notify: Notify,
        leave: Callable[[], object],
        deliver: Callable[[str, bytes], object] | None = None,
    ) -> None:
        self._experiment = experiment
        self._folder = folder
        self._runs_directory = runs_directory
        self._tensorboard = tensorboard
        self.formats = formats
        self._notify = notify
        self._leave = leave
        self._deliver = deliver
        self._leaving = False
        self._asked: Session | None = None  # that has still to publish the run with its model
        self._queued = False  # what it published waits for the export before
        self._told = False
        self._free = asyncio.Event()
        self._free.set()

    @property
    def waiting(self) -> bool:
        """Whether an export was asked for that has not begun; a session that failed will never answer."""
        return self._queued or self._asked is self._experiment.session

    def request(self) -> None:
        """Ask for an export of the run as it stands; a message where there is nothing yet, or one waits already."""
        if reason := NOTHING_YET.get(self._experiment.state):
            self._notify(reason, title="not exported", timeout=2)
        elif not self.waiting:
            self._asked, self._told = self._experiment.session, False
            self._experiment.send(RequestExport())
        elif not self._told:  # once: a key that is held asks many times
            self._told = True
            self._notify("one export waits already", title="not exported", timeout=2)

    def take(self, progress: "Progress") -> bool:
        """Whether this progress is the one that an export waits for, which is to be exported now."""
        if not progress.to_export or self._asked is None:
            return False
        self._asked, self._queued = None, True
        return True

    async def export(self, progress: "Progress") -> None:
        """Export in a process of its own; a failure is a message."""
        from tui_runge.export.exporter import ExportRequest

        await self._free.wait()
        self._free.clear()
        self._queued = False
        history = self._runs_directory.history(progress.run) if self._runs_directory else None
        request = ExportRequest(progress, history, self._tensorboard, self.formats)
        try:
            if self._deliver is None:
                await self._write(request)
            else:
                await self._hand_over(request, self._deliver)
        except OSError as error:
            self._notify(str(error), title="not exported", severity="error")
        finally:
            self._free.set()

    async def _write(self, request: "ExportRequest") -> None:
        """Write the files to a new folder; their process goes on when the user quits."""
        from tui_runge.export.exporter import export_in_background, new_folder

        folder = new_folder(self._folder, datetime.now())
        self._notify(show_path(folder), title="exporting to", timeout=2)
        await self._begun(export_in_background(request, folder))
        self._notify(show_path(folder), title="exported to")

    async def _hand_over(self, request: "ExportRequest", deliver: Callable[[str, bytes], object]) -> None:
        """Deliver the files as an archive; who quits meanwhile gets none."""
        from tui_runge.export.exporter import archive_in_background

        name = f"runge-tui-{datetime.now():%Y%m%d-%H%M%S}"
        self._notify(f"{name}.zip", title="exporting", timeout=2)
        content = await self._begun(archive_in_background(request, name))
        deliver(f"{name}.zip", content)
        self._notify(f"{name}.zip", title="downloading")

    async def _begun(self, exported: "Future[bytes]") -> bytes:
        """Leave, if that waits for this export to begin, and wait for its end; what it has written to its output."""
        if self._leaving and not self.waiting:
            self._leave()
        return await asyncio.wrap_future(exported)

    def delays_leaving(self) -> bool:
        """Whether leaving has to wait until what was asked for has begun, now at once; a second time it does not."""
        delays = self.waiting and not self._leaving
        self._leaving = True
        self._free.set()
        return delays
