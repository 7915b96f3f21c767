"""Choosing the formats that a fit is handed on in."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_runge.export.layout import FILES_OF_FORMATS, onnx_is_installed
from tui_runge.tui.screens.modal import Modal


class ExportAs(Modal[tuple[str, ...] | None]):
    """Lists the formats beside NumPy's, which every export has; the result is those marked, or None."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,E", "dismiss", "Back"),
        Binding("space", "mark", "Mark"),
        Binding("enter", "export", "Export", priority=True),
    ]

    def __init__(self, marked: tuple[str, ...]) -> None:
        super().__init__()
        self._missing = () if onnx_is_installed() else ("onnx",)
        self._marked = {name: name in marked for name in FILES_OF_FORMATS if name != "numpy"}

    def compose(self) -> ComposeResult:
        yield OptionList(
            *(Option(self._line(name), id=name, disabled=name in self._missing) for name in self._marked), id="formats"
        )

    def on_mount(self) -> None:
        formats = self.query_one("#formats")
        formats.border_title = "export as these too"
        formats.border_subtitle = "space mark   enter export   esc back"

    def _line(self, name: str) -> Content:
        what = "pip install 'runge-tui[onnx]'" if name in self._missing else ", ".join(FILES_OF_FORMATS[name])
        return Content(f"[{'x' if self._marked[name] else ' '}] {name:11}{what}")

    def action_mark(self) -> None:
        if option := self.query_one(OptionList).highlighted_option:
            self._turn(option)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:  # by a click
        self._turn(event.option)

    def _turn(self, option: Option) -> None:
        """Mark a format, or no longer."""
        assert option.id is not None
        self._marked[option.id] = not self._marked[option.id]
        self.query_one(OptionList).replace_option_prompt(option.id, self._line(option.id))

    def action_export(self) -> None:
        self.dismiss(tuple(name for name, marked in self._marked.items() if marked))
