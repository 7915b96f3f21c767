"""Lines of text of which only those that changed are drawn again."""

from itertools import zip_longest

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget


class Lines(Widget):
    """Shows one `Content` a line, cut at its width; updating it costs only the lines that differ.

    What depends on its size is made in `lay_out`, which is called whenever that has changed.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.content = Content()
        """What stands on the screen."""
        self._lines: list[Content] = []
        self._strips: dict[int, Strip] = {}

    def update(self, content: Content, *, layout: bool = False) -> None:
        """Show other lines; `layout` is there for `Static`'s sake, whose place this takes in a fixed space."""
        del layout
        self.content = content
        lines = content.split("\n", allow_blank=True)
        pairs = enumerate(zip_longest(lines, self._lines))
        changed = [y for y, (new, old) in pairs if new is None or old is None or not new.is_same(old)]
        self._lines = lines
        for y in changed:
            self._strips.pop(y, None)
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def lay_out(self) -> None:
        """Make the lines anew of what was given last, as the size is now; these do not depend on it."""

    def on_resize(self) -> None:
        self._strips.clear()
        self.lay_out()

    def on_show(self) -> None:
        # While it is hidden it has no size, and where that is the same as before no other event says so.
        self.lay_out()

    def notify_style_update(self) -> None:
        """Another theme: every line is drawn anew."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        if y not in self._strips:
            line = self._lines[y] if y < len(self._lines) else Content()
            strips = Visual.to_strips(self, line, self.size.width, 1, self.visual_style, pad=True)
            self._strips[y] = strips[0] if strips else Strip.blank(self.size.width)
        return self._strips[y]
