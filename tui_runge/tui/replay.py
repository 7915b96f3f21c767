"""A replay of a run: where in the past it stands, and what controls it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from tui_runge.core.run_start import Branch

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.runs.directory import RunsDirectory
    from tui_runge.tui.experiment import Experiment
    from tui_runge.tui.notifier import Notify


@dataclass(frozen=True)
class Replay:
    """Stands at one of the `epochs` of a run's snapshots, ascending; `snapshot` is the latest that was read, if any."""

    run: str
    epochs: tuple[int, ...]
    epoch: int
    snapshot: "Progress | None" = None

    @classmethod
    def last(cls, run: str, epochs: Sequence[int], now: int) -> Self | None:
        """A replay at the last snapshot before an epoch, if there is one."""
        past = tuple(epoch for epoch in epochs if epoch < now)
        return cls(run, past, past[-1]) if past else None

    @property
    def unread(self) -> bool:
        """Whether the snapshot it stands at has still to be read."""
        return self.snapshot is None or self.snapshot.epoch != self.epoch

    def moved(self, direction: int) -> Self | None:
        """A snapshot back (-1), the first at most, or forth (1), beyond the last to the present, which is None."""
        at = self.epochs.index(self.epoch) + direction
        return replace(self, epoch=self.epochs[max(0, at)]) if at < len(self.epochs) else None

    def with_snapshot(self, snapshot: "Progress") -> Self:
        """With a snapshot that was read, though it may have moved on meanwhile."""
        return replace(self, snapshot=snapshot)

    def without(self, epoch: int) -> Self | None:
        """Without a snapshot that cannot be read: back at the latest that could be; the present where there is none."""
        readable = tuple(other for other in self.epochs if other != epoch)
        if self.epoch != epoch:
            return replace(self, epochs=readable)
        if self.snapshot is None or self.snapshot.epoch not in readable:
            return None
        return replace(self, epochs=readable, epoch=self.snapshot.epoch)


class ReplayController:
    """Moves a `replay` of the run of an experiment, None in the present, and branches from where it stands.

    `changed` is called after the replay has changed.
    """

    def __init__(
        self,
        experiment: "Experiment",
        runs_directory: "RunsDirectory | None",
        *,
        notify: "Notify",
        changed: Callable[[], object],
    ) -> None:
        self.replay: Replay | None = None
        self._experiment = experiment
        self._runs_directory = runs_directory
        self._notify = notify
        self._changed = changed
        self._reading = False

    @property
    def applicable(self) -> Mapping[str, bool]:
        """Whether each action applies now, of those that do not always."""
        past, progress = self.replay is not None, self._experiment.progress
        ended = progress is not None and progress.status != "running"
        return {"leave_replay": past, "branch": past, "branch_now": not past and ended}

    def move_to(self, replay: Replay | None) -> None:
        """Stand elsewhere in the past at once, or in the present; the snapshot there is shown once it is read."""
        if replay is not self.replay:
            self.replay = replay
            self._changed()

    def scrub(self, direction: int) -> None:
        """Move a snapshot back (-1) or forth (1); from the present back to the last one."""
        if self.replay is not None:
            self.move_to(self.replay.moved(direction))
        elif direction < 0:
            self._enter()

    def _enter(self) -> None:
        """Stand at the last snapshot, or say why there is none."""
        progress = self._experiment.progress
        if progress is None or self._runs_directory is None or not progress.run:
            self._notify("the run is not kept: there is nothing to replay", severity="warning")
            return
        replay = Replay.last(progress.run, self._runs_directory.runs.snapshots(progress.run), progress.epoch)
        if replay is None:
            self._notify("the run has no snapshots yet", severity="warning")
        self.move_to(replay)

    def leave(self) -> None:
        """Return to the present."""
        self.move_to(None)

    def leave_other_run(self, run: str) -> None:
        """Return to the present where the replay is not of this run."""
        if self.replay is not None and self.replay.run != run:
            self.leave()

    async def read_snapshots(self) -> None:
        """Read what the replay stands at, one snapshot at a time: of those passed meanwhile none has to be read."""
        if self._reading:
            return
        self._reading = True
        try:
            while self.replay is not None and self.replay.unread:
                await self._read(self.replay.run, self.replay.epoch)
        finally:
            self._reading = False

    async def _read(self, run: str, epoch: int) -> None:
        assert self._runs_directory is not None
        try:
            run_state = await asyncio.to_thread(self._runs_directory.runs.read, run, epoch)
        except ValueError as error:
            if self.replay is not None and self.replay.run == run:
                self.move_to(self.replay.without(epoch))
            self._notify(str(error), title="not replayed", severity="warning")
        else:
            if self.replay is not None and self.replay.run == run:
                self.move_to(self.replay.with_snapshot(run_state.progress))

    async def branch(self) -> None:
        """Train on from where the replay stands, in the present from where the run does, with what is requested.

        Where that cannot be nothing is stopped, and the reason is a message.
        """
        at, progress = self.replay, self._experiment.progress
        if self._runs_directory is None or progress is None or not progress.run:
            self._notify("the run is not kept: restart it instead", title="no branch", severity="warning")
            return
        run, epoch = (at.run, at.epoch) if at is not None else (progress.run, progress.epoch)
        runs = self._runs_directory.runs
        parent, _, first = progress.parent.rpartition("@")
        is_untrained = run == progress.run and first == str(epoch)  # then this is another branch of its parent
        run, read = (parent, runs.read_parent) if is_untrained else (run, runs.read)
        try:
            run_state = await asyncio.to_thread(read, run, epoch)
            branch = Branch(run_state, self._experiment.config)
        except ValueError as error:
            self._notify(str(error), title="no branch", severity="warning")
        else:
            self._experiment.begin(branch)
            self._notify(f"{run} at epoch {epoch:,}", title="branched from", timeout=3)
