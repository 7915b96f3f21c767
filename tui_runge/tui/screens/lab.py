"""The main screen: five charts, the numbers, and every knob."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Footer, Static

from tui_runge.config import Config
from tui_runge.preferences import Preferences
from tui_runge.targets import TARGETS
from tui_runge.tui.keys import Key
from tui_runge.tui.pace import settled
from tui_runge.tui.spec import NAMES, Plot, cut, is_loss, title
from tui_runge.tui.view import WINDOWS, View, move, pan, zoom
from tui_runge.tui.widgets.chart import Chart
from tui_runge.tui.widgets.knobs import ENTRIES, Entry, Knobs
from tui_runge.tui.widgets.metrics import Metrics

if TYPE_CHECKING:
    from tui_runge.progress import Progress

NAME = (" runge-tui ", "bold $text-primary")
MAXIMISED_ONLY = ("zoom", "pan", "cross", "whole")


FEW = 2
"""How many charts a frame of a settled run draws: its charts hardly move, yet drawing them is most of what it costs."""


class Lab(Screen[None]):
    """Shows a run: all charts where they fit, otherwise the chosen one; one chart alone when maximised."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-slim"), (74, "-narrow"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (20, "-short"), (32, "-tall")]  # noqa: RUF012

    def __init__(self, preferences: Preferences, keys: Sequence[Key]) -> None:
        super().__init__()
        self._letters = {key.id: key.shown for key in keys}
        kept = zip_longest(preferences.log, preferences.smoothing, NAMES)
        self.views = [View(log is not False, smoothing or 0) for log, smoothing, _ in kept][: len(NAMES)]
        self.by_seconds = False
        self.chosen = preferences.chart % len(NAMES)
        self.on_chart = False
        self.maximised = False
        self.selected = next(n for n, entry in enumerate(ENTRIES) if entry.knob.name == "learning_rate")
        self._shown: tuple[str, Config, Progress | None] | None = None
        self._next_chart = 0
        self.ghosts: tuple[Progress, ...] = ()

    def show_ghosts(self, ghosts: "tuple[Progress, ...]") -> None:
        """Show other runs behind this one."""
        self.ghosts = ghosts

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
        yield Footer(compact=True, show_command_palette=False)

    @property
    def choices(self) -> Preferences:
        """What was chosen here that is worth keeping."""
        log, smoothing = zip(*((view.log, view.smoothing) for view in self.views), strict=True)
        return Preferences(log=log, smoothing=smoothing, chart=self.chosen)

    @property
    def progress(self) -> "Progress | None":
        """What is shown, if any progress was made."""
        return self._shown[2] if self._shown else None

    @property
    def entry(self) -> Entry:
        """The selected line of the panel."""
        return ENTRIES[self.selected]

    def show(self, state: str, config: Config, progress: "Progress | None") -> None:
        """Show a state of the run, what is asked for, and the progress made, if any."""
        fresh = progress is not self.progress
        self._shown = state, config, progress
        with self.app.batch_update():
            self._show_texts()
            if fresh:
                self._show_charts(settled(progress))

    def _show_texts(self) -> None:
        if self._shown is None:
            return
        state, config, progress = self._shown
        self.query_one("#title", Static).update(self._title(config), layout=False)
        self.query_one(Metrics).show(state, progress)
        self._show_knobs()

    def _show_knobs(self) -> None:
        if self._shown is not None:
            _, config, progress = self._shown
            self.query_one(Knobs).show(config, progress.config if progress else None, self.selected, self._letters)

    def _title(self, config: Config) -> Content:
        """What is trained; what went wrong, where something did; or what the crosshair reads."""
        progress = self.progress
        if progress and self.maximised:
            from tui_runge.tui import charts

            reading = charts.reading(progress, self.chosen, self.views[self.chosen], self.by_seconds)
            return Content.assemble(NAME, f"  {reading or 'arrows move a crosshair, + and - zoom'}")
        if progress and progress.message:
            return Content.assemble(NAME, (f"  {progress.message}", "bold $text-error"))
        if progress and progress.unsaved:
            why = cut(f"  not saved: {progress.unsaved}", self.size.width - 11)
            return Content.assemble(NAME, (why, "bold $text-warning"))
        network = "–".join(map(str, (1, *config.hidden, 1)))
        facts = f"f(x) = {TARGETS[config.target].formula}   {network} {config.activation}   {config.optimizer}"
        run = f"{progress.run}   " if progress and progress.run else ""
        return Content.assemble(NAME, cut(f"  {run}{facts}   seed {config.seed}", self.size.width - 11))

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
            chosen = self.on_chart and n == self.chosen
            chart.show(charts.plot(self.progress, n, self.views[n], self.by_seconds, chosen))

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

    def _change(self, change: Callable[[View], View]) -> None:
        """Look at the chosen chart in another way."""
        self.views[self.chosen] = change(self.views[self.chosen])
        with self.app.batch_update():
            self._show_texts()
            self._show_charts()

    def _limits(self) -> tuple[tuple[float, float], float]:
        """The x limits of the whole chosen chart and its newest point."""
        if self.progress is None:
            return (0.0, 1.0), 0.0
        from tui_runge.tui import charts

        x = charts.points(self.progress, self.chosen, self.by_seconds)
        return charts.whole(self.progress, self.chosen, self.by_seconds), float(x[-1]) if x.size else 0.0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the charts' keys apply now."""
        del parameters
        if action in MAXIMISED_ONLY:
            return self.maximised
        if action == "maximise":
            return self.on_chart and not self.maximised
        if action == "back":
            return self.on_chart or self.maximised
        if action in ("scale", "smooth", "time_axis"):
            return is_loss(self.chosen)
        return True

    def action_choose(self, chart: int) -> None:
        self.chosen = chart
        self._mark(chart=True)
        self._show_texts()

    def action_choose_next(self, direction: int) -> None:
        self.action_choose((self.chosen + direction) % len(NAMES))

    def action_maximise(self) -> None:
        self._maximise(True)

    def action_back(self) -> None:
        if self.maximised:
            self._maximise(False)
        else:
            self._mark(chart=False)

    def action_scale(self) -> None:
        self._change(lambda view: replace(view, log=not view.log))

    def action_smooth(self, step: int) -> None:
        self._change(lambda view: replace(view, smoothing=min(max(view.smoothing + step, 0), len(WINDOWS) - 1)))

    def action_time_axis(self) -> None:
        self.by_seconds = not self.by_seconds
        for n in range(len(self.views)):
            self.views[n] = replace(self.views[n], span=None, cross=None, follows=False)
        self._change(lambda view: view)

    def action_zoom(self, factor: float) -> None:
        self._change(lambda view: zoom(view, factor, *self._limits()))

    def action_pan(self, part: float) -> None:
        self._change(lambda view: pan(view, part, *self._limits()))

    def action_cross(self, direction: int) -> None:
        if self.progress is not None:
            from tui_runge.tui import charts

            x = charts.points(self.progress, self.chosen, self.by_seconds)
            self._change(lambda view: move(view, direction, x, *self._limits()))

    def action_whole(self) -> None:
        self._change(lambda view: replace(view, span=None, follows=False))
