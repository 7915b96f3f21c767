"""The command palette: every action, from the table that dispatches the keys."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual import actions
from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui_runge.tui.keys import Key

if TYPE_CHECKING:
    from tui_runge.tui.app import RungeApp


class Actions(Provider):
    """The actions that apply now, each with its key."""

    async def discover(self) -> Hits:
        for key in self._keys():
            yield DiscoveryHit(key.help, partial(self.app.run_action, key.action), help=self._help(key))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for key in self._keys():
            score = matcher.match(key.help)
            if score > 0:
                name = matcher.highlight(key.help)
                yield Hit(score, name, partial(self.app.run_action, key.action), help=self._help(key))

    def _help(self, key: Key) -> str:
        return f"{key.group}, key {key.shown}"

    def _keys(self) -> Iterator[Key]:
        """A dialogue has keys of its own: over one, nothing of this applies."""
        if not self.screen.is_modal:
            yield from filter(self._applies, cast("RungeApp", self.app).keys)

    def _applies(self, key: Key) -> bool:
        namespace, name, parameters = actions.parse(key.action)
        owner = self.screen if namespace == "screen" else self.app
        return owner.check_action(name, parameters) is True
