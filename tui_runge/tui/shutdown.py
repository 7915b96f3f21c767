"""The end by a signal: the run is saved and the program ends within a second, also where the terminal is gone."""

import asyncio
import os
import signal
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_runge.tui.app import RungeApp

LONGEST = 0.95
"""Seconds from a signal to the end, whatever hangs: a terminal that is gone may block whoever writes to it."""


class Shutdown:
    """Ends an application as SIGHUP and SIGTERM ask; to be made where its event loop runs.

    `status` is then the exit status as a shell has it.
    """

    def __init__(self, app: "RungeApp") -> None:
        self.status = 0
        self._app = app
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, lambda number, _: self._end(number))

    def _end(self, number: int) -> None:
        if self.status:
            return
        self.status = 128 + number
        last = Timer(LONGEST, os._exit, [self.status])
        last.daemon = True
        last.start()
        self._app.experiment.stop()
        self._loop.call_soon_threadsafe(self._app.exit)
