"""The report: true of every kind of run, and complete in itself."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from tests.support.canned import CHANGED, progress
from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.progress import Progress
from tui_runge.export.discussion import ENDINGS, discussion
from tui_runge.export.figures import FIGURES
from tui_runge.export.layout import FILES
from tui_runge.export.report import html, markdown

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


def said(run: Progress) -> str:
    return " ".join(discussion(run))


def test_it_says_which_error_dominates() -> None:
    assert "The derivative is the harder part: its mean squared error, 9.99e-06, is 432 times" in said(WHOLE)
    other = replace(WHOLE, errors=replace(WHOLE.errors, mse_f=1.0))
    assert "The function is the harder part here" in said(other)


@pytest.mark.parametrize(("at", "share"), [(-0.9, "100 %"), (0.1, "0 %")])
def test_it_says_where_the_error_lies(at: float, share: str) -> None:
    fit = WHOLE.fit
    spike = np.where(np.isclose(fit.x, at), 1e-3, 0.0)
    text = said(replace(WHOLE, fit=replace(fit, f_hat=fit.f + spike, df_hat=fit.df + spike)))
    assert f"is largest at x = {at:.3f}, and {share} of its square lies where |x| ≥ 0.5" in text


@pytest.mark.parametrize(("factor", "line"), [(1.1, "There is no over-fitting"), (5.0, "The network over-fits")])
def test_it_says_whether_the_network_over_fits(factor: float, line: str) -> None:
    last = WHOLE.curves.last.copy()
    last[3] = factor * last[0]
    assert line in said(replace(WHOLE, curves=replace(WHOLE.curves, last=last)))


def test_it_says_whether_more_epochs_would_help() -> None:
    assert "The loss was still falling at the end" in said(progress("finished", epoch=400))
    low = np.full_like(WHOLE.curves.low, 1e-5)
    assert "The loss had settled" in said(replace(WHOLE, curves=replace(WHOLE.curves, low=low)))
    low[:, -100:] *= 3
    assert "The loss was rising at the end" in said(replace(WHOLE, curves=replace(WHOLE.curves, low=low)))


def test_it_says_what_was_changed_and_what_came_of_it() -> None:
    text = said(progress("finished", changes=CHANGED))
    assert "After epoch 300 derivative weight was changed from 1 to 2; from there to the end MSE(f) went from " in text


def test_it_says_which_of_the_reports_errors_were_met() -> None:
    assert "MSE(f), MaxErr(f) are as small as the report's, or smaller; MSE(f′), MaxErr(f′) not." in said(WHOLE)
    assert "None of the four" in said(SETTING_TYPES["diverged"])


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_ending_is_told(ending: str) -> None:
    assert ENDINGS[ending] in said(replace(WHOLE, ended_by=ending))
