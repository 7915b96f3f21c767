"""The report: true of every kind of run, and complete in itself."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.support.canned import CHANGED, progress
from tui_runge.core.config import OPTIMIZER_NAMES, SCHEDULE_NAMES, Config
from tui_runge.core.errors import Errors
from tui_runge.core.progress import Change, Progress
from tui_runge.export.figures import FIGURES
from tui_runge.export.layout import FILES
from tui_runge.export.report import SCHEDULES, STEPS, html, markdown

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
