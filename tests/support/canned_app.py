"""The app on a run that never trains."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from tests.support.canned import CannedSession
from tests.support.pilot import Observer, observed
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import New
from tui_runge.tui.app import RungeApp


@asynccontextmanager
async def running(shown: Progress, size: tuple[int, int] = (120, 36)) -> AsyncIterator[tuple[RungeApp, Observer]]:
    """The app that shows a progress, and what drives it."""
    app = RungeApp(New(shown.config), Path("exports"), partial(CannedSession, first=shown))
    async with observed(app, size) as pilot:
        await pilot.until(lambda: app.experiment.state == shown.status)
        yield app, pilot
