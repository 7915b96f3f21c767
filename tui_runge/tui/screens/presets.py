"""Choosing a preset."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_runge.core.presets import PRESETS
from tui_runge.tui.screens.modal import Modal


class Presets(Modal[str | None]):
    """Lists the presets with what to look for; the result is the name of one, or None."""

    BINDINGS = [Binding("escape,q,p", "dismiss", "Back")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        yield OptionList(
            *(
                # In no colour of its own: the chosen line has another background.
                Option(Content.assemble((f"{name}\n", "bold"), f"  {preset.look_for}"), id=name)
                for name, preset in PRESETS.items()
            ),
            id="presets",
        )

    def on_mount(self) -> None:
        presets = self.query_one("#presets")
        presets.border_title = "presets"
        presets.border_subtitle = "enter train   esc back"

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)
