"""The application: keys become commands, progress becomes a screen."""

import asyncio
import dataclasses
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from tui_runge.config import KNOBS, Config
from tui_runge.preferences import Kept, Preferences
from tui_runge.session import Command, Pause, Report, Restart, Resume, Session, Step, Stop, Update
from tui_runge.tui.keys import KEYS, Key
from tui_runge.tui.look import Look
from tui_runge.tui.palette import Actions
from tui_runge.tui.plain import Plain
from tui_runge.tui.screens.help import Help
from tui_runge.tui.screens.lab import Lab
from tui_runge.tui.themes import THEMES

if TYPE_CHECKING:
    from tui_runge.progress import Progress

SHARE = 0.1
"""The part of its time that the screen may spend drawing: what it spends, training loses."""
FASTEST = 0.1
"""Seconds from one frame to the next, at least."""
SLOWEST = 1.0
"""The same on a slow line."""

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

    `preferences` is the file that keeps what is chosen on the screen; None for none.
    """

    TITLE = "runge-tui"
    COMMANDS = App.COMMANDS | {Actions}
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [key.binding for key in KEYS]

    state = var("loading", init=False)

    def __init__(
        self,
        config: Config,
        out: Path,
        new_session: NewSession = Session,
        look: Look = Look(),  # noqa: B008 - frozen
        preferences: Path | None = None,
    ) -> None:
        super().__init__()
        self._look = look
        self._plain = Plain()
        self._kept = Kept(preferences)
        for name in list(self.available_themes):
            self.unregister_theme(name)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = look.theme or self._kept.theme(self.available_themes) or look.suited
        if look.slow:
            self.animation_level = "none"
        self.config = config
        self.out = out
        self.progress: Progress | None = None
        self._new_session = new_session
        self._lab = Lab(self._kept.preferences)
        self._before = self._choices()
        self._next_report: Timer | None = None

    def get_default_screen(self) -> Lab:
        return self._lab

    @property
    def keys(self) -> tuple[Key, ...]:
        """The table of the keys, with those the user gave."""
        return self._look.keys

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *([self._plain] if self._look.ascii else [])]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Of textual's own commands those that the keys do not have."""
        return (each for each in super().get_system_commands(screen) if each.title in ("Theme", "Screenshot"))

    def _choices(self) -> Preferences:
        return dataclasses.replace(self._lab.choices, theme=self.theme)

    def on_mount(self) -> None:
        if self.keys != KEYS:
            # All of them, since textual drops whatever shares a key with one that moves.
            self.set_keymap({key.id: key.key for key in self.keys})

    def on_ready(self) -> None:
        if self._kept.problem:
            self.notify(self._kept.problem, title="preferences not used, nor saved", severity="warning", markup=False)
        self._start()

    def _start(self) -> None:
        """Start a training thread; the frame before it is already up, since importing torch takes a while."""
        self.state, self.progress = "loading", None
        self.session = self._new_session(self.config, lambda progress: self.post_message(Progressed(progress)))
        self._send(Report())
        self._show()
        self.call_after_refresh(self._train)

    @work(thread=True, group="training", exit_on_error=False)
    def _train(self) -> None:
        self.session.run()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "training" and event.state is WorkerState.ERROR:
            self.state = "failed"
            self._show()
            self.notify(f"{event.worker.error}", title="training failed: r restarts", severity="error", markup=False)

    def on_progressed(self, event: Progressed) -> None:
        start = thread_time()
        self.progress = event.progress
        self.state = event.progress.status
        self._show()
        if self.state == "running":
            self.call_after_refresh(self._pace, start)

    def _pace(self, start: float) -> None:
        """Ask for the next progress when the frame that began at `start` of this thread's time is paid for."""
        if self._next_report is None:
            delay = max(SLOWEST if self._look.slow else FASTEST, (thread_time() - start) / SHARE)
            self._next_report = self.set_timer(delay, self._ask)

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
        self.push_screen(Help(self.keys))

    def action_next_theme(self) -> None:
        names = list(self.available_themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

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
        self._kept.save(self._before, self._choices())


def run(config: Config, out: Path, look: Look, preferences: Path) -> int:
    """Run the application until the user quits; the exit status.

    A thread that imports torch, or is in a long epoch, cannot be told to end: the process ends without it.
    """

    async def main() -> int:
        app = RungeApp(config, out, look=look, preferences=preferences)
        await app.run_async()
        ended = await asyncio.to_thread(app.session.ended.wait, 0.5)
        if not ended:
            sys.stdout.flush()
            os._exit(app.return_code or 0)
        return app.return_code or 0

    return asyncio.run(main())
