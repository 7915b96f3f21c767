"""Classical methods beside a run's network, in its export: computed apart, and told only as they are."""

import csv
import io
import math
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.support import canned
from tests.support.measured_runs import atmosphere, copper, measured_run
from tui_runge import Config, train
from tui_runge.analysis.classical import METHODS, compare
from tui_runge.analysis.outcomes import Comparison, EqualDegrees
from tui_runge.core.errors import Errors
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Progress
from tui_runge.export.classical import comparison_begun
from tui_runge.export.discussion import SENTENCES
from tui_runge.export.facts import Facts
from tui_runge.export.layout import FILES
from tui_runge.export.report import html, markdown
from tui_runge.export.tables import classical_table

SMALL = Config(hidden=(6,), train_points=24, validation_points=17, evaluation_points=41, learning_rate=0.02, epochs=40)
WHOLE = canned.progress("finished", epoch=1200)
EXACT = replace(WHOLE, errors=Errors(1e-26, 1e-24, 1e-12, 1e-11))
DEGREE = 10


def trained(**values: Any) -> Callable[[], Progress]:
    return lambda: train(SMALL.with_values(**values))


def first(count: int) -> MeasuredPoints:
    return MeasuredPoints.of(copper().x[:count], copper().f[:count])


ODD_RUNS: dict[str, tuple[Callable[[], Progress], bool]] = {
    "the report's": (lambda: WHOLE, True),
    "trained": (trained(optimizer="lm"), True),
    "one epoch": (trained(epochs=1), False),
    "no epoch": (lambda: canned.progress("stopped", 0, ended_by="stopped"), False),
    "diverged": (trained(learning_rate=1e30), False),
    "exact": (lambda: EXACT, True),
    "exact but for rounding": (lambda: replace(WHOLE, errors=Errors(1e-34, 1e-33, 1e-17, 1e-16)), True),
    "a kink": (trained(target="abs(x)", optimizer="lm"), True),
    "a constant": (trained(target="2 + 0*x", optimizer="lm"), True),
    "one training point": (trained(train_points=1), True),
    "one evaluation point": (trained(evaluation_points=1), False),
    "errors where it was trained": (trained(evaluation_points=24), False),
    "noise": (trained(noise=0.1, optimizer="lm"), True),
    "f′ not fitted": (trained(derivative_weight=0.0), True),
    "chosen points": (trained(nodes="adaptive"), True),
    "measured": (lambda: measured_run(copper()), True),
    "measured with slopes": (lambda: measured_run(atmosphere()), True),
    "none held out": (lambda: measured_run(copper(), validation_fraction=0.0, best_epoch=None, keep="last"), False),
    "few points": (lambda: measured_run(first(9)), False),
}

NOTHING_SHOWN = ("errors where it was trained", "one evaluation point", "none held out")
"""Those whose errors are all on training points."""


@cache
def compared(name: str) -> tuple[Progress, Comparison]:
    run = ODD_RUNS[name][0]()
    return run, compare(run, DEGREE)


def said(name: str) -> dict[str, str]:
    facts = Facts(*compared(name))
    return {sentence.__name__.removeprefix("_"): sentence(facts) for sentence in SENTENCES}


@pytest.mark.parametrize("name", ODD_RUNS)
def test_what_is_said_of_classical_methods_is_true(name: str) -> None:
    run, comparison = compared(name)
    text = said(name)["classical"]
    assert bool(text) == ODD_RUNS[name][1]
    assert "nan" not in text
    assert "inf" not in text
    for symbol, column in (("f", "mse_f"), ("f′", "mse_df")):
        own, known = getattr(run.errors, column), [getattr(each.errors, column) for each in comparison.outcomes[:-1]]
        best = min((mse for mse in known if math.isfinite(mse)), default=math.nan)
        clause = next((each for each in text.split("; ") if re.search(rf"in {symbol}(,| )", each)), "")
        if not clause:
            continue
        assert f"{own:.2e}" in clause
        assert f"{best:.2e}" in clause
        if "the network wins" in clause:
            assert own < best / 2
        elif "wins" in clause:
            assert best < own / 2
        elif "rounding" in clause:
            assert max(own, best) < 1e-25
        else:
            assert best / 2 <= own <= 2 * best
        if ratio := re.search(r"about ([\d,.]+) times", clause):
            assert float(ratio[1].replace(",", "")) == pytest.approx(max(own / best, best / own), rel=0.06)


@pytest.mark.parametrize("name", ODD_RUNS)
def test_the_place_of_the_error_is_that_of_the_largest(name: str) -> None:
    run = compared(name)[0]
    text = said(name)["where"]
    errors = np.abs(run.fit.f_hat - run.fit.f), np.abs(run.fit.df_hat - run.fit.df)
    for symbol, error in zip(("f", "f′"), errors, strict=True):
        if not (place := re.search(rf"error of {symbol} is largest at x = ([-\d.e]+)[^:]*: ([\d.e+-]+)", text)):
            continue
        assert float(place[1]) == pytest.approx(run.fit.x[error.argmax()], rel=1e-3, abs=1e-12)
        assert float(place[2].rstrip(".;")) == pytest.approx(error.max(), rel=0.01)


@pytest.mark.parametrize("name", ODD_RUNS)
def test_the_table_is_whole_in_every_report(name: str) -> None:
    run, comparison = compared(name)
    text = markdown(run, list(FILES), comparison)
    rows = text.partition("## Classical methods")[2].partition("## Discussion")[0].split("\n| ")[1:]
    assert [row.partition(" |")[0] for row in rows[2:]] == [*(method.name for method in METHODS), "network"]
    assert len({row.count("|") for row in rows}) == 1
    assert "nan" not in text.replace("loss became nan", "")
    assert "<td>network</td>" in html(text, {})
    assert ("exact by construction" in text) == (name in NOTHING_SHOWN)


def test_an_exact_network_is_worth_more_than_a_series_can_show() -> None:
    exact, rounding = (said(name)["worth"] for name in ("exact", "exact but for rounding"))
    assert re.fullmatch(r"The network is as accurate in f as a Chebyshev series of degree 1\d\d, in f′ .*\.", exact)
    assert "more accurate in f than any Chebyshev series to degree 1000 in float64" in rounding
    assert not any(said(name)["worth"] for name in ("measured", "diverged", "no epoch", "one epoch"))


@pytest.mark.parametrize(
    ("degrees", "text"),
    [
        ((40, 48), "as accurate in f as a Chebyshev series of degree 40, in f′ as one of degree 48"),
        ((0, 0), "no more accurate in f than a constant, in f′ too"),
        ((0, 3), "no more accurate in f than a constant, in f′ as accurate as a Chebyshev series of degree 3"),
        ((math.inf, math.inf), "more accurate in f than any Chebyshev series to degree 1000 in float64, in f′ too"),
        ((math.nan, 3), ""),
    ],
)
def test_what_a_network_is_worth_in_words(degrees: tuple[float, float], text: str) -> None:
    assert str(EqualDegrees(*degrees)) == text


@pytest.mark.parametrize(
    ("at", "near"),
    [(-0.98, ", near the left end"), (0.98, ", near the right end"), (0.02, ", near the peak of |f|"), (0.5, "")],
)
def test_it_says_what_the_largest_error_is_near(at: float, near: str) -> None:
    fit = WHOLE.fit
    spike = np.where(np.isclose(fit.x, at), 1e-3, 0.0)
    facts = Facts(replace(WHOLE, fit=replace(fit, f_hat=fit.f + spike, df_hat=fit.df + spike)))
    text = next(text for sentence in SENTENCES if "is largest" in (text := sentence(facts)))
    share = "100 %" if "end" in near else "0 %"
    outer = f"{share} of its square lies in the outer tenth of the interval, |x| ≥ 0.9."
    assert f"The error of f is largest at x = {at:.4g}{near}: 1.00e-03; {outer}" in text


def test_a_process_of_its_own_compares_the_same() -> None:
    with comparison_begun(WHOLE) as finished:
        comparison = finished()
    expected = compare(WHOLE, comparison.degree)
    assert [(each.name, each.errors, each.note) for each in comparison.outcomes] == [
        (each.name, each.errors, each.note) for each in expected.outcomes
    ]
    assert (comparison.worth, comparison.points) == (expected.worth, 256)
    table = list(csv.DictReader(io.StringIO(classical_table(comparison).decode())))
    assert [row["method"] for row in table] == [each.name for each in expected.outcomes]
    assert float(table[-1]["mse_f"]) == WHOLE.errors.mse_f


def test_where_the_process_fails_the_report_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with comparison_begun(WHOLE) as finished:
        comparison = finished()
    assert not comparison.outcomes
    text = markdown(WHOLE, list(FILES), comparison)
    assert "could not be computed: [Errno 2] No such file or directory: '/nowhere/python'" in text
    assert "Beside classical methods" not in text


def test_a_comparison_that_nobody_waits_for_is_ended() -> None:
    with pytest.raises(RuntimeError, match="no space"), comparison_begun(WHOLE):
        raise RuntimeError("no space")
