"""What the user asks of the past of a run: to see it again, and to train on from there."""

import asyncio
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from tui_runge.core.config import Config
from tui_runge.core.run_start import Branch, RunStart
from tui_runge.runs.directory import RunsDirectory
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.experiment import Asking
from tui_runge.tui.replay import Replay

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress


class Replaying(Asking):
    """The part of the application that replays the run shown, whose snapshots lie in `place`, and branches from it."""

    def __init__(
        self, config: Config, appearance: Appearance, preferences: Path | None, runs_directory: RunsDirectory | None
    ) -> None:
        super().__init__(config, appearance, preferences)
        self.runs_directory = runs_directory
        self.progress: Progress | None = None
        self.replay: Replay | None = None
        self._reading = False

    @abstractmethod
    def begin(self, start: RunStart) -> None:
        """Train another run in place of the one before, which becomes its ghost."""

    def replaying_applies(self) -> dict[str, bool]:
        """Which of the actions here apply now, for those that do not always."""
        now = self.replay is None
        ended = self.progress is not None and self.progress.status != "running"
        return {"leave_replay": not now, "branch": not now, "branch_now": now and ended}

    def keep_as_ghost(self) -> None:
        """Let the run shown be the ghost of the next, unless nothing was trained of it, and end its replay."""
        if self.progress is not None and self.progress.epoch:
            self.lab.ghosts = (self.progress,)
        self.turn_to(None)

    def turn_to(self, replay: Replay | None) -> None:
        """Stand elsewhere in the past at once, or in the present; what is to be seen there follows when it is read."""
        if replay is self.replay:
            return
        entered = (replay is None) != (self.replay is None)
        self.replay = replay
        self.show()
        if entered:
            self.lab.refresh_bindings()
        if replay is not None and replay.waits and not self._reading:
            self._reading = True
            self._follow()

    @work(group="replay")
    async def _follow(self) -> None:
        """Read what the replay stands at, one snapshot at a time: of those passed meanwhile none has to be read."""
        try:
            while self.replay is not None and self.replay.waits:
                await self._read(self.replay.run, self.replay.epoch)
        finally:
            self._reading = False

    async def _read(self, run: str, epoch: int) -> None:
        assert self.runs_directory is not None
        try:
            saved = await asyncio.to_thread(self.runs_directory.runs.read, run, epoch)
        except ValueError as error:
            if self.replay is not None and self.replay.run == run:
                self.turn_to(self.replay.without(epoch))
            self.notify(str(error), title="not replayed", severity="warning", markup=False)
        else:
            if self.replay is not None and self.replay.run == run:
                self.turn_to(self.replay.read(saved.progress))

    def action_scrub(self, direction: int) -> None:
        if self.replay is not None:
            self.turn_to(self.replay.moved(direction))
        elif direction < 0:
            self._enter()

    def _enter(self) -> None:
        """Stand at the last snapshot, or say why there is none."""
        progress = self.progress
        if progress is None or self.runs_directory is None or not progress.run:
            self.notify("the run is not kept: there is nothing to replay", severity="warning", markup=False)
            return
        replay = Replay.last(progress.run, self.runs_directory.runs.snapshots(progress.run), progress.epoch)
        if replay is None:
            self.notify("the run has no snapshots yet", severity="warning", markup=False)
        self.turn_to(replay)

    def action_leave_replay(self) -> None:
        self.turn_to(None)

    def action_branch(self) -> None:
        if self.replay is not None:
            self._branch(self.replay.run, self.replay.epoch)

    def action_branch_now(self) -> None:
        if self.progress is None or self.runs_directory is None or not self.progress.run:
            self.notify("the run is not kept: restart it instead", title="no branch", severity="warning", markup=False)
        else:
            self._branch(self.progress.run, self.progress.epoch)

    @work(group="branch", exclusive=True)
    async def _branch(self, run: str, epoch: int) -> None:
        """Train on from a snapshot with what is asked for, unless that cannot be: then nothing is stopped."""
        assert self.runs_directory is not None
        try:
            saved = await asyncio.to_thread(self.runs_directory.runs.read, run, epoch)
            branch = Branch(saved, self.config)
        except ValueError as error:
            self.notify(str(error), title="no branch", severity="warning", markup=False)
        else:
            self.begin(branch)
            self.notify(f"{run} at epoch {epoch:,}", title="branched from", timeout=3, markup=False)
