"""The experiment: its training session, the configuration that is requested, and the latest progress."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tui_runge.core.commands import Command, Pause, RequestProgress, Stop, Unpause, Update
from tui_runge.core.config import HYPERPARAMETERS, Config, KeyStep
from tui_runge.core.presets import PRESETS
from tui_runge.core.run_start import New, Resume, RunStart
from tui_runge.problems import read_data
from tui_runge.session.session import Session

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress, Status
    from tui_runge.core.run_state import RunState

State: TypeAlias = "Status | Literal['loading', 'failed']"
"""The status of the run; loading before its first progress, failed once its session has ended in an error."""


def with_choice(config: Config, name: str, value: Any) -> Config:
    """The configuration with another value of a hyperparameter, and the points of data read.

    Who chooses a target turns from the data that is fitted to it. Raises ValueError for a value that cannot be, and for
    data that cannot be read.
    """
    values = {"data": "", name: value} if name == "target" else {name: value}
    return read_data(config.with_values(**values))


class Experiment:
    """Trains in a session, and keeps what was requested of it and what it published.

    Of the requested `config` the live values act at once, the others at a restart; what the plan of a resumed run
    changes is taken up in it, unless it was requested otherwise meanwhile. `run_session` is given each session
    that `new_session` makes, and runs it in a thread. `replacing` is called before a session is asked for another run,
    `changed` after anything here has changed.
    """

    def __init__(
        self,
        start: RunStart,
        new_session: Callable[[RunStart], Session],
        *,
        run_session: Callable[[Session], object],
        replacing: Callable[[], object],
        changed: Callable[[], object],
    ) -> None:
        self.config = start.config
        self.state: State = "loading"
        self.progress: Progress | None = None
        self.begun = True
        """Whether there is a run at all; not while nothing is to be trained yet."""
        self._new_session = new_session
        self._run_session = run_session
        self._replacing = replacing
        self._changed = changed
        self._undo: list[Config] = []
        self._plan = FollowedPlan(start)
        self._before_resume: tuple[Config, list[Config], FollowedPlan, State] | None = None
        self.session = new_session(start)

    @property
    def applicable(self) -> Mapping[str, bool]:
        """Whether each action applies now, of those that do not always."""
        return {
            "pause": self.state in ("running", "loading"),
            "resume": self.state == "paused",
            "advance": self.state == "paused",
            "undo": bool(self._undo),
        }

    def pending(self, names: Iterable[str]) -> bool:
        """Whether one of these hyperparameters is requested otherwise than it is trained with."""
        running = self.progress and self.progress.config
        return any(getattr(self.config, name) != getattr(running, name, None) for name in names)

    def hold(self) -> None:
        """Train nothing until a run is begun."""
        self.begun = False

    def train(self) -> None:
        """Run the session, and ask it for its first progress."""
        self._run_session(self.session)
        self.send(RequestProgress())
        self._changed()

    def send(self, command: Command) -> None:
        """Send a command to the session."""
        self.session.send(command)

    def stop(self) -> None:
        """End the session."""
        self.send(Stop())

    def receive(self, progress: "Progress") -> None:
        """Take what the session has published."""
        if changed := self._plan.changed(progress, self.config):
            self.config, *self._undo = (_with_values(config, changed) for config in (self.config, *self._undo))
        self.progress, self.state = progress, progress.status
        self._changed()

    def fail(self) -> None:
        """Take note that the session has ended in an error; the next run begins in another session."""
        self.state = "failed"
        self._changed()

    def begin(self, start: RunStart) -> None:
        """Train another run in place of the one under way; one to resume is requested as it was saved."""
        self._replacing()
        self._before_resume = None
        if isinstance(start, Resume):
            self._before_resume = self.config, self._undo, self._plan, self.state
            self.config, self._undo, self._plan = start.config, [], FollowedPlan(start)
        if self.state == "failed" or not self.begun:
            self.session = self._new_session(start)
            self.state, self.progress, self.begun = "loading", None, True
            self.train()
        else:
            self.send(start)
            self._changed()

    def refuse(self) -> None:
        """Take note that a run could not begin and the one before goes on; where that was to be resumed, as before."""
        if self._before_resume is not None:
            self.config, self._undo, self._plan, state = self._before_resume
            self._before_resume = None
            if state in ("running", "loading"):
                self.send(Unpause())
        self._changed()

    def take_back(self, refused: Config) -> None:
        """Request again what the run has of the live values that it cannot go on with."""
        if self.progress is not None:
            running, asked = vars(self.progress.config), vars(self.config)
            live = [name for name, parameter in HYPERPARAMETERS.items() if parameter.live]
            values = {name: running[name] for name in live if running[name] != asked[name] == getattr(refused, name)}
            self._apply(_with_values(self.config, values))

    def restart(self) -> None:
        """Train the requested configuration from the start."""
        self.begin(New(self.config))

    def resume(self, run_state: "RunState", *, paused: bool) -> None:
        """Go on with a saved run, or only show it for now."""
        self.begin(Resume.of(run_state))
        if paused:
            self.send(Pause())

    def request(self, config: Config) -> None:
        """Request a configuration, which can be undone."""
        if config != self.config:
            self._undo.append(self.config)
            self._apply(config)

    def set_value(self, name: str, value: Any) -> None:
        """Request another value of a hyperparameter, as `with_choice` makes it and raises ValueError."""
        self.request(with_choice(self.config, name, value))

    def step(self, name: str, step: KeyStep, direction: int) -> None:
        """Request the next value of a hyperparameter, up (1) or down (-1); raises ValueError where that cannot be."""
        self.set_value(name, step.step(getattr(self.config, name), direction))

    def set_default(self, name: str) -> None:
        """Request the default of a hyperparameter; raises ValueError where that does not go with the others."""
        self.set_value(name, HYPERPARAMETERS[name].default)

    def undo(self) -> Config:
        """Request the configuration before the last change; the one that is undone."""
        undone = self.config
        self._apply(self._undo.pop())
        return undone

    def preset(self, name: str) -> None:
        """Train a preset from the start, on the data that is fitted now, if any."""
        data = {name: getattr(self.config, name) for name in ("data", "points") if self.config.data}
        self.request(PRESETS[name].config(**data))
        self.restart()

    def reseed(self) -> None:
        """Train from the start with the next seed."""
        self.set_value("seed", HYPERPARAMETERS["seed"].kind.step(self.config.seed, 1))
        self.restart()

    def _apply(self, config: Config) -> None:
        self.config = config
        self.send(Update(config))
        self._changed()


class FollowedPlan:
    """The plan of a run that was resumed, if `start` does so, followed by the progress that the run publishes."""

    def __init__(self, start: RunStart) -> None:
        self._changes = list(start.run_state.plan) if isinstance(start, Resume) else []
        self._run = start.run_state.progress.run if isinstance(start, Resume) else ""
        self._newest = start.config

    def changed(self, progress: "Progress", requested: Config) -> dict[str, Any]:
        """The values that planned changes have now, except where others were requested since the last progress."""
        if not self._changes or progress.run != self._run:
            return {}
        before, self._newest = self._newest, progress.config
        due = {change.name for change in self._changes if change.epoch <= progress.epoch}
        self._changes = [change for change in self._changes if change.epoch > progress.epoch]
        same = {name for name in due if getattr(requested, name) == getattr(before, name)}
        return {name: getattr(progress.config, name) for name in same}


def _with_values(config: Config, values: Mapping[str, Any]) -> Config:
    """The configuration with other values, or as it is where these do not go with its own."""
    try:
        return config.with_values(**values)
    except ValueError:
        return config
