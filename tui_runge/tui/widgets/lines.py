"""Lines of text of which only those that changed are drawn again."""

from itertools import zip_longest

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget


class Lines(Widget):
    """Shows one `Content` a line, cut at its width; updating it costs only the lines that differ."""

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

    def on_resize(self) -> None:
        self._strips.clear()

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
