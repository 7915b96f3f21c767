"""A chart that sends to the terminal only the rows that changed."""

from collections.abc import Hashable

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_runge.tui.charts.spec import Plot, Role, Row

VARIABLES = {"faint": "text-disabled", "cross": "text-error"}
"""The theme's names of colours that are not those of curves."""


class Chart(Widget):
    """Draws a `Plot` in the space it has; while it is not displayed it draws nothing."""

    class Clicked(Message):
        """A chart was clicked."""

        def __init__(self, chart: "Chart") -> None:
            super().__init__()
            self.chart = chart

    def __init__(self, plot: Plot, *, id: str, classes: str = "") -> None:
        super().__init__(id=id, classes=classes)
        self._plot = plot
        self.rows: list[Row] = []
        """What stands on the screen."""
        self._fingerprint: Hashable = None
        self._strips: list[Strip] = []
        self._displayed = False

    def show(self, plot: Plot) -> None:
        """Draw another plot."""
        self._plot = plot
        self._draw()

    def _draw(self, anew: bool = False) -> None:
        """Draw the plot if it looks different; refresh the rows that do, or all of them."""
        width, height = self.size
        if not self._displayed or not width or not height:
            return
        from tui_runge.tui.charts.fingerprint import fingerprint
        from tui_runge.tui.charts.renderer import draw

        seen = fingerprint(self._plot, width, height)
        if seen == self._fingerprint and not anew:
            return
        self._fingerprint = seen
        rows = draw(self._plot, width, height)
        if anew or len(rows) != len(self.rows):
            changed = list(range(height))
            self._strips = [Strip.blank(width)] * height
        else:
            changed = [y for y in range(height) if rows[y] != self.rows[y]]
        for y in changed:
            self._strips[y] = Strip((Segment(text, self._style(role)) for text, role in rows[y]), width)
        self.rows = rows
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _style(self, role: Role) -> Style:
        """The style of a part, from the theme: component classes would cost the first frame a rule a part and chart."""
        if role in ("title", "chosen"):
            return self.rich_style + Style(bold=True, reverse=role == "chosen")
        return self.rich_style + Style(color=self.app.theme_variables[VARIABLES.get(role, f"curve-{role}")])

    def on_click(self) -> None:
        self.post_message(self.Clicked(self))

    def on_resize(self) -> None:
        self._displayed = True
        self._draw(anew=True)

    def on_show(self) -> None:
        self._displayed = True
        self._draw()

    def on_hide(self) -> None:
        self._displayed = False

    def notify_style_update(self) -> None:
        """Another theme: every row is drawn anew, once the styles of its parts are known too."""
        super().notify_style_update()
        self.call_after_refresh(self._restyle)

    def _restyle(self) -> None:
        self._draw(anew=True)

    def render_line(self, y: int) -> Strip:
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)
