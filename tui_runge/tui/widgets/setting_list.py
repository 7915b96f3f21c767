"""The settings of a sweep, of which only the rows in sight are made, and only those that changed are sent."""

from collections.abc import Sequence

from textual.content import Content
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from tui_runge.sweeps.plan import Setting
from tui_runge.sweeps.table import SettingSummary
from tui_runge.tui.sweep_table import Column, fitted, row
from tui_runge.tui.widgets.lines import Lines


class SettingList(Lines):
    """Shows settings below a heading, with a cursor that stays on its setting.

    A click and the wheel move the cursor, a double click opens a run of the setting there.
    """

    class Moved(Message):
        """The cursor is on another setting, or its run is to be opened."""

        def __init__(self, opens: bool = False) -> None:
            super().__init__()
            self.opens = opens

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.settings: Sequence[SettingSummary] = ()
        self.cursor = 0
        self._columns: Sequence[Column] = ()
        self._sorted: tuple[Column, bool] | None = None
        self._top = 0

    @property
    def setting(self) -> Setting | None:
        """The setting under the cursor."""
        return self.settings[self.cursor].setting if self.settings else None

    def show(self, settings: Sequence[SettingSummary], columns: Sequence[Column], by: Column, backwards: bool) -> None:
        """Show settings as ordered by a column, and whether backwards; the cursor stays on its setting, or on top."""
        chosen = self.setting if self.cursor else None
        self.settings, self._columns, self._sorted = settings, columns, (by, backwards)
        here = (n for n, each in enumerate(settings) if each.setting == chosen)
        self.cursor = next(here, 0) if chosen is not None else 0
        self.lay_out()

    def move_to(self, place: int) -> None:
        """Put the cursor on a row, and that row in sight."""
        before, self.cursor = self.cursor, max(0, min(place, len(self.settings) - 1))
        self.lay_out()
        if self.cursor != before:
            self.post_message(self.Moved())

    def lay_out(self) -> None:
        """Make the lines in sight."""
        if self._sorted is None or not self.size.width:
            return
        rows = max(1, self.size.height - 1)
        self._top = max(0, min(max(self._top, self.cursor - rows + 1), self.cursor, max(0, len(self.settings) - rows)))
        shown = fitted(self._columns, self.size.width - 2)
        by, backwards = self._sorted
        arrow = "▼" if backwards else "▲"
        heading = row(shown, [column.title + arrow * (column.title == by.title) for column in shown])
        lines = [Content.styled(f" {heading}", "bold $text-primary")]
        for place, each in enumerate(self.settings[self._top : self._top + rows], self._top):
            text = f" {row(shown, [column.text(each) for column in shown])}".ljust(self.size.width)
            lines.append(Content.styled(text, self._style(place, each)))
        self.update(Content("\n").join(lines))

    def _style(self, place: int, each: SettingSummary) -> str:
        if place == self.cursor:
            return "bold $block-cursor-foreground on $block-cursor-background"
        if each.failed:
            return "$text-error"
        if each.running:
            return "$text-success"
        return "$text" if each.done else "$text-muted"

    def on_click(self, event: Click) -> None:
        place = self._top + event.y - 1
        if event.y > 0 and place < len(self.settings):
            opens = event.chain > 1 and place == self.cursor
            self.move_to(place)
            if opens:
                self.post_message(self.Moved(opens=True))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.move_to(self.cursor - 1)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.move_to(self.cursor + 1)
