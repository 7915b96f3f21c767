"""What the user asks of the runs that were kept: listed, opened, shown as ghosts, compared, gone on with."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work

from tui_runge.core.commands import Pause
from tui_runge.core.config import Config
from tui_runge.core.run_start import Resume
from tui_runge.runs.directory import RunsDirectory
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.replaying import Replaying

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.core.run_state import RunState
    from tui_runge.tui.screens.runs import Chosen

OFFERED = 20.0
"""Seconds that an unfinished run is offered."""
LOOKED_AT = 10
"""Runs looked at to find one that is unfinished."""


class Keeping(Replaying):
    """The part of the application that deals with runs in a `place`, if they are kept at all."""

    def __init__(
        self, config: Config, appearance: Appearance, preferences: Path | None, runs_directory: RunsDirectory | None
    ) -> None:
        super().__init__(config, appearance, preferences, runs_directory)
        self._offered = ""

    def action_runs(self) -> None:
        if self.runs_directory is None:
            self.notify("runs are not kept", severity="warning", markup=False)
            return
        from tui_runge.tui.screens.runs import RunsScreen

        self.push_screen(RunsScreen(self.runs_directory.runs, self.progress.run if self.progress else ""), self._chosen)

    def _chosen(self, chosen: "Chosen | None") -> None:
        if chosen is None:
            return
        names = [run.name for run in chosen.runs]
        match chosen.what:
            case "ghosts":
                self._with(names, lambda all_: self.lab.show_ghosts(tuple(each.progress for each in all_)))
            case "compare":
                self._with(names, lambda all_: self._compare([each.progress for each in all_]))
            case "open" if self.progress is None or names != [self.progress.run]:
                self._with(names, lambda all_: self.open(all_[0], paused=True))

    def _compare(self, progresses: "Sequence[Progress]") -> None:
        from tui_runge.tui.screens.compare import Compare

        self.push_screen(Compare(progresses), lambda _: self.action_runs())

    @work(thread=True, group="opening")
    def _with(self, names: Sequence[str], act: "Callable[[list[RunState]], object]") -> None:
        """Read runs off the screen's thread, then act on them; one that cannot be read is a message."""
        assert self.runs_directory is not None
        runs = self.runs_directory.runs
        try:
            read = [runs.read(name) for name in names]
        except ValueError as error:
            self.call_from_thread(self.notify, str(error), severity="warning", markup=False)
        else:
            self.call_from_thread(act, read)

    def open(self, saved: "RunState", paused: bool) -> None:
        """Show a run that was kept, and ask of it what it was asked for."""
        self.config = saved.progress.config
        self._past.clear()
        self.begin(Resume.of(saved))
        if paused:
            self.send(Pause())
        self.show()

    @work(thread=True, group="offering")
    def offer_unfinished(self) -> None:
        """Appearance for an unfinished run among the newest, and offer it."""
        if self.runs_directory is None:
            return
        runs = self.runs_directory.runs
        for name in runs.names()[:LOOKED_AT]:
            if (run := runs.summary(name)).unfinished:
                self.call_from_thread(self._offer, name, run.epoch)
                return

    def _offer(self, name: str, epoch: int) -> None:
        self._offered = name
        self.notify(f"resume {name} at epoch {epoch}?", title="o goes on with it", timeout=OFFERED, markup=False)
        self.set_timer(OFFERED, self.withdraw)
        self.lab.refresh_bindings()

    def withdraw(self) -> None:
        """Offer nothing any more, nor say so."""
        if self._offered:
            self.clear_notifications()
        self._offered = ""
        self.lab.refresh_bindings()

    def action_go_on(self) -> None:
        self._with([self._offered], lambda read: self.open(read[0], paused=False))
        self.withdraw()
