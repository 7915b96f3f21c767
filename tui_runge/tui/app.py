"""The application: it composes the parts, hands keys to them, and shows what they hold."""

import asyncio
import contextlib
import dataclasses
import gc
import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from signal import SIGINT
from time import thread_time
from typing import TYPE_CHECKING, ClassVar, NoReturn, Protocol

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from tui_runge.core.commands import Command, Pause, RequestProgress, Step, Unpause, Update
from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.field_types import AUTO
from tui_runge.core.presets import PRESETS
from tui_runge.core.run_start import New, RunStart
from tui_runge.runs.directory import RunsDirectory
from tui_runge.session.session import SAVE_TIMEOUT, Session
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.ascii_filter import AsciiFilter
from tui_runge.tui.clipboard import tmux_sequence
from tui_runge.tui.experiment import Experiment
from tui_runge.tui.export_queue import ExportQueue
from tui_runge.tui.frame_rate import FrameRate
from tui_runge.tui.keys import KEYS, RUNS_KEYS
from tui_runge.tui.lesson_player import LessonPlayer
from tui_runge.tui.palette import Actions
from tui_runge.tui.past_spectra import PastSpectra
from tui_runge.tui.preferences import Preferences, PreferencesStore
from tui_runge.tui.replay import ReplayController
from tui_runge.tui.run_library import OFFER_SECONDS, RunLibrary
from tui_runge.tui.screens.main import MainScreen
from tui_runge.tui.shutdown import Shutdown
from tui_runge.tui.sweep_library import SweepLibrary
from tui_runge.tui.themes import THEMES
from tui_runge.tui.widgets.knobs import KNOB_ROWS, KnobRow

if TYPE_CHECKING:
    from textual.driver import Driver

    from tui_runge.core.config import Config
    from tui_runge.core.progress import Progress
    from tui_runge.core.run_state import RunState
    from tui_runge.export.live_log import LiveLog
    from tui_runge.sweeps.background import SweepProcess
    from tui_runge.tui.screens.runs import RunSelection

EXPORT_WAIT = 1.0
"""Seconds that leaving waits at most for an export to begin; an epoch may take longer."""
LOG_TIMEOUT = 0.2
"""Seconds that leaving waits for a reader of the log who reads no more."""
PROBLEM_KNOBS = ("target", "interval", "data")
"""What is fitted: once it is typed, it is trained."""


class NewSession(Protocol):
    """Makes the session of a run, with what takes its progress and what takes a refused command and the reason."""

    def __call__(
        self, start: RunStart, publish: "Callable[[Progress], object]", *, refuse: Callable[[Command, str], object]
    ) -> Session: ...


class Progressed(Message):
    """The training thread has published a progress; the newest replaces those waiting, but for one to export."""

    def __init__(self, progress: "Progress") -> None:
        super().__init__()
        self.progress = progress

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Progressed) and not self.progress.to_export


class Refused(Message):
    """The training thread could not begin another run, or change the one under way, and trains on as before."""

    def __init__(self, command: Command, reason: str) -> None:
        super().__init__()
        self.command = command
        self.reason = reason


class RungeApp(App[None]):
    """Trains in a thread and shows it; exports go to new folders in `out`, in a browser to the visitor.

    It begins with the run of `start`, and over it with the lessons for who is to `learn`; or with the `sweep` of a name
    that a process may train meanwhile, and then nothing is trained here until a run of it is opened. Runs are kept in
    `runs_directory` and preferences in a file, where given. Of the `log` of their losses it says where that ends early.
    """

    TITLE = "runge-tui"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar = {Actions}
    BINDINGS: ClassVar[list[BindingType]] = [
        *(key.binding for key in KEYS),
        Binding("ctrl+c", "interrupt", "leave", show=False, priority=True, system=True),
    ]

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
        in_browser: bool = False,
        formats: tuple[str, ...] = (),
        learn: bool = False,
        log: "LiveLog | None" = None,
        sweep: str = "",
        sweep_process: "SweepProcess | None" = None,
    ) -> None:
        super().__init__()
        self._in_browser = in_browser
        self.appearance = appearance
        self.preferences_store = PreferencesStore(preferences)
        stored = self.preferences_store.preferences
        self.frame_rate = FrameRate(("slow" if appearance.slow else appearance.refresh) or stored.refresh)
        self._next_frame: Timer | None = None
        self._ascii_filter = AsciiFilter()
        self._set_up_themes()
        self._first_start = start
        self._learn = learn
        self._loss_log = log
        self._first_sweep = sweep
        self._shown_applicable: Mapping[str, bool] = {}
        notify = partial(self.notify, markup=False)
        self.main_screen = MainScreen(stored, appearance.keys)
        self.experiment = Experiment(
            start,
            partial(
                new_session,
                publish=lambda progress: self.post_message(Progressed(progress)),
                refuse=lambda command, reason: self.post_message(Refused(command, reason)),
            ),
            run_session=self._run_after_frame,
            replacing=self._leave_run,
            changed=self.show,
        )
        self.replay_controller = ReplayController(self.experiment, runs_directory, notify=notify, changed=self.show)
        self.past_spectra = PastSpectra(
            runs_directory, changed=lambda: self.main_screen.show_spectra(self.past_spectra.known)
        )
        self.export_queue = ExportQueue(
            self.experiment,
            out,
            runs_directory,
            tensorboard=tensorboard,
            formats=formats,
            notify=notify,
            leave=self.exit,
            deliver=self._deliver if in_browser else None,
        )
        self.run_library = RunLibrary(
            runs_directory, notify=notify, clear_notifications=self.clear_notifications, changed=self.show
        )
        self.sweep_library = SweepLibrary(runs_directory, sweep, sweep_process, notify=notify)
        self.lesson_player = LessonPlayer(self.experiment, notify=notify, clear_notifications=self.clear_notifications)

    # What is shown

    def get_default_screen(self) -> MainScreen:
        return self.main_screen

    def show(self) -> None:
        """Show what the parts hold now, and the keys that apply."""
        experiment = self.experiment
        self.main_screen.show(experiment.state, experiment.config, experiment.progress, self.replay_controller.replay)
        if self._applicable != self._shown_applicable:
            self._shown_applicable = self._applicable
            self.main_screen.refresh_bindings()

    @property
    def _applicable(self) -> Mapping[str, bool]:
        """Whether each action of the parts applies now, of those that do not always."""
        parts = (self.experiment, self.replay_controller, self.run_library)
        return {action: applies for part in parts for action, applies in part.applicable.items()}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys apply now: the footer shows only those."""
        del parameters
        return {**self._applicable, **self.main_screen.applicable_to_knobs}.get(action, True)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *([self._ascii_filter] if self.appearance.ascii else [])]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Of textual's own commands those that no key has."""
        commands = super().get_system_commands(screen)
        return (command for command in commands if command.title in ("Theme", "Screenshot"))

    def _set_up_themes(self) -> None:
        """Take the themes of this program alone: textual's own know nothing of the curves' colours."""
        for name in list(self.available_themes):
            self.unregister_theme(name)
        for theme in THEMES:
            self.register_theme(theme)
        stored = self.preferences_store.theme(self.available_themes)
        self.theme = self.appearance.theme or stored or self.appearance.fallback_theme
        if self.appearance.slow:
            self.animation_level = "none"

    def copy_to_clipboard(self, text: str) -> None:
        super().copy_to_clipboard(text)
        if self._driver is not None and os.environ.get("TMUX"):
            self._driver.write(tmux_sequence(text))

    # Start and end

    @property
    def preferences(self) -> Preferences:
        """What is chosen now, of what is kept from one start to the next."""
        return dataclasses.replace(self.main_screen.preferences, theme=self.theme, refresh=self.frame_rate.name)

    def on_mount(self) -> None:
        self._first_preferences = self.preferences
        if self.appearance.keys != KEYS:
            # All of them, since textual drops whatever shares a key with one that moves.
            self.set_keymap({key.id: key.key for key in self.appearance.keys})
        if problem := self.preferences_store.problem:
            self.notify(problem, title="preferences not used, nor saved", severity="warning", markup=False)

    def on_ready(self) -> None:
        if self._first_sweep:
            _collect_garbage()
            self.experiment.hold()
            self._watch_sweep(self._first_sweep)
            return
        self.experiment.train()
        if self._learn:
            self.action_lessons()

    def on_unmount(self) -> None:
        self.experiment.stop()
        self.preferences_store.save(self._first_preferences, self.preferences)

    # Training

    def _run_after_frame(self, session: Session) -> None:
        """Run a session in a thread once the next frame is up, since importing torch takes a while."""
        self.call_after_refresh(self._import_charts)
        self.call_after_refresh(self._train, session)

    @work(thread=True)
    def _import_charts(self) -> None:
        """Import what draws charts while the system links torch; in the screen's thread the first chart would wait."""
        import plotext._figure  # noqa: F401

    @work(thread=True, group="training", exit_on_error=False)
    def _train(self, session: Session) -> None:
        session.run()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "training" and event.state is WorkerState.ERROR:
            _collect_garbage()
            self.experiment.fail()
            self.lesson_player.leave()
            self.notify(f"{event.worker.error}", title="training failed: r restarts", severity="error", markup=False)

    def on_progressed(self, event: Progressed) -> None:
        _collect_garbage()
        progress = event.progress
        if self.experiment.progress is None and isinstance(self._first_start, New) and not self._first_sweep:
            self._offer_unfinished()
        self.replay_controller.leave_other_run(progress.run)
        self.experiment.receive(progress)
        if self.export_queue.take(progress):
            self._export(progress)
        if self.main_screen.wants_model and self.past_spectra.due(progress):
            self._follow_spectra(progress)
        if progress.status != "running":
            self._request_what_is_seen()
        elif self._next_frame is None:
            seconds = self.frame_rate.seconds_to_next(thread_time(), progress.seconds)
            self._next_frame = self.set_timer(seconds, self._request_frame)
        self.lesson_player.receive(progress)
        self._tell_of_log()

    def _tell_of_log(self) -> None:
        """Say once that the log of losses has ended early."""
        if self._loss_log is not None and self._loss_log.problem:
            self.notify(self._loss_log.problem, title="no longer logged", severity="warning", markup=False)
            self._loss_log = None

    def _request_frame(self) -> None:
        self._next_frame = None
        self.experiment.send(RequestProgress(self.main_screen.wants_model, self.main_screen.wants_sharpness))

    def _request_what_is_seen(self) -> None:
        """Ask for what a chart that is seen is made of and the progress has not: the model, or the sharpness."""
        progress, screen = self.experiment.progress, self.main_screen
        if progress is None:
            return
        model = screen.wants_model and progress.model is None
        measured = progress.sharpness[-1:, 0].tolist()
        sharpness = screen.wants_sharpness and measured != [progress.epoch]
        if model or sharpness:
            self.experiment.send(RequestProgress(model, sharpness))

    @work(group="spectra")
    async def _follow_spectra(self, progress: "Progress") -> None:
        await self.past_spectra.follow(progress)

    def action_page(self) -> None:
        self.main_screen.turn_page()
        self._request_what_is_seen()

    def _leave_run(self) -> None:
        """Make the run shown the ghost of the next, and end its replay and the offer of another."""
        self.run_library.withdraw_offer()
        self.main_screen.push_ghost()
        self.replay_controller.leave()
        self.lesson_player.leave()

    def on_refused(self, event: Refused) -> None:
        if isinstance(event.command, Update):
            title = "not changed"
            self.experiment.take_back(event.command.config)
        else:
            title = "not restarted"
            self.main_screen.pop_ghost()
            self.experiment.refuse()
            self.lesson_player.leave()
        self.notify(event.reason, title=title, severity="warning", markup=False)

    def action_pause(self) -> None:
        self.experiment.send(Pause())

    def action_resume(self) -> None:
        self.experiment.send(Unpause())

    def action_advance(self) -> None:
        self.experiment.send(Step())

    def action_restart(self) -> None:
        self.experiment.restart()

    def action_reseed(self) -> None:
        self.experiment.reseed()

    def action_presets(self) -> None:
        from tui_runge.tui.screens.presets import Presets

        self.push_screen(Presets(), lambda name: self.action_preset(name) if name else None)

    def action_preset(self, name: str) -> None:
        self.experiment.preset(name)
        self.notify(PRESETS[name].look_for, title=name, markup=False)

    # Hyperparameters

    def _change(self, row: KnobRow, change: Callable[[], object]) -> None:
        """Change the value of a knob, with its row in sight; a value that cannot be is a message."""
        self.main_screen.select(row)
        try:
            change()
        except ValueError as error:
            self.notify(str(error), severity="warning", markup=False)

    def _step(self, row: KnobRow, direction: int) -> None:
        self._change(row, lambda: self.experiment.step(row.parameter.name, row.key_step, direction))

    def action_turn(self, name: str, key_step: int, direction: int) -> None:
        self._step(KnobRow(HYPERPARAMETERS[name], HYPERPARAMETERS[name].own_key_steps[key_step]), direction)

    def action_step(self, direction: int) -> None:
        self._step(self.main_screen.knob_row, direction)

    def action_balance(self) -> None:
        row = next(row for row in KNOB_ROWS if row.parameter.name == "derivative_weight")
        is_auto = self.experiment.config.derivative_weight == AUTO
        value = row.parameter.default if is_auto else AUTO
        self._change(row, lambda: self.experiment.set_value(row.parameter.name, value))

    def action_default(self) -> None:
        row = self.main_screen.knob_row
        self._change(row, lambda: self.experiment.set_default(row.parameter.name))

    def action_select(self, rows: int) -> None:
        self.main_screen.select(KNOB_ROWS[(self.main_screen.selected + rows) % len(KNOB_ROWS)])

    def action_edit(self) -> None:
        from tui_runge.tui.screens.value_editor import ValueEditor

        knob = self.main_screen.knob_row.parameter

        def request(config: "Config | None") -> None:
            if config is None:
                return
            self.experiment.request(config)
            is_problem = knob.name in PROBLEM_KNOBS and knob.name not in config.idle
            if is_problem and self.experiment.pending(PROBLEM_KNOBS):
                self.experiment.restart()

        self.push_screen(ValueEditor(knob, self.experiment.config, with_files=not self._in_browser), request)

    def action_undo(self) -> None:
        undone, config = self.experiment.undo(), self.experiment.config
        changed = (row for row in KNOB_ROWS if row.value(config) != row.value(undone))
        self.main_screen.select(next(changed, self.main_screen.knob_row))

    # Replay

    def action_scrub(self, direction: int) -> None:
        self.replay_controller.scrub(direction)
        self._read_snapshots()

    @work(group="replay")
    async def _read_snapshots(self) -> None:
        await self.replay_controller.read_snapshots()

    def action_leave_replay(self) -> None:
        self.replay_controller.leave()

    def action_branch(self) -> None:
        self._branch()

    def action_branch_now(self) -> None:
        self._branch()

    @work(group="branch", exclusive=True)
    async def _branch(self) -> None:
        await self.replay_controller.branch()

    def action_classical(self) -> None:
        if progress := self.experiment.progress:
            from tui_runge.tui.screens.classical import Classical

            self.push_screen(Classical(progress))

    # Runs that were kept

    def action_runs(self) -> None:
        store, progress = self.run_library.store(), self.experiment.progress
        if store is not None:
            from tui_runge.tui.screens.runs import RunsScreen

            current = progress.run if progress else ""
            self.push_screen(RunsScreen(store, current, self.run_library.read), self._use_runs)

    def action_front(self) -> None:
        progress = self.experiment.progress
        store = self.run_library.store() if progress else None
        if progress and store is not None:
            from tui_runge.tui.screens.front import Front

            self.push_screen(Front(store, progress), self._show_behind)

    def _show_behind(self, name: str | None) -> None:
        """Show a kept run behind the current one."""
        if name:
            self._read_ghost(name)

    @work(group="ghost")
    async def _read_ghost(self, name: str) -> None:
        if runs := await self.run_library.read([name]):
            self.main_screen.show_ghosts((runs[0].progress,))

    def _use_runs(self, selection: "RunSelection | None") -> None:
        """Do with runs what was chosen in their list."""
        if selection is None:
            return
        match selection.action:
            case "ghosts":
                first, *others = selection.runs
                if not self.experiment.begun:  # there is no run yet to be behind
                    self.experiment.resume(first, paused=True)
                    selection = dataclasses.replace(selection, runs=others)
                self.main_screen.show_ghosts(tuple(run.progress for run in selection.runs))
            case "sweeps":
                self._watch_next_sweep()
            case "compare":
                self._compare(selection.runs)
            case "open":
                self.experiment.resume(selection.runs[0], paused=True)

    def _compare(self, runs: "Sequence[RunState]") -> None:
        from tui_runge.tui.screens.compare import Compare

        self.push_screen(Compare([run.progress for run in runs]), lambda _: self.action_runs())

    # Sweeps

    def _watch_next_sweep(self) -> None:
        if name := self.sweep_library.next():
            self._watch_sweep(name)
        else:
            self.action_runs()

    def _watch_sweep(self, name: str) -> None:
        from tui_runge.tui.screens.sweep import SLOW_PERIOD, SweepScreen

        screen = SweepScreen(
            self.sweep_library.watch(name),
            self.run_library.read,
            period=SLOW_PERIOD if self.frame_rate.name == "slow" else 1.0,
            problem=self.sweep_library.problem,
            leave=None if self.experiment.begun else self._leave,  # there is nothing to go back to
        )
        self.push_screen(screen, self._use_sweep)

    def _use_sweep(self, selection: "RunSelection | None") -> None:
        """Do with runs of a sweep what was chosen."""
        if selection is not None:
            self._use_runs(selection)
        else:
            self.action_runs()

    def _leave(self) -> None:
        """Leave, once the user has said what becomes of the sweep that a process trains."""
        in_training = self.sweep_library.in_training
        if not in_training:
            self.exit()
            return
        from tui_runge.tui.screens.prompts import LeaveSweep

        def decide(choice: str | None) -> None:
            if choice == "stop":
                self.sweep_library.stop()
            if choice is not None:
                self.exit()

        self.push_screen(LeaveSweep(in_training), decide)

    @work(group="offering")
    async def _offer_unfinished(self) -> None:
        if await self.run_library.offer_unfinished():
            self.set_timer(OFFER_SECONDS, self.run_library.withdraw_offer)

    def action_go_on(self) -> None:
        self._go_on(self.run_library.offered)
        self.run_library.withdraw_offer()

    @work(group="opening")
    async def _go_on(self, name: str) -> None:
        if runs := await self.run_library.read([name]):
            self.experiment.resume(runs[0], paused=False)

    # Lessons

    def action_lessons(self) -> None:
        from tui_runge.tui.screens.lessons import LessonsScreen

        self.push_screen(
            LessonsScreen(self.lesson_player), lambda lesson: self.lesson_player.play(lesson) if lesson else None
        )

    # The program

    def action_export(self) -> None:
        self.export_queue.request()

    def action_export_as(self) -> None:
        from tui_runge.tui.screens.export_as import ExportAs

        self.push_screen(ExportAs(self.export_queue.formats), self._export_in)

    def _export_in(self, formats: tuple[str, ...] | None) -> None:
        """Export in these formats too, now and from now on."""
        if formats is not None:
            self.export_queue.formats = formats
            self.action_export()

    @work(group="export")
    async def _export(self, progress: "Progress") -> None:
        await self.export_queue.export(progress)

    def _deliver(self, name: str, content: bytes) -> None:
        self.deliver_binary(io.BytesIO(content), save_filename=name)

    def action_refresh_rate(self) -> None:
        self.frame_rate.use_next()
        self.notify(self.frame_rate.name, title="refresh", timeout=2, markup=False)

    def action_next_theme(self) -> None:
        names = list(self.available_themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def action_help(self) -> None:
        from tui_runge.tui.screens.help import Help

        self.push_screen(Help((*self.appearance.keys, *RUNS_KEYS)))

    async def action_quit(self) -> None:
        """Leave; an export that was asked for just before is begun first, and goes on in its own process."""
        if self.export_queue.delays_leaving():
            self.set_timer(EXPORT_WAIT, self._leave)
        else:
            self._leave()

    def action_suspend_process(self) -> None:
        """Suspend the process where there is a shell to bring it back."""
        if self._driver is None or self._driver.can_suspend:
            super().action_suspend_process()
        else:
            self.notify("not suspended: no shell waits that could bring it back", severity="warning", markup=False)

    def action_interrupt(self) -> None:
        """Leave as a shell says that a program was interrupted; so is the sweep that it has trained."""
        self.sweep_library.stop()
        self.exit(return_code=128 + SIGINT)


def _collect_garbage() -> None:
    """Collect garbage from now on, where that was put off until all is loaded; what is there by then is none."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _driver_class(typed: bytes, in_browser: bool) -> "type[Driver]":
    """The class of the driver for the terminal, or for a browser in its place."""
    if in_browser:
        from tui_runge.tui.browser_driver import BrowserDriver

        return BrowserDriver
    from tui_runge.tui.driver import driver_class

    return driver_class(typed)


def run(
    start: RunStart,
    runs_directory: RunsDirectory,
    out: Path,
    appearance: Appearance,
    preferences: Path | None,
    *,
    tensorboard: bool,
    formats: tuple[str, ...],
    typed: bytes,
    in_browser: bool,
    learn: bool,
    log: "LiveLog | None",
    sweep: str = "",
    sweep_process: "SweepProcess | None" = None,
) -> NoReturn:
    """Run the application until the user quits, and end the process; `typed` is what the terminal has sent so far.

    A thread that imports torch, or is in a long epoch, cannot be told to end: the process ends without it. It ends
    at once in any case: taking torch down in order takes most of a second, and nothing is left to be done.
    """

    # Ten times as often as by default, training hands the interpreter's lock to the screen: a key's answer waits for
    # several such turns, and comes within 65 ms instead of 105 (p95, two busy cores). Training loses nothing by it.
    sys.setswitchinterval(0.0005)

    async def main() -> NoReturn:
        new_session = partial(Session, make_recorder=runs_directory.record, log=log.add if log else None)
        app = RungeApp(
            start,
            out,
            new_session,
            appearance,
            preferences,
            runs_directory=runs_directory,
            tensorboard=tensorboard,
            formats=formats,
            in_browser=in_browser,
            learn=learn,
            log=log,
            sweep=sweep,
            sweep_process=sweep_process,
        )
        app.driver_class = _driver_class(typed, in_browser)
        shutdown = Shutdown(app)
        await app.run_async(mouse=appearance.mouse)
        if app.preferences_store.problem:
            sys.stderr.write(f"runge-tui: {app.preferences_store.problem}\n")
        if app.sweep_library.farewell:
            sys.stderr.write(f"{app.sweep_library.farewell}\n")
        if app.experiment.begun:
            app.experiment.session.ended.wait(SAVE_TIMEOUT)
        if log is not None:
            log.close(LOG_TIMEOUT)
        # The terminal may be gone.
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(shutdown.status or app.return_code or 0)

    asyncio.run(main())
