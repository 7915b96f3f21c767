"""The report of a sweep: what its sentences say is so, and its tables read back."""

import csv
import math
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.canned_sweep import NAME, SIZES_TOO, WEIGHTS, sweep_plan, sweep_rows, unfinished_rows
from tui_runge.analysis.seed_test import MANN_WHITNEY, SIGNIFICANT, WILCOXON
from tui_runge.core.config import Config
from tui_runge.core.errors import ERROR_LABELS, Errors
from tui_runge.sweeps.findings import findings, rank
from tui_runge.sweeps.plan import make_plan
from tui_runge.sweeps.report import latex_table, sweep_command, write_report
from tui_runge.sweeps.results import SweepRow
from tui_runge.sweeps.table import summarise
from tui_runge.sweeps.variation import Variation


def said(rows: list[SweepRow]) -> str:
    return "\n".join(findings(rows))


def with_errors(rows: list[SweepRow], values: list[float]) -> list[SweepRow]:
    return [
        replace(row, errors=Errors(value, math.nan, value, math.nan)) for row, value in zip(rows, values, strict=True)
    ]


@settings(max_examples=5)
@given(st.lists(st.floats(1e-9, 1e3), min_size=20, max_size=20))
def test_the_best_has_the_smallest_median_and_every_other_is_tested(values: list[float]) -> None:
    rows = with_errors(sweep_rows(), values)
    ranking = rank(rows, "mse_f")
    assert ranking is not None
    medians = [float(np.median(values[start : start + 5])) for start in range(0, 20, 5)]
    assert ranking.best.median.mse_f == pytest.approx(min(medians))
    assert [rival.median for rival in ranking.rivals] == pytest.approx(sorted(medians)[1:])
    assert all(rival.test.p <= rival.p <= 1 for rival in ranking.rivals)
    assert rank(rows, "mse_df") is None


def test_a_difference_larger_than_the_spread_is_told_from_one_within_it() -> None:
    text = said(sweep_rows(seeds=12))
    assert re.search(r"\*\*MSE\(f\)\*\* is smallest with derivative weight (1|10): median", text)
    assert re.search(
        r"The next is derivative weight (1|10) .* which the spread over seeds may explain \(Wilcoxon", text
    )
    assert re.search(
        r"The last is derivative weight .* more than the spread over seeds explains \(Wilcoxon signed-rank", text
    )
    assert "corrected after Holm for all 6 pairs of settings" in text


def test_few_seeds_are_said_to_tell_nothing() -> None:
    text = said(sweep_rows(seeds=3, spread=0.01))
    assert "So few seeds cannot tell that from chance" in text
    assert "p that they can give is 1, and it takes at least 8 seeds a setting." in text  # 6 * 2 / 2**8 < 0.05
    assert "spread over seeds" not in text


def test_one_seed_is_one_draw() -> None:
    assert "with one seed, which is one draw" in said(sweep_rows(seeds=1))


def test_seeds_pair_only_where_they_give_the_same_initial_weights() -> None:
    rows = sweep_rows(SIZES_TOO, seeds=6)
    ranking = rank(rows, "mse_f")
    assert ranking is not None
    best = dict(ranking.best.setting)["hidden"]
    for rival in ranking.rivals:
        assert rival.test.test == (WILCOXON if f"hidden {best}" in rival.label else MANN_WHITNEY)


def test_failed_and_unfinished_runs_are_told_of() -> None:
    rows = unfinished_rows()
    text = said(rows)
    assert "14 of the 32 runs have not ended yet" in text
    assert f"- `{rows[1].run.name}` (derivative weight 0.1, hidden 32,32, seed 2): diverged" in text
    assert f"- `{rows[5].run.name}` (derivative weight 0.1, hidden 64,64, seed 2): its worker crashed twice" in text
    assert "counts as an infinite error" in text


def test_before_a_run_has_ended_nothing_is_claimed() -> None:
    waiting = [SweepRow(row.run, "waiting") for row in sweep_rows()]
    assert said(waiting).startswith("No run has ended with a finite error yet.")


def test_settings_that_never_differ_are_seldom_told_apart() -> None:
    generator, misled = np.random.default_rng(2), 0
    rows = sweep_rows(seeds=8)
    for _ in range(20):
        ranking = rank(with_errors(rows, generator.lognormal(0, 1, len(rows)).tolist()), "mse_f")
        assert ranking is not None
        misled += any(rival.differs for rival in ranking.rivals)
    assert misled <= 20 * (SIGNIFICANT + 0.1)  # two standard deviations


@pytest.mark.slow
def test_the_files_read_back(tmp_path: Path) -> None:
    rows = [row for row in unfinished_rows() if dict(row.run.setting)["hidden"] == "32,32" and row.status != "running"]
    values = [1e-9 * (1 + n) for n in range(len(rows))]
    rows = [
        row if row.status == "waiting" else known for row, known in zip(rows, with_errors(rows, values), strict=True)
    ]
    names = write_report(sweep_plan(rows), rows, tmp_path / "new")
    folder = tmp_path / "new"
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    assert (folder / "mse_f_by_derivative_weight.png").read_bytes()[1:4] == b"PNG"
    assert b"<svg" in (folder / "max_f_by_hidden.svg").read_bytes()
    with (folder / "settings.csv").open() as file:
        first, *_ = csv.DictReader(file)
    summary = summarise(rows)[0]
    assert first["hidden"] == "32,32"
    assert float(first["mse_f_low"]) == summary.low.mse_f
    assert first["mse_df_low"] == ""
    assert float(first["max_f_high"]) == math.inf
    with (folder / "runs.csv").open() as file:
        runs = list(csv.DictReader(file))
    assert [run["run"] for run in runs] == [row.run.name for row in rows]
    assert runs[1]["ended_by"] == "diverged"
    report = (folder / "report.md").read_text()
    assert all(f"]({name})" in report for name in names if name.endswith(".png"))
    assert "| derivative weight | hidden | MSE(f) |" in report


@pytest.mark.parametrize(
    ("options", "zipped"),
    [
        ("--vary epochs=600,1200 --vary hidden=32:64,64", False),
        ("--vary epochs=600,1200 --vary hidden=32:64 --zip", True),
    ],
)
def test_the_command_makes_the_same_sweep(options: str, zipped: bool) -> None:
    words = options.split()
    variations = [Variation.parse(text) for flag, text in pairwise(words) if flag == "--vary"]
    plan = make_plan(NAME, Config(activation="sin"), variations, seeds=3, zipped=zipped)
    assert sweep_command(plan) == f"runge-tui sweep {options} --seeds 3 --no-config --activation sin"


def test_a_table_in_latex_prints_values_as_they_are() -> None:
    rows = sweep_rows({"target": ("exp(-x^2)_{1}%", "runge")}, seeds=2)
    table = latex_table(sweep_plan(rows), summarise(rows))
    assert r"exp(-x\textasciicircum{}2)\_\{1\}\%" in table
    assert all(rule in table for rule in (r"\toprule", r"\midrule", r"\bottomrule"))
    for line in table.splitlines():
        assert not line.endswith(r"\\") or line.count(" & ") == 1 + len(ERROR_LABELS) + 2


def test_unknown_errors_are_left_out() -> None:
    rows = with_errors(sweep_rows(WEIGHTS, seeds=1), [1.0, 2.0, 3.0, 4.0])
    table = latex_table(sweep_plan(rows), summarise(rows))
    assert "MSE($f$)" in table
    assert "MSE($f'$)" not in table
