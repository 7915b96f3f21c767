"""The library of runs: reading those that were kept, and offering the one that was left unfinished."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from tui_runge.runs.directory import RunsDirectory
from tui_runge.tui.notifier import Notify

if TYPE_CHECKING:
    from tui_runge.core.run_state import RunState
    from tui_runge.runs.store import RunStore
    from tui_runge.runs.summary import RunSummary

OFFER_SECONDS = 20.0
"""How long an unfinished run is offered."""
SEARCHED_RUNS = 10
"""How many of the newest runs are searched for one that is unfinished."""


class RunLibrary:
    """The runs in a directory, if they are kept at all, and the name of the one that is `offered`, if one is.

    `clear_notifications` takes back what was notified of, `changed` is called after the offer has changed.
    """

    def __init__(
        self,
        directory: RunsDirectory | None,
        *,
        notify: Notify,
        clear_notifications: Callable[[], object],
        changed: Callable[[], object],
    ) -> None:
        self.directory = directory
        self.offered = ""
        self._notify = notify
        self._clear_notifications = clear_notifications
        self._changed = changed

    @property
    def applicable(self) -> Mapping[str, bool]:
        """Whether each action applies now, of those that do not always."""
        return {"go_on": bool(self.offered)}

    def store(self) -> "RunStore | None":
        """The runs; None where they are not kept, which is a message."""
        if self.directory is None:
            self._notify("runs are not kept", severity="warning")
            return None
        return self.directory.runs

    async def read(self, names: Sequence[str]) -> "list[RunState]":
        """Read runs in another thread; none where one of them cannot be read, which is a message."""
        assert self.directory is not None
        runs = self.directory.runs
        try:
            return await asyncio.to_thread(lambda: [runs.read(name) for name in names])
        except ValueError as error:
            self._notify(str(error), severity="warning")
            return []

    async def offer_unfinished(self) -> bool:
        """Offer the newest unfinished run, looked for in another thread; whether there is one."""
        run = await asyncio.to_thread(self._find_unfinished)
        if run is None:
            return False
        self.offered = run.name
        question = f"resume {run.name} at epoch {run.epoch}?"
        self._notify(question, title="o goes on with it", timeout=OFFER_SECONDS)
        self._changed()
        return True

    def _find_unfinished(self) -> "RunSummary | None":
        if self.directory is None:
            return None
        runs = self.directory.runs
        try:
            names = runs.names()
        except ValueError:
            return None  # a run cannot be kept there either, which the title says
        summaries = (runs.summary(name) for name in names[:SEARCHED_RUNS])
        return next((run for run in summaries if run.unfinished), None)

    def withdraw_offer(self) -> None:
        """Offer no run any more, and take back the question."""
        if self.offered:
            self._clear_notifications()
            self.offered = ""
            self._changed()
