"""The editor of a value: it is checked while it is typed."""

import asyncio

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Input, Static

from tui_runge.core.config import Config, Hyperparameter
from tui_runge.core.field_types import Function, IntervalText
from tui_runge.tui.screens.modal import Modal
from tui_runge.tui.widgets.function_preview import FunctionPreview, preview

PREVIEW_DELAY = 0.15
"""Seconds without a key after which a function is looked at: to look for its poles takes longer than to read it."""


class ValueEditor(Modal[Config | None]):
    """Asks for a value of a knob; the result is the configuration with it, or None where the user turned back.

    A function and its interval are drawn while they are typed, in a thread of their own.
    """

    BINDINGS = [Binding("escape", "dismiss", "Back")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-high")]  # noqa: RUF012

    def __init__(self, knob: Hyperparameter, config: Config) -> None:
        super().__init__()
        self._knob = knob
        self._config = config
        self._of_function = isinstance(knob.kind, Function | IntervalText)
        self._due: Timer | None = None
        """Of the next preview."""

    def compose(self) -> ComposeResult:
        knob = self._knob
        acts = "enter restarts with it" if self._of_function else "acts now" if knob.live else "acts at a restart"
        with Vertical(id="edit", classes="function" if self._of_function else ""):
            yield Static(f"{knob.help}\n{knob.kind.rule}; {acts}", markup=False)
            yield Input(knob.kind.show(getattr(self._config, knob.name)), compact=True)
            yield Static(id="error", markup=False)
            if self._of_function:
                yield FunctionPreview()

    def on_mount(self) -> None:
        box = self.query_one("#edit")
        box.border_title = self._knob.name.replace("_", " ")
        box.border_subtitle = f"enter {'restart with it' if self._of_function else 'set'}   esc back"

    def on_input_changed(self, event: Input.Changed) -> None:
        config = self._read(event.value)
        if self._of_function:
            self._preview_soon(config)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        config = self._read(event.value)
        if config is None:
            return
        if self._of_function:
            self._preview_soon(None)
            self._preview(config, accept=True)
        else:
            self.dismiss(config)

    def _read(self, text: str) -> Config | None:
        """The configuration with the value typed; None where it is wrong, which is said under the field."""
        knob = self._knob
        try:
            config = self._config.with_values(**{knob.name: knob.kind.parse(knob.name, text.strip())})
        except ValueError as problem:
            self._say(str(problem))
            return None
        self._say("")
        return config

    def _say(self, error: str) -> None:
        self.query_one("#error", Static).update(error)

    def _preview_soon(self, config: Config | None) -> None:
        """Show the function of a configuration once no key was pressed for a while; None for none."""
        if self._due is not None:
            self._due.stop()
        self.workers.cancel_node(self)  # what is looked at now is no longer what stands in the field
        self._due = None if config is None else self.set_timer(PREVIEW_DELAY, lambda: self._preview(config))

    @work(exclusive=True)
    async def _preview(self, config: Config, *, accept: bool = False) -> None:
        """Show the function of a configuration, or what is wrong with it; accept it, if asked to, where nothing is."""
        try:
            shown = await asyncio.to_thread(preview, config)
        except ValueError as problem:
            self._say(str(problem))
            return
        if accept:
            self.dismiss(config)
        else:
            self.query_one(FunctionPreview).show(shown)
