"""The application: keys become commands, progress becomes a screen."""

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, ClassVar, NoReturn

from textual import work
from textual.app import App
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from tui_runge.config import KNOBS, Config
from tui_runge.session import Command, Pause, Report, Restart, Resume, Session, Step, Stop, Update
from tui_runge.tui.keys import KEYS
from tui_runge.tui.pace import Pace
from tui_runge.tui.screens.help import Help
from tui_runge.tui.screens.lab import Lab

if TYPE_CHECKING:
    from tui_runge.progress import Progress

NewSession = Callable[[Config, "Callable[[Progress], object]"], Session]


class Progressed(Message):
    """The training thread has published a progress; the newest replaces those still waiting."""

    def __init__(self, progress: "Progress") -> None:
        super().__init__()
        self.progress = progress

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Progressed)


class RungeApp(App[None]):
    """Trains `config` in a thread and shows it; exports go to new folders in `out`.

    On a `slow` line few frames are drawn, and nothing is animated.
    """

    TITLE = "runge-tui"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [key.binding for key in KEYS]

    state = var("loading", init=False)

    def __init__(self, config: Config, out: Path, new_session: NewSession = Session, slow: bool = False) -> None:
        super().__init__()
        self.config = config
        self.out = out
        self.progress: Progress | None = None
        self._new_session = new_session
        self._lab = Lab()
        self._next_report: Timer | None = None
        self._pace = Pace(slow)
        if slow:
            self.animation_level = "none"

    def get_default_screen(self) -> Lab:
        return self._lab

    def on_ready(self) -> None:
        self._start()

    def _start(self) -> None:
        """Start a training thread; the frame before it is already up, since importing torch takes a while."""
        self.state, self.progress = "loading", None
        self.session = self._new_session(self.config, lambda progress: self.post_message(Progressed(progress)))
        self._send(Report())
        self._show()
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
            self._show()
            self.notify(f"{event.worker.error}", title="training failed: r restarts", severity="error", markup=False)

    def on_progressed(self, event: Progressed) -> None:
        self.progress = event.progress
        self.state = event.progress.status
        if self.state == "running" and self._next_report is None:
            self._next_report = self.set_timer(self._pace(thread_time(), event.progress.seconds), self._ask)
        self._show()

    def _ask(self) -> None:
        self._next_report = None
        self._send(Report())

    def _send(self, command: Command) -> None:
        self.session.send(command)

    def _show(self) -> None:
        self._lab.show(self.state, self.config, self.progress)

    def watch_state(self) -> None:
        self._lab.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys apply now: the footer shows only those."""
        del parameters
        match action:
            case "pause":
                return self.state in ("running", "loading")
            case "resume" | "advance":
                return self.state == "paused"
            case "export":
                return self.state not in ("loading", "failed")
        return True

    def action_pause(self) -> None:
        self._send(Pause())

    def action_resume(self) -> None:
        self._send(Resume())

    def action_advance(self) -> None:
        self._send(Step())

    def action_restart(self) -> None:
        if self.state == "failed":
            self._start()
        else:
            self._send(Restart(self.config))

    def action_reseed(self) -> None:
        self.config = self.config.with_values(seed=KNOBS["seed"].kind.step(self.config.seed, 1))
        self.action_restart()

    def action_turn(self, name: str, turn: int, direction: int) -> None:
        """Turn a knob; a live one acts from the next epoch on, another restarts the run."""
        knob = KNOBS[name]
        value = knob.turns[turn].step(getattr(self.config, name), direction)
        try:
            self.config = self.config.with_values(**{name: value})
        except ValueError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        if knob.live:
            self._send(Update(self.config))
            self._show()
        else:
            self.action_restart()

    def action_scale(self) -> None:
        self._lab.toggle_scale()

    def action_chart(self, chart: int) -> None:
        self._lab.choose(chart)

    def action_next_chart(self, direction: int) -> None:
        self._lab.choose_next(direction)

    def action_help(self) -> None:
        self.push_screen(Help())

    def action_export(self) -> None:
        if self.progress is not None:
            self._export(self.progress)

    @work(group="export")
    async def _export(self, progress: "Progress") -> None:
        """Write the files in a process of their own, which goes on when the user quits; a failure is a message."""
        from tui_runge.export import export_in_background, new_folder

        try:
            folder = new_folder(self.out, datetime.now())
            self.notify(str(folder), title="exporting to", timeout=2, markup=False)
            await asyncio.wrap_future(export_in_background(progress, folder))
        except OSError as error:
            self.notify(str(error), title="not exported", severity="error", markup=False)
        else:
            self.notify(str(folder), title="exported to", markup=False)

    def on_unmount(self) -> None:
        self._send(Stop())


def run(config: Config, out: Path, slow: bool = False) -> NoReturn:
    """Run the application until the user quits, and end the process.

    A thread that imports torch, or is in a long epoch, cannot be told to end: the process ends without it. It ends
    at once in any case: taking torch down in order takes most of a second, and nothing is left to be done.
    """

    # Ten times as often as by default, training hands the interpreter's lock to the screen: a key's answer waits for
    # several such turns, and comes within 65 ms instead of 105 (p95, two busy cores). Training loses nothing by it.
    sys.setswitchinterval(0.0005)

    async def main() -> NoReturn:
        app = RungeApp(config, out, slow=slow)
        await app.run_async()
        app.session.ended.wait(0.5)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(app.return_code or 0)

    asyncio.run(main())
