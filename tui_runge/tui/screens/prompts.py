"""Short questions: a line of text, or whether to go on."""

from typing import Literal

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui_runge.tui.screens.modal import Modal
from tui_runge.tui.widgets.text_field import TextField


class TextPrompt(Modal[str | None]):
    """Asks for a line of text; the result is None where the user turned back."""

    BINDINGS = [Binding("escape", "dismiss", "Back")]  # noqa: RUF012

    def __init__(self, title: str, value: str, rule: str) -> None:
        super().__init__()
        self._title, self._value, self._rule = title, value, rule

    def compose(self) -> ComposeResult:
        with Vertical(classes="question"):
            yield Static(self._rule, markup=False)
            yield TextField(self._value, compact=True)

    def on_mount(self) -> None:
        box = self.query_one(".question")
        box.border_title = self._title
        box.border_subtitle = "enter set   esc back"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())


class Confirm(Modal[bool]):
    """Asks whether to do what cannot be undone."""

    BINDINGS = [Binding("y", "dismiss(True)", "Yes"), Binding("escape,n,q", "dismiss(False)", "No")]  # noqa: RUF012

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        with Vertical(classes="question"):
            yield Static(self._text, markup=False)

    def on_mount(self) -> None:
        box = self.query_one(".question")
        box.border_title = self._title
        box.border_subtitle = "y yes   n, esc no"


class LeaveSweep(Modal[Literal["stop", "leave"] | None]):
    """Asks what becomes of a sweep that is trained as the user leaves; the result is None where they stay."""

    BINDINGS = [  # noqa: RUF012
        Binding("s", "dismiss('stop')", "Stop"),
        Binding("l", "dismiss('leave')", "Leave"),
        Binding("escape,q", "dismiss", "Back"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def compose(self) -> ComposeResult:
        with Vertical(classes="question"):
            yield Static(
                f"Sweep {self._name} is being trained. Stop it, or leave it to train on in the background? What was "
                f"trained is kept, and runge-tui sweep --resume goes on.",
                markup=False,
            )

    def on_mount(self) -> None:
        box = self.query_one(".question")
        box.border_title = "leave the sweep"
        box.border_subtitle = "s stop   l leave it running   esc stay"
