"""The report: true of every kind of run, and complete in itself."""

from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from tests.support.canned import CHANGED, progress
from tests.support.measured_runs import atmosphere, copper, measured_run
from tui_runge import Problem
from tui_runge.core.config import OPTIMIZER_NAMES, SCHEDULE_NAMES, Config
from tui_runge.core.errors import Errors
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Change, Progress
from tui_runge.export.figures import FIGURES
from tui_runge.export.layout import CURVE, FILES
from tui_runge.export.report import SCHEDULES, STEPS, html, markdown
from tui_runge.problems import problem_of

WHOLE = progress("finished", epoch=1200)
NAN = Errors(float("nan"), float("inf"), float("nan"), float("inf"))
SETTING_TYPES: dict[str, Progress] = {
    "the report's": WHOLE,
    "running": progress("running", ended_by=""),
    "stopped": progress("stopped", ended_by="stopped", changes=CHANGED),
    "diverged": replace(progress("diverged", 12, message="the loss became inf"), errors=NAN, ended_by="diverged"),
    "of no epoch": progress("stopped", 0, ended_by="stopped"),
    "of one epoch": progress("finished", 1),
    "of another target": progress("finished", config=Config(target="steep", derivative_weight=0.0)),
    "a branch": progress("finished", parent="20261123-1712-amber@108"),
}
PNG = dict.fromkeys(FIGURES, b"\x89PNG")


class Page(HTMLParser):
    """The sources and the open tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", SETTING_TYPES)
def test_every_kind_of_run_has_a_whole_report(kind: str) -> None:
    run = SETTING_TYPES[kind]
    text = markdown(run, list(FILES))
    assert text.startswith("# A network fitted to f(x) = ")
    assert "runge-tui train" in text
    assert ("| report |" in text.partition("## Results")[2]) == (run.config.target == "runge")
    page = Page(html(text, PNG))
    assert page.open == []
    assert len(page.sources) == len(FIGURES)
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)


def method(**values: Any) -> str:
    """What is said of how a run of these values is trained."""
    stages = values.pop("stage_starts", ())
    run = progress("finished", config=Config(**values), stage_starts=stages)
    return markdown(run, list(FILES)).partition("## Settings")[0]


def test_the_method_is_that_of_the_run() -> None:
    assert (
        "The model f̂ is a feed-forward network, 1–64–64–1 with tanh. It was trained on a function and its" in method()
    )
    assert "L = 1 · MSE(f̂, f) + 1 · MSE(f̂′, f′) on 256 uniform points of [−1, 1]" in method()
    assert "Every epoch is one step of Adam. Every step takes all points, in float32." in method()
    assert "one step of Levenberg-Marquardt" in method(optimizer="lm")
    assert "learning rate" not in method(optimizer="lm")
    assert "The learning rate is 0.001, times a factor that falls from 1 to 0" in method(schedule="cosine")


def test_the_method_of_stages_is_a_sum_of_networks() -> None:
    text = method(stages=3, stage_starts=(300, 500))
    assert "# A sum of networks fitted to f(x) = " in text
    assert "The model f̂ is the sum of 3 networks, each a feed-forward network" in text
    assert "Wang & Lai" in text
    assert "divided by its root mean square" in text
    assert "the sum of 1 of the 3 networks asked for" in method(stages=3)
    assert "Wang & Lai" not in method()


def test_what_was_not_fitted_is_not_part_of_the_loss() -> None:
    function, derivative = method(derivative_weight=0.0), method(function_weight=0.0)
    assert "The loss is L = 1 · MSE(f̂, f) on " in function
    assert "It was trained on the values of f alone" in function
    assert "and its derivative\n" not in function
    assert "The loss is L = 1 · MSE(f̂′, f′) on " in derivative
    assert "# A network fitted to the derivative of f(x) = " in derivative
    assert "Czarnecki" not in function + derivative


def test_changed_values_are_given_as_in_the_end() -> None:
    config = Config(derivative_weight=2.0, learning_rate=0.5)
    unfelt = Change(740, "learning_rate", 0.001, 0.5)
    text = markdown(progress("stopped", config=config, changes=(*CHANGED, unfelt)), list(FILES))
    assert "L = 1 · MSE(f̂, f) + 2 · MSE(f̂′, f′)" in text
    assert "what was changed on the way, the discussion says" in text
    assert "Changed on the way, and given as in the end: derivative weight." in text
    assert "| learning rate | 0.001 | 0.001 |" in text
    assert "on the way" not in markdown(WHOLE, list(FILES))


def test_a_branch_says_which_epochs_are_its_parents() -> None:
    text = markdown(SETTING_TYPES["a branch"], list(FILES))
    assert "a branch of 20261123-1712-amber@108: its first 108 epochs are that run's." in text


def test_every_optimizer_and_schedule_is_described() -> None:
    assert tuple(STEPS) == OPTIMIZER_NAMES
    assert tuple(SCHEDULES) == SCHEDULE_NAMES


# Measured points


def of_points(points: MeasuredPoints, **values: Any) -> str:
    return markdown(measured_run(points, **values), [*FILES, CURVE])


def test_the_points_are_named_counted_and_identified() -> None:
    text = of_points(copper())
    assert text.startswith("# A network fitted to the measured points copper\n")
    assert f"The points copper are 236 rows of x and f; their SHA-256 is `{copper().sha256}`." in text
    assert "| data | **" in text
    assert not any(f"| {name} |" in text for name in ("target", "train points", "derivative weight", "noise"))
    assert "47 of them, drawn by the seed, are held out for validation." in text
    assert "No slopes were measured: f̂′ is the network's own." in text
    assert (
        "L = 1 · MSE(f̂, f) on the 189 training points in [14.13, 851.61], each term on those that have it; the 47"
        in text
    )
    assert "Here f′" not in text


def test_slopes_and_holes_are_counted() -> None:
    text = of_points(atmosphere())
    assert text.startswith("# A network fitted to the measured points atmosphere and their slopes\n")
    assert "It was trained on measured values and slopes at once (Czarnecki" in text
    assert "80 rows of x, f and f′; their" in text
    holes = replace(atmosphere(), df=np.where(np.arange(80) < 30, np.nan, atmosphere().df), held_out=np.arange(80) < 9)
    text = of_points(holes)
    assert "80 rows of x, f and f′, of which 50 have f′; their" in text
    assert "9 of them are held out for validation, as they were given." in text


def test_what_is_not_known_of_points_is_a_dash() -> None:
    text = of_points(copper())
    run = measured_run(copper())
    assert f"| error on the held-out points | here |\n| --- | --- |\n| MSE(f) | {run.errors.mse_f:.2e} |" in text
    assert "| MSE(f′) | – |" in text
    assert "| derivative | – | – |" in text
    assert "The residual's standard deviation over all points that have f is 0.1227, in the units of f." in text
    assert "residual" not in markdown(WHOLE, list(FILES))
    assert "| error on the training points | here |" in of_points(copper(), validation_fraction=0.0)


@pytest.mark.parametrize("points", [copper(), atmosphere()])
def test_a_report_of_points_has_no_number_that_is_none(points: MeasuredPoints) -> None:
    page = html(of_points(points), PNG)
    assert "nan" not in page.replace("--", "")
    assert Page(page).open == []
    assert "- `fit.csv`: the measured points in their order" in of_points(points)
    assert "- `curve.csv`: f̂ and f̂′ on the evaluation grid" in of_points(points)


def test_any_name_of_points_stands_in_the_page_as_it_is() -> None:
    name = "a|b*c_d `e` [f](g) <img src=x> &lt; \\ ~~h~~ **i**.csv"
    text = of_points(replace(copper(), name=name), data=name)
    page = html(text, PNG)
    assert f"<title>A network fitted to the measured points {escape(name)}</title>" in page
    assert f"<h1>A network fitted to the measured points {escape(name, quote=False)}</h1>" in page
    assert f"<td><strong>{escape(name, quote=False)}</strong></td>" in page
    assert len(Page(page).sources) == len(FIGURES)


def test_a_formula_stands_in_the_page_as_it_is() -> None:
    page = html(markdown(progress("finished", config=Config(target="2**x*3 - 2*3**x")), list(FILES)), PNG)
    assert f"fitted to f(x) = {problem_of(Config(target='2**x*3 - 2*3**x')).label} and" in page.partition("<h1>")[2]


def test_a_function_without_a_formula_goes_by_its_name() -> None:
    config = Problem.of(np.sin, np.cos, (0, 2)).in_config(Config())
    text = markdown(progress("finished", config=config), list(FILES))
    assert text.startswith(f"# A network fitted to {problem_of(config).label} and its derivative\n")
    assert "Here f′" not in text
    assert "on 256 uniform points of [0, 2]" in text


def test_units_smoothing_noise_and_batches_are_told() -> None:
    assert "It is taken in the network's units, (x − 432.87) / 418.74 and (f − 14.2153) / 5.75645;" in of_points(
        copper()
    )
    below = of_points(replace(copper(), f=copper().f - 100))
    assert "(x − 432.87) / 418.74 and (f + 85.7847) / 5.75645;" in below
    assert "the network's units" not in of_points(copper(), scaling="off") + method()
    smooth = "has 1e-05 times the mean of f̂″² at the training points besides, which penalises curvature"
    assert smooth in of_points(copper(), smoothing=1e-5)
    assert "curvature" not in of_points(copper()) + method()
    assert "with 5 % of the largest of each as its standard deviation" in method(noise=0.05)
    assert "oise was added" not in method() + of_points(copper(), noise=0.05)
    batches = (
        "Every epoch is a pass over the training points in batches of 32, drawn anew, in float64: one step of Adam"
    )
    assert batches in of_points(copper(), batch_size=32)
    for text in (of_points(copper()), of_points(copper(), batch_size=500)):
        assert "Every step takes all points" in text


def test_nodes_are_described() -> None:
    assert "on 256 random points of [−1, 1]; 128" in method(nodes="random")
    assert "on 256 points, denser near the ends, of [−1, 1]; 128" in method(nodes="edges")
    chosen = progress("finished", config=Config(), train_x=np.zeros(300))
    assert "on 300 uniform points of" in markdown(chosen, list(FILES))


def test_it_says_which_weights_are_handed_in() -> None:
    best = "The weights handed in are those of the epoch with the lowest validation loss."
    assert best in of_points(copper())
    assert best in method(keep="best")
    assert best not in of_points(copper(), keep="last", best_epoch=None) + method()
