"""What surrounds the experiment: themes, letters, keys, palette, and the choices kept between starts."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from signal import SIGINT
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from tui_runge.tui.appearance import Appearance
from tui_runge.tui.ascii_filter import AsciiFilter
from tui_runge.tui.keys import KEYS, RUNS_KEYS, Key
from tui_runge.tui.palette import Actions
from tui_runge.tui.preferences import Preferences, PreferencesStore
from tui_runge.tui.screens.help import Help
from tui_runge.tui.themes import THEMES


class Shell(App[None]):
    """An application of the look that was asked for; `preferences` is the file of its choices, None for none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(key.binding for key in KEYS),
        Binding("ctrl+c", "interrupt", "leave", show=False, priority=True, system=True),
    ]
    COMMANDS: ClassVar = {Actions}

    def __init__(self, appearance: Appearance, preferences: Path | None) -> None:
        super().__init__()
        self.appearance = appearance
        self.kept = PreferencesStore(preferences)
        self._plain = AsciiFilter()
        # Textual's own themes know nothing of the curves' colours.
        for name in list(self.available_themes):
            self.unregister_theme(name)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = appearance.theme or self.kept.theme(self.available_themes) or appearance.suited
        if appearance.slow:
            self.animation_level = "none"

    def choices(self) -> Preferences:
        """What is chosen now, of what is worth keeping."""
        return Preferences(theme=self.theme)

    def on_mount(self) -> None:
        self._before = self.choices()
        if self.appearance.keys != KEYS:
            # All of them, since textual drops whatever shares a key with one that moves.
            self.set_keymap({key.id: key.key for key in self.appearance.keys})
        if self.kept.problem:
            self.notify(self.kept.problem, title="preferences not used, nor saved", severity="warning", markup=False)

    def on_unmount(self) -> None:
        self.kept.save(self._before, self.choices())

    @property
    def keys(self) -> Sequence[Key]:
        """The table of the keys, with those the user gave."""
        return self.appearance.keys

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *([self._plain] if self.appearance.ascii else [])]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Of textual's own commands those that no key has."""
        return (each for each in super().get_system_commands(screen) if each.title in ("Theme", "Screenshot"))

    def action_help(self) -> None:
        self.push_screen(Help((*self.keys, *RUNS_KEYS)))

    def action_interrupt(self) -> None:
        """Leave as a shell says that a program was interrupted."""
        self.exit(return_code=128 + SIGINT)

    def action_next_theme(self) -> None:
        names = list(self.available_themes)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
