"""A sweep as it runs: a row a setting over its seeds, and an error over what varies."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Footer, Static

from tui_runge.core.errors import ERROR_LABELS
from tui_runge.sweeps.chart import error_chart, value_of
from tui_runge.sweeps.results import SweepRow
from tui_runge.sweeps.table import SettingSummary, final_errors
from tui_runge.sweeps.watch import SweepState
from tui_runge.tui.charts.spec import Plot
from tui_runge.tui.charts.sweep import sweep_plot
from tui_runge.tui.keys import SWEEP_KEYS
from tui_runge.tui.screens.compare import MOST
from tui_runge.tui.screens.help import Help
from tui_runge.tui.screens.modal import Modal
from tui_runge.tui.screens.runs import RunSelection
from tui_runge.tui.sweep_table import Column, columns, ordered
from tui_runge.tui.widgets.chart import Chart
from tui_runge.tui.widgets.setting_list import SettingList

if TYPE_CHECKING:
    from tui_runge.core.run_state import RunState

ERRORS = tuple(ERROR_LABELS)
SLOW_PERIOD = 3.0
"""Seconds between two readings where few bytes are to be sent."""


class SweepRead(Message):
    """The sweep has been read; or it could not be, for a reason."""

    def __init__(self, state: SweepState | None, problem: str = "") -> None:
        super().__init__()
        self.state = state
        self.problem = problem

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SweepRead)


class SweepScreen(Modal[RunSelection | None]):
    """Watches a sweep, which it never waits for: `read` reads its run folders in a thread, every `period` seconds.

    The result is what to do with some of its runs, or None where the user turned back. `read_states` reads runs by
    their names; where it gives none, which it has told the user, the screen stays. `problem` says why the training of
    the sweep has failed, if this program began it and it has. `leave` is called in place of going back, if given.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [key.binding for key in SWEEP_KEYS]

    def __init__(
        self,
        read: Callable[[], SweepState],
        read_states: "Callable[[Sequence[str]], Awaitable[Sequence[RunState]]]",
        *,
        period: float = 1.0,
        problem: Callable[[], str] = str,
        leave: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self._read = read
        self._read_states = read_states
        self._period = period
        self._problem = problem
        self._problem_told = ""
        self._leave = leave
        self._reading = False
        self.state: SweepState | None = None
        self.error = ERRORS[1]
        self.axis = ""
        self.logarithmic = True
        self._order = ("", False)
        self._columns: list[Column] = []

    def compose(self) -> ComposeResult:
        yield Static(" sweep   reading…", id="heading", markup=False)
        yield Chart(Plot(""), id="sweep-chart")
        yield SettingList(id="settings")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._read_again()
        self.set_interval(self._period, self._read_again)

    @property
    def table(self) -> SettingList:
        """The settings on the screen."""
        return self.query_one(SettingList)

    def _read_again(self) -> None:
        if not self._reading:
            self._reading = True
            self._read_in_thread()
        if (problem := self._problem()) != self._problem_told:
            self._problem_told = problem
            self.notify(problem, severity="error", markup=False)

    @work(thread=True, group="sweep")
    def _read_in_thread(self) -> None:
        try:
            self.post_message(SweepRead(self._read()))
        except ValueError as error:
            self.post_message(SweepRead(None, str(error)))

    def on_sweep_read(self, event: SweepRead) -> None:
        self._reading = False
        if event.problem:
            self.query_one("#heading", Static).update(f" sweep   {event.problem}")
        elif event.state is not None and event.state is not self.state:
            if self.state is None and not any(_known(event.state.summaries, self.error)):
                self.error = next((name for name in ERRORS if any(_known(event.state.summaries, name))), self.error)
            self.state = event.state
            self._show()

    def _show(self) -> None:
        """Show the table in its order, and the chart."""
        if self.state is None:
            return
        plan, summaries = self.state.plan, self.state.summaries
        self._columns = columns(plan, summaries, self.error)
        by, backwards = self._sorted_by()
        shown = ordered(summaries, by, backwards) if self._order[0] else summaries
        self.table.show(shown, self._columns, by, backwards)
        self._show_chart()

    def _sorted_by(self) -> tuple[Column, bool]:
        """The column that the settings are ordered by; by the plan's own order, the first."""
        title, backwards = self._order
        return next((column for column in self._columns if column.title == title), self._columns[0]), backwards

    def _show_chart(self) -> None:
        if self.state is None:
            return
        plan, counts = self.state.plan, self.state.counts
        chart = error_chart(self.state.summaries, self.error, self.axis, plan.log)
        here = next((each for each in self.state.summaries if each.setting == self.table.setting), None)
        at = value_of(here, chart.axis) if here is not None else ""
        self.query_one(Chart).show(sweep_plot(chart, log=self.logarithmic, at=at))
        told = [f"{counts[status]:,} {status}" for status in ("running", "failed", "waiting") if counts.get(status)]
        done = f"{counts.get('done', 0):,} of {plan.size:,} done"
        text = f" sweep {plan.name}   {', '.join((done, *told))}"
        if chart.left_out:
            text += f"   {chart.left_out} lines more than the chart has room for"
        self.query_one("#heading", Static).update(text)

    def on_setting_list_moved(self, event: SettingList.Moved) -> None:
        if event.opens:
            self.action_open()
        else:
            self._show_chart()

    def action_move(self, rows: int) -> None:
        self.table.move_to(self.table.cursor + rows)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.table.size.height - 2))

    def action_error(self, step: int) -> None:
        """Show the next of the errors."""
        self.error = ERRORS[(ERRORS.index(self.error) + step) % len(ERRORS)]
        self._show()

    def action_axis(self) -> None:
        """Put the next of what varies on the axis."""
        varied = self.state.plan.varied if self.state else ()
        if len(varied) > 1:
            at = varied.index(self.axis) if self.axis else 0
            self.axis = varied[(at + 1) % len(varied)]
            self._show_chart()

    def action_scale(self) -> None:
        self.logarithmic = not self.logarithmic
        self._show_chart()

    def action_sort(self, step: int) -> None:
        if self._columns:
            places = self._columns.index(self._sorted_by()[0]) + step
            self._order = (self._columns[places % len(self._columns)].title, False)
            self._show()

    def action_reverse(self) -> None:
        if self._columns:
            self._order = (self._sorted_by()[0].title, not self._order[1])
            self._show()

    @property
    def _rows(self) -> Sequence[SweepRow]:
        """The runs of the setting under the cursor that have ended, that of the median error first."""
        setting = self.table.setting
        if self.state is None or setting is None:
            return ()
        rows = [row for row in self.state.rows[setting] if row.status == "done"]
        errors = final_errors(rows, self.error)
        rows.sort(key=lambda row: errors[row.run.seed])
        return rows[(len(rows) - 1) // 2 :] + rows[: (len(rows) - 1) // 2]

    def action_open(self) -> None:
        self._leave_with("open", 1)

    def action_ghosts(self) -> None:
        self._leave_with("ghosts", MOST)

    @work(group="opening", exclusive=True)
    async def _leave_with(self, action: Literal["open", "ghosts"], most: int) -> None:
        """Read runs of the setting and leave with them; where one cannot be read, stay."""
        names = [row.run.name for row in self._rows[:most]]
        if not names:
            self.notify("no run of this setting has ended yet", severity="warning", markup=False)
        elif states := await self._read_states(names):
            self.dismiss(RunSelection(action, states))

    def action_back(self) -> None:
        if self._leave is None:
            self.dismiss()
        else:
            self._leave()

    def action_next(self) -> None:
        self.dismiss(RunSelection("sweeps", ()))

    def action_help(self) -> None:
        self.app.push_screen(Help(SWEEP_KEYS))


def _known(summaries: Sequence[SettingSummary], error: str) -> list[bool]:
    """Of each setting, whether it has a number of an error."""
    return [getattr(each.median, error) == getattr(each.median, error) for each in summaries]
