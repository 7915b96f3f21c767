"""How all charts of a screen are looked at, as one frozen value that keys replace by another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Self

from tui_runge.tui.charts.kinds import CHARTS, PAGES, ChartKind, place
from tui_runge.tui.charts.view import WINDOWS, View, move, pan, zoom

if TYPE_CHECKING:
    from tui_runge.core.progress import Progress


@dataclass(frozen=True)
class ChartViews:
    """A view of each of `CHARTS`, the number of the chosen one, and whether those by epoch are shown over seconds."""

    views: tuple[View, ...] = (View(),) * len(CHARTS)
    chosen: int = 0
    by_seconds: bool = False

    @classmethod
    def of(cls, log: Sequence[bool], smoothing: Sequence[int], chosen: int) -> Self:
        """Views with the scales and smoothings of earlier ones, which may be of fewer or more charts."""
        earlier = zip_longest(log[: len(CHARTS)], smoothing[: len(CHARTS)], CHARTS)
        return cls(tuple(View(scale is not False, width or 0) for scale, width, _ in earlier), chosen % len(CHARTS))

    @property
    def kind(self) -> ChartKind:
        """The chosen chart."""
        return CHARTS[self.chosen]

    @property
    def view(self) -> View:
        """The view of the chosen chart."""
        return self.views[self.chosen]

    @property
    def page(self) -> int:
        """The page of the chosen chart, which is the one that is shown."""
        return place(self.chosen)[0]

    @property
    def shown(self) -> range:
        """The numbers of the charts on that page."""
        first = self.chosen - place(self.chosen)[1]
        return range(first, first + len(PAGES[self.page]))

    def choose(self, number: int) -> Self:
        """Another chart of the page chosen by its number there, counted round."""
        return replace(self, chosen=self.shown[number % len(self.shown)])

    def with_next_page(self) -> Self:
        """The chart chosen that is at the same place on the next page, or the last there."""
        page, number = place(self.chosen)
        page = (page + 1) % len(PAGES)
        first = sum(map(len, PAGES[:page]))
        return replace(self, chosen=first + min(number, len(PAGES[page]) - 1))

    def change(self, change: Callable[[View], View]) -> Self:
        """The chosen chart seen in another way."""
        views = list(self.views)
        views[self.chosen] = change(self.view)
        return replace(self, views=tuple(views))

    def with_other_scale(self) -> Self:
        """The chosen chart logarithmic instead of linear, or back."""
        return self.change(lambda view: replace(view, log=not view.log))

    def smoothed(self, step: int) -> Self:
        """The chosen chart smoother, or less smooth."""
        return self.change(lambda view: replace(view, smoothing=min(max(view.smoothing + step, 0), len(WINDOWS) - 1)))

    def over_other_time(self) -> Self:
        """Charts by epoch over seconds instead of epochs, or back, and all of them whole."""
        views = tuple(replace(view, span=None, cross=None, follows=False) for view in self.views)
        return replace(self, views=views, by_seconds=not self.by_seconds)

    def zoomed(self, factor: float, progress: "Progress | None") -> Self:
        """The chosen chart zoomed in (factor < 1) or out, at its crosshair."""
        return self.change(lambda view: zoom(view, factor, *self._limits(progress)))

    def panned(self, part: float, progress: "Progress | None") -> Self:
        """The chosen chart moved by a part of its width."""
        return self.change(lambda view: pan(view, part, *self._limits(progress)))

    def crossed(self, direction: int, progress: "Progress | None") -> Self:
        """The crosshair of the chosen chart moved to another point."""
        if progress is None:
            return self
        x = self.kind.x(progress, self.by_seconds)
        return self.change(lambda view: move(view, direction, x, *self._limits(progress)))

    def whole(self) -> Self:
        """The chosen chart without a zoom."""
        return self.change(lambda view: replace(view, span=None, follows=False))

    def _limits(self, progress: "Progress | None") -> tuple[tuple[float, float], float]:
        """The x limits of the whole chosen chart and its newest point."""
        if progress is None:
            return (0.0, 1.0), 0.0
        x = self.kind.x(progress, self.by_seconds)
        return self.kind.x_limits(progress, self.by_seconds), float(x[-1]) if x.size else 0.0
