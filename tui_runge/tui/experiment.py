"""What the user asks of the hyperparameters: turned, typed, undone, or a preset."""

from abc import abstractmethod
from pathlib import Path
from typing import Any

from tui_runge.core.commands import Command, Update
from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.presets import PRESETS
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.screens.edit import Edit
from tui_runge.tui.screens.main import MainScreen
from tui_runge.tui.screens.presets import Presets
from tui_runge.tui.shell import Shell
from tui_runge.tui.widgets.knobs import KNOB_ROWS, KnobRow


class Asking(Shell):
    """The part of the application that keeps what is asked for: live values act at once, others at a restart."""

    def __init__(self, config: Config, appearance: Appearance, preferences: Path | None) -> None:
        super().__init__(appearance, preferences)
        self.config = config
        self.lab = MainScreen(self.kept.preferences, self.keys)
        self._past: list[Config] = []

    def get_default_screen(self) -> MainScreen:
        return self.lab

    @abstractmethod
    def send(self, command: Command) -> None:
        """Send a command to the training."""

    @abstractmethod
    def show(self) -> None:
        """Show what is asked for."""

    @abstractmethod
    def action_restart(self) -> None:
        """Train what is asked for from the start."""

    def asking_applies(self) -> dict[str, bool]:
        """Which of the actions here apply now, for those that do not always."""
        panel = self.lab.panel_visible
        edit = panel and not self.lab.on_chart
        return {"select": panel, "step": panel, "default": panel, "edit": edit, "undo": bool(self._past)}

    def _want(self, config: Config | None) -> None:
        """Ask for another configuration, which can be undone."""
        if config is not None and config != self.config:
            self._past.append(self.config)
            self._ask_for(config)
            if len(self._past) == 1:
                self.lab.refresh_bindings()

    def _ask_for(self, config: Config) -> None:
        self.config = config
        self.send(Update(config))
        self.show()

    def _set(self, entry: KnobRow, value: Any) -> None:
        """Ask for a value, and point at its knob so that it is in sight; a value that is refused is a message."""
        self.lab.select(entry)
        try:
            self._want(self.config.with_values(**{entry.parameter.name: value}))
        except ValueError as error:
            self.notify(str(error), severity="warning", markup=False)

    def _turn(self, entry: KnobRow, direction: int) -> None:
        self._set(entry, entry.key_step.step(getattr(self.config, entry.parameter.name), direction))

    def action_turn(self, name: str, turn: int, direction: int) -> None:
        self._turn(KnobRow(HYPERPARAMETERS[name], HYPERPARAMETERS[name].own_key_steps[turn]), direction)

    def action_step(self, direction: int) -> None:
        self._turn(self.lab.knob_row, direction)

    def action_default(self) -> None:
        self._set(self.lab.knob_row, self.lab.knob_row.parameter.default)

    def action_select(self, step: int) -> None:
        self.lab.select(KNOB_ROWS[(self.lab.selected + step) % len(KNOB_ROWS)])

    def action_edit(self) -> None:
        self.push_screen(Edit(self.lab.knob_row.parameter, self.config), self._want)

    def action_undo(self) -> None:
        config = self._past.pop()
        changed = [entry for entry in KNOB_ROWS if entry.value(config) != entry.value(self.config)]
        self._ask_for(config)
        self.lab.select((changed or [self.lab.knob_row])[0])

    def action_presets(self) -> None:
        self.push_screen(Presets(), lambda name: self.action_preset(name) if name else None)

    def action_preset(self, name: str) -> None:
        """Train a preset from the start, and say what to look for."""
        preset = PRESETS[name]
        self._want(preset.config())
        self.action_restart()
        self.notify(preset.look_for, title=name, markup=False)

    def action_reseed(self) -> None:
        self._want(self.config.with_values(seed=HYPERPARAMETERS["seed"].kind.step(self.config.seed, 1)))
        self.action_restart()
