"""The playing of lessons: trains the runs of one, one after the other, then says what they showed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_runge.tui.experiment import Experiment
from tui_runge.tui.notifier import Notify

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.tui.lessons.lesson import Lesson, LessonRun, Outcome

OUTCOME_SECONDS = 20.0
"""How long an outcome is notified of."""


class LessonPlayer:
    """Plays at most one lesson at a time, on an experiment; `latest` names the last one, `outcomes` those that ended.

    `clear_notifications` takes back what was notified of. `changed` is called after anything here has changed; whoever
    shows it sets it.
    """

    def __init__(self, experiment: Experiment, *, notify: Notify, clear_notifications: Callable[[], object]) -> None:
        self.lesson: Lesson | None = None
        self.latest = ""
        self.outcomes: dict[str, Outcome] = {}
        self.changed: Callable[[], object] = lambda: None
        self._experiment = experiment
        self._notify = notify
        self._clear_notifications = clear_notifications
        self._ended: list[Progress] = []
        self._run_before = ""

    @property
    def run(self) -> "LessonRun | None":
        """What is being trained for a lesson, if something is."""
        return self.lesson.runs[len(self._ended)] if self.lesson else None

    @property
    def counted(self) -> str:
        """Which run of the lesson it is, such as "run 1 of 2: weight 0"."""
        if self.lesson is None or self.run is None:
            return ""
        return f"run {len(self._ended) + 1} of {len(self.lesson.runs)}: {self.run.label}"

    def play(self, lesson: "Lesson") -> None:
        """Train the runs of a lesson in place of the run under way."""
        self.latest = lesson.name
        self._begin(lesson, [])

    def _begin(self, lesson: "Lesson", ended: "list[Progress]") -> None:
        """Train the next run of a lesson, some of which have ended."""
        before = self._experiment.progress
        self._experiment.request(lesson.runs[len(ended)].config)
        self._experiment.restart()  # which leaves whatever lesson was played
        self.lesson, self._ended, self._run_before = lesson, ended, before.run if before else ""
        self._clear_notifications()
        self._notify(self.counted, title=lesson.title, timeout=5)
        self.changed()

    def leave(self) -> None:
        """Play no lesson any more: another run takes the place of its own."""
        self.lesson = None
        self.changed()

    def receive(self, progress: "Progress") -> None:
        """Take what the run under way has published; when it has ended, train the next or say what they showed."""
        from tui_runge.core.progress import felt_changes

        if self.lesson is None or not self._is_of_its_run(progress):
            return
        if progress.status == "diverged" or (progress.status == "finished" and felt_changes(progress)):
            self._notify("a run diverged, or was changed: nothing is compared", title=self.lesson.title)
            self.leave()
        elif progress.status == "finished":
            ended = [*self._ended, progress]
            if len(ended) < len(self.lesson.runs):
                self._begin(self.lesson, ended)
            else:
                self._tell(self.lesson, self.lesson.check(ended))

    def _is_of_its_run(self, progress: "Progress") -> bool:
        """Whether it is of the run that was begun for the lesson: the one before may publish a last time after that."""
        assert self.run is not None
        before_changes = {change.name: change.before for change in reversed(progress.changes)}
        is_another = bool(progress.run) and progress.run == self._run_before  # runs that are not kept have no names
        return not is_another and progress.config.with_values(**before_changes) == self.run.config

    def _tell(self, lesson: "Lesson", outcome: "Outcome") -> None:
        self.outcomes[lesson.name] = outcome
        title = f"{lesson.title}: {'as expected' if outcome.as_expected else 'not as expected'}"
        self._clear_notifications()  # a message says that this run began
        self._notify(f"{outcome.sentence} L: the lessons", title=title, timeout=OUTCOME_SECONDS)
        self.leave()
