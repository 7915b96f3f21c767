"""The editor of a value: it is checked while it is typed."""

import asyncio

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from tui_runge.core.config import Config, Hyperparameter
from tui_runge.core.field_types import EXAMPLE, NONE, DataSource, Function, IntervalText
from tui_runge.core.measured_points import BadCellsError
from tui_runge.tui.experiment import with_choice
from tui_runge.tui.screens.modal import Modal
from tui_runge.tui.widgets.problem_preview import Preview, ProblemPreview, preview
from tui_runge.tui.widgets.text_field import TextField

PREVIEW_DELAY = 0.15
"""Seconds without a key after which what is to be fitted is looked at: to look for the poles of a function or to read a
file takes longer than to read a text."""
PATIENCE = 0.4
"""Seconds of a look after which it is said that one is being taken; most take less."""
NAMED_CELLS = 5
"""Bad cells of a file that are named here; all of them would leave no room."""


class ValueEditor(Modal[Config | None]):
    """Asks for a value of a knob; the result is the configuration with it, or None where the user turned back.

    What is to be fitted - a function, its interval, or data - is drawn while it is typed, in a thread of its own.
    Without files only examples may be typed as data, and what it is already: a visitor from the network reads no other.
    """

    BINDINGS = [  # noqa: RUF012
        Binding("escape", "dismiss", "Back"),
        Binding("up", "step(-1)", "The example above"),
        Binding("down", "step(1)", "The example below"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-high")]  # noqa: RUF012

    def __init__(self, knob: Hyperparameter, config: Config, *, with_files: bool = True) -> None:
        super().__init__()
        self._knob = knob
        self._config = config
        self._with_files = with_files
        self._of_data = isinstance(knob.kind, DataSource)
        self._of_problem = (
            self._of_data
            or isinstance(knob.kind, Function)
            or (isinstance(knob.kind, IntervalText) and not config.data)
        )
        """Whether what is to be fitted depends on the value."""
        self._due: Timer | None = None
        """Of the next preview."""
        self._shown: tuple[Config, Preview] | None = None
        """The configuration as it was typed, and what was seen of it."""

    def compose(self) -> ComposeResult:
        knob = self._knob
        acts = "enter restarts with it" if self._of_problem else "acts now" if knob.live else "acts at a restart"
        rule = knob.kind.rule
        if self._of_data:
            rule = "a file of columns x, f and perhaps df, or an example" if self._with_files else "an example"
        with Vertical(id="edit", classes="problem" if self._of_problem else ""):
            yield Static(f"{knob.help}\n{rule}; {acts}", markup=False)
            if self._of_data:
                yield Static(id="examples", markup=False)
            yield TextField(knob.kind.show(getattr(self._config, knob.name)), compact=True)
            yield Static(id="error", markup=False)
            if self._of_problem:
                yield ProblemPreview()

    def on_mount(self) -> None:
        box = self.query_one("#edit")
        box.border_title = self._knob.name.replace("_", " ")
        choose = "up, down choose   " if self._of_data else ""
        box.border_subtitle = f"{choose}enter {'restart with it' if self._of_problem else 'set'}   esc back"

    def on_input_changed(self, event: Input.Changed) -> None:
        config = self._read(event.value)
        if self._of_data:
            self._list_examples(event.value.strip())
        if self._of_problem:
            self._preview_soon(config)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        config = self._read(event.value)
        if config is None:
            return
        if self._of_problem:
            self._preview_soon(None)
            self._preview(config, accept=True)
        else:
            self.dismiss(config)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only data has examples to step through."""
        del parameters
        return action != "step" or self._of_data

    def action_step(self, direction: int) -> None:
        kind, field = self._knob.kind, self.query_one(Input)
        field.value = kind.show(kind.step(kind.parse(self._knob.name, field.value), direction))
        field.cursor_position = len(field.value)

    def _read(self, text: str) -> Config | None:
        """The configuration with the value typed; None where it is wrong, which is said under the field."""
        knob = self._knob
        try:
            value = knob.kind.parse(knob.name, text.strip())
            if self._of_data and not self._with_files:
                self._refuse_file(str(value))
            if self._of_data:  # what it names is read in a thread
                config = self._config.with_values(**{knob.name: value})
            else:
                config = with_choice(self._config, knob.name, value)
        except ValueError as problem:
            self._say(problem)
            return None
        self._say("")
        return config

    def _refuse_file(self, source: str) -> None:
        """Raise ValueError for data that is no example, unless it is fitted already."""
        if source and not source.startswith(EXAMPLE) and source != self._config.data:
            raise ValueError(f"data must be an example in a browser, got {source}: runge-tui serve --data opens a file")

    def _say(self, error: ValueError | str) -> None:
        text = error.text(NAMED_CELLS) if isinstance(error, BadCellsError) else str(error)
        self.query_one("#error", Static).update(text)
        box = self.query_one("#edit")
        box.set_class(bool(text) and self._of_data, "-unread")
        box.set_class(isinstance(error, BadCellsError), "-bad-cells")

    def _list_examples(self, chosen: str) -> None:
        """List the examples, the one in the field marked."""
        from tui_runge.problems.points_file import examples

        titles = {NONE: f"the target {self._config.target}"}
        titles |= {EXAMPLE + name: title for name, title in examples().items()}
        width = max(map(len, titles))
        lines = (
            Content.assemble(
                ("▸ " if name == chosen else "  ", "$text-accent"), f"{name:<{width}}  ", (title, "$text-muted")
            )
            for name, title in titles.items()
        )
        self.query_one("#examples", Static).update(Content("\n").join(lines))

    def _preview_soon(self, config: Config | None) -> None:
        """Show what a configuration asks to fit once no key was pressed for a while; None for nothing."""
        if self._due is not None:
            self._due.stop()
        self.workers.cancel_node(self)  # what is looked at now is no longer what stands in the field
        self._due = None if config is None else self.set_timer(PREVIEW_DELAY, lambda: self._preview(config))

    @work(exclusive=True)
    async def _preview(self, config: Config, *, accept: bool = False) -> None:
        """Show what a configuration asks to fit, or what is wrong with it; accept it, if asked to, where nothing is."""
        if self._shown is None or self._shown[0] != config:
            slow = self.set_timer(PATIENCE, self.query_one(ProblemPreview).wait)
            try:
                self._shown = config, await asyncio.to_thread(preview, config)
            except ValueError as problem:
                self._say(problem)
                return
            finally:
                slow.stop()
        _, shown = self._shown
        if accept:
            self.dismiss(shown.config)
        else:
            self.query_one(ProblemPreview).show(shown)
