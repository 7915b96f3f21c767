"""What is to be fitted looks like before it is trained: a function with its derivative, or measured points."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui_runge.core.config import Config
from tui_runge.core.field_types import EXAMPLE, RUN, STANDARD_INPUT
from tui_runge.problems import check_problem, problem_of, read_data
from tui_runge.tui.charts.spec import DOT, Curve, Plot
from tui_runge.tui.widgets.chart import Chart

if TYPE_CHECKING:
    from tui_runge.core.measured_points import MeasuredPoints
    from tui_runge.problems import Problem
    from tui_runge.tui.charts.spec import Floats

PLACES = 401
"""Places that the curves are drawn through."""
TITLES = ("f of x", "f′ of x")
KEPT = "kept as they were read before: to read the file anew, fit something else in between"


@dataclass(frozen=True)
class Preview:
    """A configuration with its data read, the plots of f and f′ that it asks to fit, and what is to be said of them."""

    config: Config
    function: Plot
    derivative: Plot
    text: str


def preview(config: Config) -> Preview:
    """The preview of what a configuration asks to fit; reads its data.

    Raises ValueError where a function has no value on its interval, and where data cannot be read or fitted.
    """
    was_read = config.points is not None
    if not was_read:
        _check_source(config.data)
    config = read_data(config)
    check_problem(config)
    if config.points is None:
        return _of_function(config, problem_of(config))
    shown = _of_points(config, config.points)
    # How it was read, as with --columns, is not known here, nor that the file is still there.
    return replace(shown, text=f"{shown.text}\n{KEPT}") if was_read and _is_file(config.data) else shown


def _is_file(source: str) -> bool:
    return source != STANDARD_INPUT and not source.startswith((EXAMPLE, RUN))


def _check_source(source: str) -> None:
    """Raise ValueError for what cannot be read while the screen is there: it may never end, or be the keyboard."""
    if not source or source.startswith(EXAMPLE):
        return
    if source == "-":
        raise ValueError("standard input is read at the start alone: runge-tui --data - < FILE")
    path = Path(os.path.expanduser(source))  # noqa: PTH111 - pathlib's raises where there is no home
    if path.exists() and not path.is_file() and not path.is_dir():
        raise ValueError(f"{path.name} is no regular file: it can be given at the start alone, as --data {path.name}")


def _of_function(config: Config, problem: "Problem") -> Preview:
    import numpy as np

    from tui_runge.problems.expression import derivative_text, interval_notes
    from tui_runge.problems.nodes import uniform

    assert problem.truth is not None  # it is a formula
    with np.errstate(all="ignore"):
        points = problem.truth.at(uniform(problem.interval, PLACES))

    def plot(title: str, y: "Floats") -> Plot:
        return Plot(title, (Curve("", "target", points.x, y, y),), x_limits=problem.interval, x_label="x")

    lines = [f"f(x) = {problem.label}", f"f′(x) = {derivative_text(problem.formula)}"]
    lines += interval_notes(problem.formula, problem.interval)
    return Preview(config, plot(TITLES[0], points.f), plot(TITLES[1], points.df), "\n".join(lines))


def _of_points(config: Config, points: "MeasuredPoints") -> Preview:
    import numpy as np

    def plot(title: str, y: "Floats") -> Plot:
        curve = Curve("", "points", points.x, y, y, dots=DOT)
        limits = float(points.x.min()), float(points.x.max())
        return Plot(title, (curve,), x_limits=limits, x_label="x", note="no slopes were measured")

    columns = {"x": points.x, "f": points.f, "df": points.df}
    known = {name: column[~np.isnan(column)] for name, column in columns.items()}
    counts = {name: len(values) for name, values in known.items() if len(values)}
    if len(set(counts.values())) == 1:
        what = f"points of {' and '.join(', '.join(counts).rsplit(', ', 1))}"
    else:
        what = f"points: {', '.join(f'{count:,} have {name}' for name, count in counts.items() if name != 'x')}"
    ranges = (f"{name} {v.min():.5g} to {v.max():.5g}" for name, v in known.items() if len(v))
    text = f"{len(points):,} {what}\n{',   '.join(ranges)}"
    return Preview(config, plot(TITLES[0], points.f), plot(TITLES[1], points.df), text)


class ProblemPreview(Vertical):
    """Shows a `Preview`; the charts where there is room for them."""

    def compose(self) -> ComposeResult:
        yield Static(id="formulas", markup=False)
        with Horizontal(id="curves"):
            yield Chart(Plot(TITLES[0]), id="preview-function")
            yield Chart(Plot(TITLES[1]), id="preview-derivative")

    def show(self, shown: Preview) -> None:
        """Show another function, or other points."""
        self._show(shown.text, shown.function, shown.derivative)

    def wait(self) -> None:
        """Show that there is nothing to show yet."""
        self._show("reading…", *map(Plot, TITLES))

    def _show(self, text: str, function: Plot, derivative: Plot) -> None:
        self.query_one("#formulas", Static).update(text)
        self.query_one("#preview-function", Chart).show(function)
        self.query_one("#preview-derivative", Chart).show(derivative)
