"""The command palette: every action, from the table that dispatches the keys."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui_runge.core.presets import PRESETS
from tui_runge.tui.keys import key_applies

if TYPE_CHECKING:
    from tui_runge.tui.app import RungeApp


class PaletteCommand(NamedTuple):
    """A line of the palette."""

    name: str
    run: Callable[[], Any]
    help: str


class Actions(Provider):
    """The actions that apply now, each with its key; the presets; then textual's own that have none."""

    # One provider for both: textual asks several in no order.

    async def discover(self) -> Hits:
        for command in self._commands():
            yield DiscoveryHit(command.name, command.run, help=command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.name)
            if score > 0:
                yield Hit(score, matcher.highlight(command.name), command.run, help=command.help)

    def _commands(self) -> Iterator[PaletteCommand]:
        # A dialogue has keys of its own: over one, those of the table do not apply.
        if not self.screen.is_modal:
            for key in (key for key in cast("RungeApp", self.app).appearance.keys if key_applies(key, self.screen)):
                yield PaletteCommand(
                    key.help, partial(self.app.run_action, key.action), f"{key.group}, key {key.shown}"
                )
            for name, preset in PRESETS.items():
                yield PaletteCommand(
                    f"preset {name}", partial(self.app.run_action, f"preset('{name}')"), preset.look_for
                )
        for name, text, run, _ in self.app.get_system_commands(self.screen):
            yield PaletteCommand(name, run, text)
