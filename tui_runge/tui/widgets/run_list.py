"""A list of runs that draws only the rows in sight."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_runge.runs.summary import RunSummary
from tui_runge.tui.runs_table import COLUMNS, cell, fitted, note_width

MARK = "● "
COLOURS = {"broken": "broken", "interrupted": "unfinished", "training": "training"}


class RunList(Widget):
    """Shows runs below a heading, with a cursor and marks; however many there are, it draws those in sight.

    A click and the wheel move the cursor, a double click opens the run there.
    """

    class Clicked(Message):
        """A run was clicked, or double-clicked to open it."""

        def __init__(self, opens: bool) -> None:
            super().__init__()
            self.opens = opens

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "runlist--heading",
        "runlist--row",
        "runlist--cursor",
        "runlist--marked",
        "runlist--broken",
        "runlist--unfinished",
        "runlist--training",
    }

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.runs: Sequence[RunSummary] = ()
        self.cursor = 0
        self.marked: set[str] = set()
        self.sorted = (0, False)
        self._top = 0
        self._note_width = 0

    @property
    def run(self) -> RunSummary | None:
        """The run under the cursor."""
        return self.runs[self.cursor] if self.runs else None

    def show(self, runs: Sequence[RunSummary], order: tuple[int, bool]) -> None:
        """Show runs as ordered by a column, and whether backwards; the cursor stays on its run where it can."""
        name = self.run.name if self.run else ""
        self.runs, self.sorted, self._note_width = runs, order, note_width(runs)
        here = (n for n, run in enumerate(runs) if run.name == name) if self.cursor else ()
        self.move_to(next(iter(here), min(self.cursor, len(runs) - 1)))

    def move_to(self, row: int) -> None:
        """Put the cursor on a row, and that row in sight."""
        self.cursor = max(0, min(row, len(self.runs) - 1))
        rows = max(1, self.size.height - 1)
        self._top = max(0, min(max(self._top, self.cursor - rows + 1), self.cursor, max(0, len(self.runs) - rows)))
        self.refresh()

    def on_resize(self) -> None:
        self.move_to(self.cursor)

    def on_click(self, event: Click) -> None:
        row = self._top + event.y - 1
        if event.y > 0 and row < len(self.runs):
            opens = event.chain > 1 and row == self.cursor
            self.move_to(row)
            self.post_message(self.Clicked(opens))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.move_to(self.cursor - 1)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.move_to(self.cursor + 1)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        at = self._top + y - 1
        if y == 0:
            return self._strip(self._heading(width), "heading", width)
        if at >= len(self.runs):
            return Strip.blank(width, self.rich_style)
        run = self.runs[at]
        marked = run.name in self.marked
        text = (MARK if marked else "  ") + " ".join(
            column.cell(run, cells) for column, cells in fitted(width - len(MARK), self._note_width)
        )
        part = "marked" if marked else COLOURS.get(run.status, "row")
        return self._strip(text, "cursor" if at == self.cursor else part, width)

    def _heading(self, width: int) -> str:
        by, backwards = self.sorted
        titles = (
            cell(column.title + ("▼" if backwards else "▲") * (COLUMNS.index(column) == by), cells, column.right)
            for column, cells in fitted(width - len(MARK), self._note_width)
        )
        return "  " + " ".join(titles)

    def _strip(self, text: str, part: str, width: int) -> Strip:
        style = self.get_component_rich_style(f"runlist--{part}")
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)
