"""What the spectrum of the error was earlier in the run that is shown: read from its snapshots, or as it was seen."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_runge.tui.charts.diagnostics import Spectrum, spectrum, telling

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.runs.directory import RunsDirectory

GROWTH = 1.3
"""How much longer a run has to be than when its spectra were last looked for."""


class PastSpectra:
    """Holds the spectra of one run, which is another when a progress of another comes; only while they are shown.

    `changed` is called after another has become known.
    """

    def __init__(self, runs_directory: "RunsDirectory | None", *, changed: Callable[[], object]) -> None:
        self._runs_directory = runs_directory
        self._changed = changed
        self._known: dict[int, Spectrum | None] = {}  # None: cannot be read
        self._run, self._newest, self._next = "", 0, 0.0
        self._reading = False

    @property
    def known(self) -> tuple[Spectrum, ...]:
        """The spectra so far, in no order."""
        return tuple(each for each in self._known.values() if each is not None)

    def due(self, progress: "Progress") -> bool:
        """Whether spectra are to be looked for: another run has begun, or this one has grown much since."""
        if progress.run != self._run or progress.epoch < self._newest:
            self._known, self._next = {}, 0.0
        self._run, self._newest = progress.run, progress.epoch
        return progress.model is not None and progress.epoch >= self._next and not self._reading

    async def follow(self, progress: "Progress") -> None:
        """Note the spectrum of a progress, and read those of the snapshots before it that tell most."""
        self._next = progress.epoch * GROWTH + 1
        if now := spectrum(progress):
            self._known[now.epoch] = now
        self._reading = True
        try:
            await self._read(progress.run, progress.epoch)
        finally:
            self._reading = False
        self._changed()

    async def _read(self, run: str, epoch: int) -> None:
        if self._runs_directory is None or not run:
            return
        runs = self._runs_directory.runs
        for wanted in telling(await asyncio.to_thread(runs.snapshots, run), epoch):
            if wanted in self._known:
                continue
            try:
                read = spectrum((await asyncio.to_thread(runs.read, run, wanted)).progress)
            except ValueError:
                read = None
            if self._run == run:
                self._known[wanted] = read
