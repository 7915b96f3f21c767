"""What the user hands in: a key exports the run as it stands, in a process of its own."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from tui_runge.core.commands import RequestProgress
from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.run_library import Keeping

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress

WAITING = 1.0
"""Seconds that the end waits at most for an export to begin; an epoch may take longer."""


class Handing(Keeping):
    """The part of the application that exports, each time to a new folder in `out`."""

    def __init__(
        self,
        config: Config,
        appearance: Appearance,
        preferences: Path | None,
        runs_directory: RunsDirectory | None,
        *,
        out: Path,
        tensorboard: bool,
    ) -> None:
        super().__init__(config, appearance, preferences, runs_directory)
        self._out, self._board = out, tensorboard
        self._asked, self._leaving = 0, False

    def action_export(self) -> None:
        self._asked += 1
        self.send(RequestProgress(model=True))

    def export_if_requested(self, progress: "Progress") -> None:
        """Export a run with its model, if that was asked for."""
        if progress.model is not None and self._asked:
            self._asked -= 1
            self._export(progress)

    @work(group="export")
    async def _export(self, progress: "Progress") -> None:
        """Write the files in a process of their own, which goes on when the user quits; a failure is a message."""
        from tui_runge.export.exporter import ExportRequest, export_in_background, new_folder

        history = self.runs_directory.history(progress.run) if self.runs_directory else None
        try:
            folder = new_folder(self._out, datetime.now())
            self.notify(str(folder), title="exporting to", timeout=2, markup=False)
            exported = export_in_background(ExportRequest(progress, history, self._board), folder)
            if self._leaving and not self._asked:
                self.exit()
            await asyncio.wrap_future(exported)
        except OSError as error:
            self.notify(str(error), title="not exported", severity="error", markup=False)
        else:
            self.notify(str(folder), title="exported to", markup=False)

    async def action_quit(self) -> None:
        """Leave; an export that was asked for just before is begun first, and goes on in its own process."""
        if self._asked and not self._leaving:
            self._leaving = True
            self.set_timer(WAITING, self.exit)
        else:
            self.exit()
