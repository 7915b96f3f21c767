"""The line of keys that apply now."""

from collections.abc import Iterable
from itertools import accumulate

from textual.content import Content
from textual.events import Click

from tui_runge.tui.keys import Key
from tui_runge.tui.widgets.lines import Lines

FIRST = ("pause", "resume", "advance", "back", "help", "quit")
"""The ids of the keys that a narrow screen must not lose, in their order; the others follow in that of the table."""


class Footer(Lines):
    """Shows each key and its word, the most needed first, as far as they fit; a click on one does what the key does.

    Textual's own makes a widget of every key, and all of them anew when one changes; the first frame waits for it.
    """

    def on_mount(self) -> None:
        self._keys: tuple[Key, ...] = ()

    def show(self, keys: Iterable[Key]) -> None:
        """Show other keys."""
        self._keys = tuple(keys)
        self.lay_out()

    def lay_out(self) -> None:
        self.update(key_line(self._keys, self.size.width))

    async def on_click(self, event: Click) -> None:
        """Do what the key does whose word was clicked."""
        end = 0
        for key, text in fitting_keys(self._keys, self.size.width):
            end += text.cell_length
            if event.x < end:
                await self.app.run_action(key.action, self.app)
                break


def key_line(keys: Iterable[Key], width: int) -> Content:
    """The keys that have a word, with it, in so many cells; with an ellipsis where not all of them fit."""
    keys = [key for key in keys if key.word]
    fitting = fitting_keys(keys, width)
    rest = [Content.styled("…", "$text-muted")] if len(fitting) < len(keys) else []
    return Content("").join([*(text for _, text in fitting), *rest])


def fitting_keys(keys: Iterable[Key], width: int) -> list[tuple[Key, Content]]:
    """The keys of `key_line`, each with its text, as far as they fit with an ellipsis behind them."""
    keys = sorted((key for key in keys if key.word), key=_rank)
    pairs = [(key, Content.assemble((f" {key.shown}", "bold $text-accent"), f" {key.word} ")) for key in keys]
    ends = list(accumulate(text.cell_length for _, text in pairs))
    return pairs if not ends or ends[-1] <= width else pairs[: sum(end < width for end in ends)]


def _rank(key: Key) -> int:
    return FIRST.index(key.id) if key.id in FIRST else len(FIRST)
