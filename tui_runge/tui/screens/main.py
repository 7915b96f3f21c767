"""The main screen: the charts, the numbers, and every hyperparameter."""

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from tui_runge.core.config import Config
from tui_runge.tui.charts.dynamics import SharpnessChart
from tui_runge.tui.charts.kinds import CHARTS, PAGES, title
from tui_runge.tui.charts.spec import Plot
from tui_runge.tui.charts.views import ChartViews
from tui_runge.tui.frame_rate import is_steady
from tui_runge.tui.keys import Key, key_applies
from tui_runge.tui.preferences import Preferences
from tui_runge.tui.replay import Replay
from tui_runge.tui.title_bar import TitleBar, crosshair_reading
from tui_runge.tui.widgets.chart import Chart
from tui_runge.tui.widgets.footer import Footer
from tui_runge.tui.widgets.knobs import KNOB_ROWS, KnobRow, Knobs
from tui_runge.tui.widgets.metrics import Metrics

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress
    from tui_runge.tui.charts.diagnostics import Spectrum

LAYOUTS = ("all", "one", "charts")
"""All charts and the panel, the chosen chart and the panel, all charts alone; what does not fit stays behind."""
COUNTS = {3: "-three", 4: "-four"}
"""The style of the grid by the number of charts on a page."""
MAXIMISED_ONLY = ("zoom", "pan", "cross", "whole", "copy_reading")
SOME_CHARTS_ONLY = ("scale", "smooth", "time_axis")
"""The keys of which a kind of chart says whether it has them."""
EARLIER_GHOSTS = 9
"""How many restarts can be under way and be refused, each with the ghosts before it."""
CHARTS_A_FRAME = 2
"""How many charts a frame of a steady run draws: its charts hardly move, yet drawing them is most of what it costs."""


class MainScreen(Screen[None]):
    """Shows a run: all charts where they fit, otherwise the chosen one; one chart alone when maximised."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-slim"), (74, "-narrow"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (20, "-short"), (32, "-tall")]  # noqa: RUF012

    def __init__(self, preferences: Preferences, keys: Sequence[Key]) -> None:
        super().__init__()
        self._keys = keys
        self._key_labels = {key.id: key.shown for key in keys}
        self.views = ChartViews.of(preferences.log, preferences.smoothing, preferences.chart)
        self.maximised = False
        self.chart_focused = False
        self.selected = next(n for n, row in enumerate(KNOB_ROWS) if row.parameter.name == "learning_rate")
        self.ghosts: tuple[Progress, ...] = ()
        self.ghosts_visible = True
        self._earlier_ghosts: deque[tuple[Progress, ...]] = deque(maxlen=EARLIER_GHOSTS)
        self.replay: Replay | None = None
        self._shown: tuple[str, Config, Progress | None] | None = None
        self._next_chart = 0
        self._spectra: tuple[Spectrum, ...] = ()
        self._with_model: Progress | None = None
        self._set_count()
        self._set_layout(preferences.layout if preferences.layout in LAYOUTS else LAYOUTS[0])

    def compose(self) -> ComposeResult:
        yield TitleBar()
        with Container(id="body"):
            with Container(id="charts"):
                for slot, number in zip_longest(range(max(map(len, PAGES))), self.views.shown):
                    classes = "-chosen" if number == self.views.chosen else ""
                    yield Chart(Plot("" if number is None else title(number)), id=f"chart-{slot + 1}", classes=classes)
            with Container(id="panel"):
                yield Metrics(id="metrics")
                yield Knobs(id="knobs")
        yield Static("runge-tui needs 60 x 20 cells: make the terminal larger", id="small")
        yield Footer(id="footer")

    def refresh_bindings(self) -> None:
        super().refresh_bindings()
        for footer in self.query(Footer):  # none before the screen is mounted, nor while it is taken down
            footer.show(key for key in self._keys if key_applies(key, self))

    @property
    def preferences(self) -> Preferences:
        """What was chosen here, of what is kept from one start to the next."""
        log, smoothing = zip(*((view.log, view.smoothing) for view in self.views.views), strict=True)
        return Preferences(log=log, smoothing=smoothing, chart=self.views.chosen, layout=self.chosen_layout)

    @property
    def progress(self) -> "Progress | None":
        """What is shown, if any progress was made."""
        return self._shown[2] if self._shown else None

    @property
    def knob_row(self) -> KnobRow:
        """The selected row of the panel."""
        return KNOB_ROWS[self.selected]

    @property
    def applicable_to_knobs(self) -> Mapping[str, bool]:
        """Whether each action on the selected row of the panel applies now."""
        visible = not self.maximised and self.chosen_layout != "charts"
        return {"select": visible, "step": visible, "default": visible, "edit": visible and not self.chart_focused}

    def show(self, state: str, config: Config, progress: "Progress | None", replay: Replay | None = None) -> None:
        """Show a state of the run, what is asked for, and the progress made, if any; or a replay of it."""
        moved = replay is not self.replay
        fresh = progress is not self.progress or moved
        self._shown, self.replay = (state, config, progress), replay
        if progress is not None and progress.model is not None:
            self._with_model = progress
        with self.app.batch_update():
            self._show_texts()
            if fresh:
                self._show_charts(some=is_steady(progress) and not moved)

    def push_ghost(self) -> None:
        """Make the run shown the ghost, as another is to take its place; not one of which nothing was trained."""
        self._earlier_ghosts.append(self.ghosts)
        if self.progress is not None and self.progress.epoch:
            self.ghosts = (self.progress,)

    def pop_ghost(self) -> None:
        """Bring back the ghosts before the last `push_ghost`, as the run shown goes on."""
        self.show_ghosts(self._earlier_ghosts.pop())

    def show_ghosts(self, ghosts: "tuple[Progress, ...]") -> None:
        """Show other runs faintly behind this one, and what differs."""
        self.ghosts = ghosts
        self.redraw()

    @property
    def _visible_ghosts(self) -> "tuple[Progress, ...]":
        return self.ghosts if self.ghosts_visible else ()

    def _show_texts(self) -> None:
        if self._shown is None:
            return
        state, config, progress = self._shown
        views = self.views if self.maximised else None
        self.query_one(TitleBar).show(config, progress, self.replay, views)
        self.query_one(Metrics).show(state, progress, self._visible_ghosts, self.replay)
        self._show_knobs()

    def _show_knobs(self) -> None:
        if self._shown is not None:
            _, config, progress = self._shown
            running, weight = (progress.config, progress.auto_weight) if progress else (None, None)
            self.query_one(Knobs).show(config, running, self.selected, self._key_labels, weight)

    def _charts(self) -> list[tuple[int, Chart]]:
        """The widgets of the page that is shown, each with the number of its chart."""
        return list(zip(self.views.shown, self.query(Chart), strict=False))

    def _place_charts(self) -> None:
        """Lay out the page that is shown, and mark the chosen chart."""
        charts = self._charts()
        self._set_count()
        for number, chart in charts:
            chart.set_class(number == self.views.chosen, "-chosen")

    def _set_count(self) -> None:
        """Let the grid have room for as many charts as the page has; for five it has."""
        for count, name in COUNTS.items():
            self.set_class(len(self.views.shown) == count, name)

    @property
    def wants_model(self) -> bool:
        """Whether a chart of the page that is shown is made of the model."""
        return any(CHARTS[number].needs_model for number in self.views.shown)

    @property
    def wants_sharpness(self) -> bool:
        """Whether a chart of the page that is shown is that of the sharpness."""
        return any(isinstance(CHARTS[number], SharpnessChart) for number in self.views.shown)

    def show_spectra(self, spectra: "Sequence[Spectrum]") -> None:
        """Show what the spectrum of the error was before."""
        self._spectra = tuple(spectra)
        self.redraw()

    def _show_charts(self, *, some: bool = False) -> None:
        """Draw the charts that are displayed, or only the next `CHARTS_A_FRAME` of them."""
        progress = self.progress
        if progress is None:
            return
        from tui_runge.tui.charts.builder import build

        shown = [(n, chart) for n, chart in self._charts() if chart.display]
        if some and shown:
            first = self._next_chart % len(shown)
            shown = (shown[first:] + shown[:first])[:CHARTS_A_FRAME]
            self._next_chart = first + CHARTS_A_FRAME
        views, ghosts, replay, spectra = self.views, self._visible_ghosts, self.replay, self._spectra
        for n, chart in shown:
            chosen = self.chart_focused and n == views.chosen
            plot = build(
                self._modelled(progress) if CHARTS[n].needs_model else progress,
                CHARTS[n],
                views.views[n],
                views.by_seconds,
                chosen,
                ghosts=ghosts,
                replay=replay,
                spectra=spectra,
            )
            chart.show(plot)

    def _modelled(self, progress: "Progress") -> "Progress":
        """A progress with its model; until that has come, the last one of the same run that had it."""
        last = self._with_model
        is_past = last is not None and last.run == progress.run and last.epoch <= progress.epoch
        return last if last is not None and is_past and progress.model is None else progress

    def on_resize(self, event: Resize) -> None:
        # Below another screen, textual answers two sizes that came in quick succession with each other, for ever.
        if event.size != self.app.size:
            event.prevent_default()
        self.call_after_refresh(self._show_charts)  # there may be room now for some that were not displayed

    def on_screen_resume(self) -> None:
        """Draw what there is room for now, should the terminal have another size than when a screen came over this."""
        self.call_after_refresh(self._show_charts)

    def select(self, row: KnobRow) -> None:
        """Select a row of the panel; the keys then act on the panel."""
        self.selected = KNOB_ROWS.index(row)
        if self.chart_focused:
            self._focus_chart(False)
        self._show_knobs()

    def _focus_chart(self, chart_focused: bool) -> None:
        """Let the keys act on the chosen chart or on the panel, and show which."""
        self.chart_focused = chart_focused
        self._place_charts()
        self._show_charts()
        self.refresh_bindings()

    def _maximise(self, maximised: bool) -> None:
        self.maximised = maximised
        self.set_class(maximised, "-maximised")
        self._focus_chart(self.chart_focused)
        self._show_texts()

    def _set_layout(self, name: str) -> None:
        self.chosen_layout = name
        for layout in LAYOUTS:
            self.set_class(layout == name, f"-{layout}")

    def redraw(self) -> None:
        """Draw all that is shown anew."""
        with self.app.batch_update():
            self._show_texts()
            self._show_charts()

    def _set_views(self, views: ChartViews) -> None:
        """Look at the charts in another way."""
        self.views = views
        self.redraw()

    def on_chart_clicked(self, event: Chart.Clicked) -> None:
        """Choose the chart, as its digit does; the chosen one is maximised."""
        slot = list(self.query(Chart)).index(event.chart)
        if self.chart_focused and self.views.shown[slot] == self.views.chosen:
            self._maximise(True)
        else:
            self.action_choose(slot)

    def on_knobs_selected(self, event: Knobs.Selected) -> None:
        self.select(event.row)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which of the charts' keys apply now."""
        if action == "choose":
            (slot,) = parameters
            return isinstance(slot, int) and slot < len(self.views.shown)
        applies = {
            **dict.fromkeys(MAXIMISED_ONLY, self.maximised),
            **{key: key in self.views.kind.keys for key in SOME_CHARTS_ONLY},
            "lay_out": not self.maximised,
            "maximise": self.chart_focused and not self.maximised,
            "back": (self.chart_focused or self.maximised) and self.replay is None,
            "ghosts": bool(self.ghosts),
            "copy_numbers": self.progress is not None,
        }
        return applies.get(action, True)

    def action_choose(self, chart: int) -> None:
        self.views = self.views.choose(chart)
        self._focus_chart(True)
        self._show_texts()

    def action_choose_next(self, direction: int) -> None:
        self.action_choose(self.views.shown.index(self.views.chosen) + direction)

    def turn_page(self) -> None:
        """Show the next page of charts."""
        self.views = self.views.with_next_page()
        with self.app.batch_update():
            self._focus_chart(self.chart_focused)
            self._show_texts()

    def action_lay_out(self) -> None:
        self._set_layout(LAYOUTS[(LAYOUTS.index(self.chosen_layout) + 1) % len(LAYOUTS)])
        self._focus_chart(self.chart_focused)

    def action_maximise(self) -> None:
        self._maximise(True)

    def action_back(self) -> None:
        if self.maximised:
            self._maximise(False)
        else:
            self._focus_chart(False)

    def action_ghosts(self) -> None:
        self.ghosts_visible = not self.ghosts_visible
        self.redraw()

    def action_scale(self) -> None:
        self._set_views(self.views.with_other_scale())

    def action_smooth(self, step: int) -> None:
        self._set_views(self.views.smoothed(step))

    def action_time_axis(self) -> None:
        self._set_views(self.views.over_other_time())

    def action_zoom(self, factor: float) -> None:
        self._set_views(self.views.zoomed(factor, self.progress))

    def action_pan(self, part: float) -> None:
        self._set_views(self.views.panned(part, self.progress))

    def action_cross(self, direction: int) -> None:
        self._set_views(self.views.crossed(direction, self.progress))

    def action_copy_reading(self) -> None:
        reading = crosshair_reading(self.progress, self.replay, self.views) if self.progress else ""
        self._copy(reading, "what is under the crosshair" if reading else "")

    def action_copy_numbers(self) -> None:
        from tui_runge.tui.clipboard import numbers_table

        if self.progress is not None:
            shown = self.replay.snapshot if self.replay is not None and self.replay.snapshot else self.progress
            self._copy(numbers_table(shown), "the numbers of the panel")

    def _copy(self, text: str, name: str) -> None:
        """Send a text to the terminal's clipboard; no terminal says whether it took it."""
        if not text:
            self.notify("there is no crosshair: the arrows move one", title="not copied", timeout=2)
            return
        self.app.copy_to_clipboard(text)
        self.notify(f"{name}, to the terminal's clipboard", title="sent", timeout=2, markup=False)

    def action_whole(self) -> None:
        self._set_views(self.views.whole())
