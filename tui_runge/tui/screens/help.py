"""The help: every key, from the table that dispatches them."""

from itertools import groupby

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_runge.tui.keys import KEYS, Key


class Help(ModalScreen[None]):
    """Lists the keys; escape, q or ? goes back."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,question_mark,q", "dismiss", "Back"),
        Binding("down,j", "scroll('down')", "Down", show=False),
        Binding("up,k", "scroll('up')", "Up", show=False),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(_content())

    def on_mount(self) -> None:
        self.query_one("#help").border_title = "keys"
        self.query_one("#help").border_subtitle = "esc back"


def _content() -> Content:
    lines: list[Content] = []
    for group, keys in groupby(KEYS, key=lambda key: key.group):
        lines += [Content(), Content.styled(group, "bold $text-primary"), *map(_line, keys)]
    return Content("\n").join(lines[1:])


def _line(key: Key) -> Content:
    return Content.assemble((f"  {key.shown:<12}", "$text-accent"), key.help)
