"""The line of keys that apply now."""

from collections.abc import Iterable

from textual.content import Content

from tui_runge.tui.keys import Key
from tui_runge.tui.widgets.lines import Lines

FIRST = ("pause", "resume", "advance", "back", "help", "quit")
"""The ids of the keys that a narrow screen must not lose, in their order; the others follow in that of the table."""


class Footer(Lines):
    """Shows each key and its word, the most needed first, as far as they fit.

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


def key_line(keys: Iterable[Key], width: int) -> Content:
    """The keys that have a word, with it, in so many cells; with an ellipsis where not all of them fit."""
    keys = sorted((key for key in keys if key.word), key=_rank)
    pairs = [Content.assemble((f" {key.shown}", "bold $text-accent"), f" {key.word} ") for key in keys]
    ends = [sum(pair.cell_length for pair in pairs[: n + 1]) for n in range(len(pairs))]
    if not ends or ends[-1] <= width:
        return Content("").join(pairs)
    fitting = sum(end < width for end in ends)
    return Content("").join([*pairs[:fitting], Content.styled("…", "$text-muted")])


def _rank(key: Key) -> int:
    return FIRST.index(key.id) if key.id in FIRST else len(FIRST)
