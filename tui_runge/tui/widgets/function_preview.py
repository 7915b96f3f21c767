"""What a function looks like before it is trained: its curve and its derivative's, and both as text."""

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui_runge.core.config import Config
from tui_runge.problems import check_problem, problem_of
from tui_runge.tui.charts.spec import Curve, Plot
from tui_runge.tui.widgets.chart import Chart

POINTS = 401
"""Places that the curves are drawn through."""


@dataclass(frozen=True)
class Preview:
    """The plots of a function and its derivative, and what is to be said of them."""

    function: Plot
    derivative: Plot
    text: str


def preview(config: Config) -> Preview:
    """The preview of what a configuration asks to fit; raises ValueError where that has no value on its interval."""
    import numpy as np

    from tui_runge.problems.expression import derivative_text, interval_notes
    from tui_runge.problems.nodes import uniform

    check_problem(config)
    problem = problem_of(config)
    assert problem.truth is not None  # it is a formula
    with np.errstate(all="ignore"):
        points = problem.truth.at(uniform(problem.interval, POINTS))

    def plot(title: str, y: "np.typing.NDArray[np.float64]") -> Plot:
        return Plot(title, (Curve("", "target", points.x, y, y),), x_limits=problem.interval, x_label="x")

    lines = [f"f(x) = {problem.label}", f"f′(x) = {derivative_text(problem.formula)}"]
    lines += interval_notes(problem.formula, problem.interval)
    return Preview(plot("f of x", points.f), plot("f′ of x", points.df), "\n".join(lines))


class FunctionPreview(Vertical):
    """Shows a `Preview`; the curves where there is room for them."""

    def compose(self) -> ComposeResult:
        yield Static(id="formulas", markup=False)
        with Horizontal(id="curves"):
            yield Chart(Plot("f of x"), id="preview-function")
            yield Chart(Plot("f′ of x"), id="preview-derivative")

    def show(self, shown: Preview) -> None:
        """Show another function."""
        self.query_one("#formulas", Static).update(shown.text)
        self.query_one("#preview-function", Chart).show(shown.function)
        self.query_one("#preview-derivative", Chart).show(shown.derivative)
