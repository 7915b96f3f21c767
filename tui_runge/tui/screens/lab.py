"""The main screen: five charts, the numbers, and every knob."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from tui_runge.config import Config
from tui_runge.preferences import Preferences
from tui_runge.tui.keys import Key, applies
from tui_runge.tui.pace import settled
from tui_runge.tui.replay import Replay
from tui_runge.tui.screens.looking import Looking
from tui_runge.tui.spec import NAMES, Plot, is_loss, title
from tui_runge.tui.told import NAME, first_line
from tui_runge.tui.widgets.chart import Chart
from tui_runge.tui.widgets.footer import Footer
from tui_runge.tui.widgets.knobs import ENTRIES, Entry, Knobs
from tui_runge.tui.widgets.metrics import Metrics

if TYPE_CHECKING:
    from tui_runge.progress import Progress

MAXIMISED_ONLY = ("zoom", "pan", "cross", "whole")
LOSSES_ONLY = ("scale", "smooth", "time_axis")
FEW = 2
"""How many charts a frame of a settled run draws: its charts hardly move, yet drawing them is most of what it costs."""


class Lab(Looking):
    """Shows a run: all charts where they fit, otherwise the chosen one; one chart alone when maximised."""

    def __init__(self, preferences: Preferences, keys: Sequence[Key]) -> None:
        super().__init__(preferences)
        self._keys = keys
        self._letters = {key.id: key.shown for key in keys}
        self.on_chart = False
        self.selected = next(n for n, entry in enumerate(ENTRIES) if entry.knob.name == "learning_rate")
        self.ghosts: tuple[Progress, ...] = ()
        self.haunted = True
        self.replay: Replay | None = None
        self._shown: tuple[str, Config, Progress | None] | None = None
        self._next_chart = 0

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(NAME), id="title")
        with Container(id="body"):
            with Container(id="charts"):
                for n, name in enumerate(NAMES):
                    classes = "-chosen" if n == self.chosen else ""
                    yield Chart(Plot(title(n)), id=name.replace(" ", "-"), classes=classes)
            with Container(id="panel"):
                yield Metrics(id="metrics")
                yield Knobs(id="knobs")
        yield Static("runge-tui needs 60 x 20 cells: make the terminal larger", id="small")
        yield Footer(id="footer")

    def on_mount(self) -> None:
        self.refresh_bindings()

    def refresh_bindings(self) -> None:
        super().refresh_bindings()
        if self.is_mounted:
            self.query_one(Footer).show(key for key in self._keys if applies(key, self))

    @property
    def choices(self) -> Preferences:
        """What was chosen here that is worth keeping."""
        log, smoothing = zip(*((view.log, view.smoothing) for view in self.views), strict=True)
        return Preferences(log=log, smoothing=smoothing, chart=self.chosen, layout=self.laid_out)

    @property
    def progress(self) -> "Progress | None":
        """What is shown, if any progress was made."""
        return self._shown[2] if self._shown else None

    @property
    def entry(self) -> Entry:
        """The selected line of the panel."""
        return ENTRIES[self.selected]

    def show(self, state: str, config: Config, progress: "Progress | None", replay: Replay | None = None) -> None:
        """Show a state of the run, what is asked for, and the progress made, if any; or a replay of it."""
        moved = replay is not self.replay
        fresh = progress is not self.progress or moved
        self._shown, self.replay = (state, config, progress), replay
        with self.app.batch_update():
            self._show_texts()
            if fresh:
                self._show_charts(settled(progress) and not moved)

    def show_ghosts(self, ghosts: "tuple[Progress, ...]") -> None:
        """Show other runs faintly behind this one, and what differs."""
        self.ghosts = ghosts
        self.redraw()

    @property
    def _seen_ghosts(self) -> "tuple[Progress, ...]":
        return self.ghosts if self.haunted else ()

    def _show_texts(self) -> None:
        if self._shown is None:
            return
        state, config, progress = self._shown
        alone = (self.chosen, self.views[self.chosen], self.by_seconds) if self.maximised else None
        told = first_line(config, progress, self.replay, alone, self.size.width)
        self.query_one("#title", Static).update(told, layout=False)
        self.query_one(Metrics).show(state, progress, self._seen_ghosts, self.replay)
        self._show_knobs()

    def _show_knobs(self) -> None:
        if self._shown is not None:
            _, config, progress = self._shown
            self.query_one(Knobs).show(config, progress.config if progress else None, self.selected, self._letters)

    def _show_charts(self, few: bool = False) -> None:
        """Draw the charts; of a settled run only the next `FEW` of those that are displayed."""
        if self.progress is None:
            return
        from tui_runge.tui import charts

        shown = [(n, chart) for n, chart in enumerate(self.query(Chart)) if chart.display]
        if few:
            shown = (shown[self._next_chart :] + shown[: self._next_chart])[:FEW]
            self._next_chart = (self._next_chart + FEW) % len(NAMES)
        for n, chart in shown:
            view, chosen = self.views[n], self.on_chart and n == self.chosen
            seen, replay = self._seen_ghosts, self.replay
            chart.show(charts.plot(self.progress, n, view, self.by_seconds, chosen, ghosts=seen, replay=replay))

    def on_resize(self, event: Resize) -> None:
        # Below another screen, textual answers two sizes that came in quick succession with each other, for ever.
        if event.size != self.app.size:
            event.prevent_default()
            return
        self.call_after_refresh(self._show_texts)

    def select(self, entry: Entry) -> None:
        """Select a line of the panel; the keys then act on the panel."""
        self.selected = ENTRIES.index(entry)
        if self.on_chart:
            self._mark(chart=False)
        self._show_knobs()

    def _mark(self, chart: bool) -> None:
        """Show whether keys act on the chosen chart or on the panel."""
        self.on_chart = chart
        for n, each in enumerate(self.query(Chart)):
            each.set_class(n == self.chosen, "-chosen")
        self._show_charts()
        self.refresh_bindings()

    def _maximise(self, maximised: bool) -> None:
        self.maximised = maximised
        self.set_class(maximised, "-maximised")
        self._mark(chart=self.on_chart)
        self._show_texts()

    def redraw(self) -> None:
        with self.app.batch_update():
            self._show_texts()
            self._show_charts()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the charts' keys apply now."""
        del parameters
        applies = {
            **dict.fromkeys(MAXIMISED_ONLY, self.maximised),
            **dict.fromkeys(LOSSES_ONLY, is_loss(self.chosen)),
            "lay_out": not self.maximised,
            "maximise": self.on_chart and not self.maximised,
            "back": (self.on_chart or self.maximised) and self.replay is None,
            "ghosts": bool(self.ghosts),
        }
        return applies.get(action, True)

    def action_choose(self, chart: int) -> None:
        self.chosen = chart
        self._mark(chart=True)
        self._show_texts()

    def action_choose_next(self, direction: int) -> None:
        self.action_choose((self.chosen + direction) % len(NAMES))

    def action_lay_out(self) -> None:
        self.lay_out_next()
        self._mark(chart=self.on_chart)

    def action_maximise(self) -> None:
        self._maximise(True)

    def action_back(self) -> None:
        if self.maximised:
            self._maximise(False)
        else:
            self._mark(chart=False)

    def action_ghosts(self) -> None:
        self.haunted = not self.haunted
        self.show_ghosts(self.ghosts)
