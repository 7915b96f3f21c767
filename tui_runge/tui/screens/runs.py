"""The list of runs that were kept: sorted, filtered, marked, and what is done with them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Footer, Input, Static
from textual.worker import get_current_worker

from tui_runge.runs.summary import RunSummary
from tui_runge.tui.keys import RUNS_KEYS
from tui_runge.tui.runs_table import COLUMNS, NEWEST, matching, searched
from tui_runge.tui.screens.help import Help
from tui_runge.tui.screens.modal import Modal
from tui_runge.tui.screens.prompts import Confirm, TextPrompt
from tui_runge.tui.widgets.run_list import RunList
from tui_runge.tui.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_runge.core.run_state import RunState
    from tui_runge.runs.store import RunStore

CHUNK = 50
"""Runs read between two pictures of the list."""


@dataclass(frozen=True)
class RunSelection:
    """What to do with which runs, as they were saved last; sweeps are watched whatever the runs."""

    action: Literal["open", "ghosts", "compare", "sweeps"]
    runs: "Sequence[RunState]"


class RunsScreen(Modal[RunSelection | None]):
    """Lists runs; the result is what to do with some of them, or None where the user turned back.

    `read_states` reads runs by their names; where it gives none, which it has told the user, the list stays.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [key.binding for key in RUNS_KEYS]

    def __init__(
        self, runs: "RunStore", current: str, read_states: "Callable[[Sequence[str]], Awaitable[Sequence[RunState]]]"
    ) -> None:
        super().__init__()
        self._runs = runs
        self._read_states = read_states
        self._current = current
        self._all_runs: list[RunSummary] = []
        self._order = (NEWEST, True)
        self._loaded = False

    def compose(self) -> ComposeResult:
        yield Static("", id="heading", markup=False)
        yield TextField(placeholder="/ to filter", id="filter", compact=True)
        yield RunList(id="runlist")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._read()

    @property
    def table(self) -> RunList:
        """The list on the screen."""
        return self.query_one(RunList)

    @work(thread=True, exclusive=True, group="reading")
    def _read(self) -> None:
        """Read all runs, the newest first, and show them as they come."""
        worker, runs = get_current_worker(), self._runs
        try:
            names, read = runs.names(), list[RunSummary]()
        except ValueError as error:
            self.app.call_from_thread(self._warn, str(error))
            names, read = [], []
        for start in range(0, max(1, len(names)), CHUNK):
            read += [runs.summary(name) for name in names[start : start + CHUNK]]
            for run in read[start:]:
                searched(run)  # fills the cache of what a filter looks at
            if worker.is_cancelled:
                return
            self.app.call_from_thread(self._show, list(read), len(read) == len(names))

    def _show(self, runs: list[RunSummary], loaded: bool) -> None:
        self._all_runs, self._loaded = runs, loaded
        self._update()

    def _update(self) -> None:
        """Show the runs that pass the filter, in order."""
        if not self.is_mounted:
            return
        column, backwards = self._order
        found = matching(self._all_runs, self.query_one("#filter", Input).value)
        found.sort(key=COLUMNS[column].order, reverse=backwards)
        self.table.show(found, self._order)
        self._show_heading()

    def _show_heading(self) -> None:
        """How many there are, are shown and are marked."""
        count, shown, marked = len(self._all_runs), len(self.table.runs), len(self.table.marked)
        column, backwards = self._order
        text = f" runs   {shown:,} of {count:,}   by {COLUMNS[column].title} {'▼' if backwards else '▲'}"
        text += f"   {marked} marked" * bool(marked)
        if not self._loaded:
            text += "   reading…"
        elif not count:
            text = f" runs   there are none yet in {self._runs.path}"
        elif not shown:
            text += "   none matches: esc shows all"
        self.query_one("#heading", Static).update(text)

    def on_input_changed(self) -> None:
        self._update()

    def on_input_submitted(self) -> None:
        self.set_focus(None)

    @property
    def selected(self) -> list[RunSummary]:
        """The marked runs, or the one under the cursor."""
        marked = [run for run in self._all_runs if run.name in self.table.marked]
        return marked or ([self.table.run] if self.table.run else [])

    def on_run_list_clicked(self, event: RunList.Clicked) -> None:
        self.set_focus(None)
        if event.opens:
            self.action_open()

    def action_move(self, rows: int) -> None:
        self.table.move_to(self.table.cursor + rows)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.table.size.height - 2))

    def action_filter(self) -> None:
        self.query_one("#filter").focus()

    def action_back(self) -> None:
        """From the filter to all runs, from those to where the user came from."""
        field = self.query_one("#filter", Input)
        if field.has_focus or field.value:
            field.value = ""
            self.set_focus(None)
        else:
            self.dismiss()

    def action_sort(self, step: int) -> None:
        column = (self._order[0] + step) % len(COLUMNS)
        self._order = (column, column == NEWEST)
        self._update()

    def action_reverse(self) -> None:
        self._order = (self._order[0], not self._order[1])
        self._update()

    def action_mark(self) -> None:
        if self.table.run:
            self.table.marked ^= {self.table.run.name}
            self.action_move(1)
            self._show_heading()

    def action_open(self) -> None:
        run = self.table.run
        if run is None:
            return
        if run.status == "broken":
            self._warn(f"{run.name} cannot be opened: {run.problem}")
        elif run.name == self._current:
            self.dismiss()
        elif run.status == "training":
            self._warn(f"{run.name} cannot be opened: another process trains it")
        else:
            self._leave_with("open", [run.name])

    def action_ghosts(self) -> None:
        self._choose("ghosts", 1)

    def action_sweeps(self) -> None:
        self.dismiss(RunSelection("sweeps", ()))

    def action_compare(self) -> None:
        self._choose("compare", 2)

    def _choose(self, action: Literal["ghosts", "compare"], least: int) -> None:
        readable = [run.name for run in self.selected if not run.problem]
        if len(readable) < least:
            self._warn("mark two runs at least with space, then compare" if least > 1 else "no run to show")
        else:
            self._leave_with(action, readable)

    @work(group="opening", exclusive=True)
    async def _leave_with(self, action: Literal["open", "ghosts", "compare"], names: Sequence[str]) -> None:
        """Read runs and leave with them; where one cannot be read, list what there is now."""
        if states := await self._read_states(names):
            self.dismiss(RunSelection(action, states))
        else:
            self._read()

    def action_delete(self) -> None:
        runs = self.selected
        if runs:
            subject = runs[0].name if len(runs) == 1 else f"{len(runs)} runs"
            text = f"Delete {subject} and all files in there? This cannot be undone."
            self.app.push_screen(Confirm("delete", text), lambda yes: self._delete(runs if yes else []))

    def _delete(self, runs: list[RunSummary]) -> None:
        if runs:
            self._write(*(partial(self._runs.delete, run.name) for run in runs))

    def action_note(self) -> None:
        if run := self.table.run:
            prompt = TextPrompt("note", run.note, f"a note on {run.name}; an empty one removes it")
            self.app.push_screen(prompt, partial(self._write_text, partial(self._runs.note, run.name)))

    def action_rename(self) -> None:
        if run := self.table.run:
            word = "-".join(run.name.split("-")[2:])
            prompt = TextPrompt("rename", word, "the word behind date and time: lower-case letters, digits, hyphens")
            self.app.push_screen(prompt, partial(self._write_text, partial(self._runs.rename, run.name)))

    def _write_text(self, change: Callable[[str], object], text: str | None) -> None:
        if text is not None:
            self._write(partial(change, text))

    @work(thread=True, group="changing")
    def _write(self, *changes: Callable[[], object]) -> None:
        for change in changes:
            self._change(change)
        self.app.call_from_thread(self._changed)

    def _change(self, change: Callable[[], object]) -> None:
        """Change a run's files; a refusal is a message."""
        try:
            change()
        except (OSError, ValueError) as error:
            self.app.call_from_thread(self._warn, str(error))

    def _changed(self) -> None:
        self.table.marked.clear()
        self._read()

    def _warn(self, reason: str) -> None:
        self.notify(reason, severity="warning", markup=False)

    def action_help(self) -> None:
        self.app.push_screen(Help(RUNS_KEYS))
