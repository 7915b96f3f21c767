"""The editor of a value: it is checked while it is typed."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui_runge.core.config import Config, Hyperparameter
from tui_runge.tui.screens.modal import Modal


class ValueEditor(Modal[Config | None]):
    """Asks for a value of a knob; the result is the configuration with it, or None where the user turned back."""

    BINDINGS = [Binding("escape", "dismiss", "Back")]  # noqa: RUF012

    def __init__(self, knob: Hyperparameter, config: Config) -> None:
        super().__init__()
        self._knob = knob
        self._config = config

    def compose(self) -> ComposeResult:
        knob = self._knob
        with Vertical(id="edit"):
            yield Static(f"{knob.help}\n{knob.kind.rule}; {'acts now' if knob.live else 'acts at a restart'}")
            yield Input(knob.kind.show(getattr(self._config, knob.name)), compact=True)
            yield Static(id="error", markup=False)

    def on_mount(self) -> None:
        box = self.query_one("#edit")
        box.border_title = self._knob.name.replace("_", " ")
        box.border_subtitle = "enter set   esc back"

    def on_input_changed(self, event: Input.Changed) -> None:
        self._check(event.value, lambda _: None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._check(event.value, self.dismiss)

    def _check(self, text: str, accept: Callable[[Config], object]) -> None:
        """Accept the configuration with the value typed; or say under the field what is wrong with it."""
        knob, error = self._knob, ""
        try:
            config = self._config.with_values(**{knob.name: knob.kind.parse(knob.name, text.strip())})
        except ValueError as problem:
            error = str(problem)
        else:
            accept(config)
        self.query_one("#error", Static).update(error)
