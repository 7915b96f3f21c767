"""The application: keys become commands, progress becomes a screen."""

import asyncio
import contextlib
import dataclasses
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, NoReturn

from textual import work
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from tui_runge.core.commands import Command, Pause, RequestProgress, Step, Stop, Unpause
from tui_runge.core.run_start import New, RunStart
from tui_runge.runs.directory import RunsDirectory
from tui_runge.session.session import SAVE_TIMEOUT, Session
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.export_queue import Handing
from tui_runge.tui.frame_rate import NAMED, FrameRate
from tui_runge.tui.preferences import Preferences
from tui_runge.tui.shutdown import Shutdown

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress

NewSession = Callable[[RunStart, "Callable[[Progress], object]"], Session]


class Progressed(Message):
    """The training thread has published a progress; the newest replaces those waiting, but for one to export."""

    def __init__(self, progress: "Progress") -> None:
        super().__init__()
        self.progress = progress

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Progressed) and self.progress.model is None


class RungeApp(Handing):
    """Trains in a thread and shows it; exports go to new folders in `out`.

    It begins with the run of `start`; runs are kept in `place`, if any.
    """

    TITLE = "runge-tui"
    CSS_PATH = "app.tcss"

    state = var("loading", init=False)

    def __init__(
        self,
        start: RunStart,
        out: Path,
        new_session: NewSession = Session,
        appearance: Appearance = Appearance(),  # noqa: B008 - frozen
        preferences: Path | None = None,
        *,
        runs_directory: RunsDirectory | None = None,
        tensorboard: bool = False,
    ) -> None:
        super().__init__(start.config, appearance, preferences, runs_directory, out=out, tensorboard=tensorboard)
        self._first = start
        self._new_session = new_session
        self._next_report: Timer | None = None
        kept = self.kept.preferences.refresh
        asked = "slow" if appearance.slow else appearance.refresh
        self._pace = FrameRate(asked or (kept if kept in NAMED else "normal"))

    def choices(self) -> Preferences:
        return dataclasses.replace(self.lab.choices, theme=self.theme, refresh=self._pace.rate)

    def on_ready(self) -> None:
        self._start(self._first)
        self.send(RequestProgress())

    def _start(self, start: RunStart) -> None:
        """Start a training thread; the frame before it is already up, since importing torch takes a while."""
        self.state, self.progress = "loading", None
        self.session = self._new_session(start, lambda progress: self.post_message(Progressed(progress)))
        self.show()
        self.call_after_refresh(self._import_charts)
        self.call_after_refresh(self._train)

    @work(thread=True)
    def _import_charts(self) -> None:
        """Import what draws charts while the system links torch; in the screen's thread the first chart would wait."""
        import plotext._figure  # noqa: F401

    @work(thread=True, group="training", exit_on_error=False)
    def _train(self) -> None:
        self.session.run()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "training" and event.state is WorkerState.ERROR:
            self.state = "failed"
            self.show()
            self.notify(f"{event.worker.error}", title="training failed: r restarts", severity="error", markup=False)

    def on_progressed(self, event: Progressed) -> None:
        if self.progress is None and isinstance(self._first, New):
            self.offer_unfinished()
        self.progress = event.progress
        if self.replay is not None and self.replay.run != event.progress.run:
            self.turn_to(None)
        self.state = event.progress.status
        self.export_if_requested(event.progress)
        if self.state == "running" and self._next_report is None:
            self._next_report = self.set_timer(self._pace(thread_time(), event.progress.seconds), self._ask)
        self.show()

    def _ask(self) -> None:
        self._next_report = None
        self.send(RequestProgress())

    def send(self, command: Command) -> None:
        self.session.send(command)

    def show(self) -> None:
        self.lab.show(self.state, self.config, self.progress, self.replay)

    def watch_state(self) -> None:
        self.lab.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys apply now: the footer shows only those."""
        del parameters
        state = self.state
        applies = (
            self.asking_applies()
            | self.replaying_applies()
            | {
                "pause": state in ("running", "loading"),
                "resume": state == "paused",
                "advance": state == "paused",
                "go_on": bool(self._offered),
                "export": state not in ("loading", "failed"),
            }
        )
        return applies.get(action, True)

    def action_pause(self) -> None:
        self.send(Pause())

    def action_resume(self) -> None:
        self.send(Unpause())

    def action_advance(self) -> None:
        self.send(Step())

    def begin(self, start: RunStart) -> None:
        self.withdraw()
        self.keep_as_ghost()
        if self.state == "failed":
            self._start(start)
            self.send(RequestProgress())
        else:
            self.send(start)

    def action_restart(self) -> None:
        self.begin(New(self.config))

    def action_refresh_rate(self) -> None:
        rates = list(NAMED)
        self._pace.rate = rates[(rates.index(self._pace.rate) + 1) % len(rates)]
        self.notify(self._pace.rate, title="refresh", timeout=2, markup=False)

    def stop_training(self) -> None:
        """End the session, where there is one yet."""
        if self.progress is not None:
            self.send(Stop())

    def on_unmount(self) -> None:
        self.send(Stop())


def run(
    start: RunStart,
    runs_directory: RunsDirectory,
    out: Path,
    appearance: Appearance,
    preferences: Path,
    *,
    tensorboard: bool,
) -> NoReturn:
    """Run the application until the user quits, and end the process.

    A thread that imports torch, or is in a long epoch, cannot be told to end: the process ends without it. It ends
    at once in any case: taking torch down in order takes most of a second, and nothing is left to be done.
    """

    # Ten times as often as by default, training hands the interpreter's lock to the screen: a key's answer waits for
    # several such turns, and comes within 65 ms instead of 105 (p95, two busy cores). Training loses nothing by it.
    sys.setswitchinterval(0.0005)

    async def main() -> NoReturn:
        new_session = partial(Session, make_recorder=runs_directory.record)
        app = RungeApp(
            start, out, new_session, appearance, preferences, runs_directory=runs_directory, tensorboard=tensorboard
        )
        ending = Shutdown(app)
        await app.run_async()
        if app.kept.problem:
            sys.stderr.write(f"runge-tui: {app.kept.problem}\n")
        app.session.ended.wait(SAVE_TIMEOUT)
        # The terminal may be gone.
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(ending.status or app.return_code or 0)

    asyncio.run(main())
