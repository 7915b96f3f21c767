"""The help: every key, from the table that dispatches them."""

from collections.abc import Sequence
from itertools import groupby

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tui_runge.tui.keys import Key
from tui_runge.tui.screens.modal import Modal
from tui_runge.tui.widgets.text_field import TextField


class Help(Modal[None]):
    """Lists the keys; / searches them, escape, q or ? goes back."""

    AUTO_FOCUS = "#keys"
    BINDINGS = [  # noqa: RUF012
        Binding("escape,question_mark,q", "back", "Back"),
        Binding("slash", "search", "Search", show=False),
        Binding("down,j", "scroll('down')", "Down", show=False),
        Binding("up,k", "scroll('up')", "Up", show=False),
    ]

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        with Vertical(id="help"):
            yield TextField(placeholder="/ to search", id="search", compact=True)
            with VerticalScroll(id="keys"):
                yield Static(_content(self._keys), id="list")

    def on_mount(self) -> None:
        self.query_one("#help").border_title = "keys"
        self.query_one("#help").border_subtitle = "/ search   esc back"

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the keys whose line, group or name holds every word typed."""
        words = event.value.lower().split()
        found = [key for key in self._keys if all(word in _searchable(key) for word in words)]
        self.query_one("#list", Static).update(_content(found))

    def on_input_submitted(self) -> None:
        self.query_one("#keys").focus()

    def action_search(self) -> None:
        self.query_one("#search").focus()

    def action_back(self) -> None:
        """From the search to all keys, from those to where the user came from."""
        search = self.query_one("#search", Input)
        if search.has_focus:
            search.value = ""
            self.query_one("#keys").focus()
        else:
            self.dismiss()


def _searchable(key: Key) -> str:
    return f"{key.shown} {key.help} {key.group} {key.id}".lower()


def _content(keys: Sequence[Key]) -> Content:
    if not keys:
        return Content.styled("no key does that", "$text-muted")
    lines: list[Content] = []
    width = max(12, *(len(key.shown) + 1 for key in keys))
    for group, group_keys in groupby(keys, key=lambda key: key.group):
        heading = Content.styled(group, "bold $text-primary")
        lines += [Content(), heading, *(_line(key, width) for key in group_keys)]
    return Content("\n").join(lines[1:])


def _line(key: Key, width: int) -> Content:
    return Content.assemble((f"  {key.shown:<{width}}", "$text-accent"), key.help)
