"""The lessons: their list, the text of one, and what its experiments showed."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Footer, Markdown, OptionList, Static
from textual.widgets.option_list import Option

from tui_runge.tui.lesson_player import LessonPlayer
from tui_runge.tui.lessons.catalogue import LESSONS
from tui_runge.tui.lessons.lesson import Lesson
from tui_runge.tui.screens.modal import Modal


class LessonsScreen(Modal[Lesson | None]):
    """Shows a lesson beside the list of all; the result is the one whose experiments are to be trained, or None.

    It opens on the lesson that was played last, else on the first.
    """

    AUTO_FOCUS = "#lessons"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "play", "Train", priority=True),
        Binding("n,right", "turn(1)", "Next lesson"),
        Binding("p,left", "turn(-1)", "Previous"),
        Binding("pagedown,space", "page(1)", "Down", priority=True, show=False),
        Binding("pageup", "page(-1)", "Up", priority=True, show=False),
        Binding("escape,q,L", "dismiss", "Back"),
    ]

    def __init__(self, player: LessonPlayer) -> None:
        super().__init__()
        self._player = player
        self._first = next((n for n, lesson in enumerate(LESSONS) if lesson.name == player.latest), 0)

    @property
    def lesson(self) -> Lesson:
        """The lesson that is shown."""
        highlighted = self.query_one(OptionList).highlighted
        return LESSONS[self._first if highlighted is None else highlighted]

    def compose(self) -> ComposeResult:
        with Horizontal():
            lessons = OptionList(*(Option(self._line(lesson), id=lesson.name) for lesson in LESSONS), id="lessons")
            lessons.highlighted = self._first
            yield lessons
            with Vertical(id="lesson"):
                with VerticalScroll(id="lesson-text", can_focus=False):
                    yield Markdown(open_links=False)
                yield Static(id="outcome")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#lessons").border_title = "lessons"
        self._player.changed = self._show_outcomes
        self._show_outcomes()

    def on_unmount(self) -> None:
        self._player.changed = lambda: None

    async def on_option_list_option_highlighted(self) -> None:
        """Show the lesson under the cursor."""
        self.query_one("#lesson").border_title = self.lesson.title
        self._show_outcomes()
        self.query_one("#lesson-text").scroll_home(animate=False)
        await self.query_one(Markdown).update(self.lesson.text)

    def on_option_list_option_selected(self) -> None:
        self.action_play()

    def action_play(self) -> None:
        self.dismiss(self.lesson)

    def action_turn(self, step: int) -> None:
        lessons = self.query_one(OptionList)
        lessons.highlighted = (LESSONS.index(self.lesson) + step) % len(LESSONS)

    def action_page(self, direction: int) -> None:
        text = self.query_one("#lesson-text")
        if direction > 0:
            text.scroll_page_down(animate=False)
        else:
            text.scroll_page_up(animate=False)

    def _line(self, lesson: Lesson) -> Content:
        outcome = self._player.outcomes.get(lesson.name)
        mark = " " if outcome is None else "✓" if outcome.as_expected else "✗"
        return Content(f"{mark} {lesson.title}")

    def _show_outcomes(self) -> None:
        """Mark the lessons that were played, and say what the one shown has led to, or will train."""
        lessons = self.query_one(OptionList)
        for lesson in LESSONS:
            lessons.replace_option_prompt(lesson.name, self._line(lesson))
        self.query_one("#outcome", Static).update(self._outcome())

    def _outcome(self) -> Content:
        lesson, outcome = self.lesson, self._player.outcomes.get(self.lesson.name)
        if self._player.lesson is lesson:
            return Content.styled(f"training {self._player.counted}", "$text-warning")
        if outcome is None:
            return Content.styled(f"enter trains: {'; '.join(run.label for run in lesson.runs)}", "$text-muted")
        verdict = (
            ("✓ as expected. ", "$text-success") if outcome.as_expected else ("✗ not as expected. ", "$text-error")
        )
        return Content.assemble(verdict, outcome.sentence)
