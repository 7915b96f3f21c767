"""A line of text to type into."""

from textual.binding import Binding
from textual.events import Key
from textual.widgets import Input

ACTIONS = {binding.key: binding.action for binding in Binding.make_bindings(Input.BINDINGS)}
"""What each key that edits does, as textual has it."""


class TextField(Input):
    """An input on which keys act in the order in which they were typed.

    textual looks for a key's action once the key has come up to the app; by then the text that follows it at once, as
    on a slow line, is in the field, and `ctrl+u` deletes that too.
    """

    async def on_key(self, event: Key) -> None:
        action = ACTIONS.get(event.key)
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(action)
