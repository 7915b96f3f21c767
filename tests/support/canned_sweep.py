"""Sweeps that were never trained: rows whose errors are made of formulas and a seeded spread."""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from tests.support.canned import keep, progress
from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.plan import PlannedRun, Setting, SweepPlan
from tui_runge.sweeps.results import SweepRow
from tui_runge.sweeps.table import by_setting, summarise
from tui_runge.sweeps.watch import SweepState

Vary = Mapping[str, Sequence[str]]
WEIGHTS: Vary = {"derivative_weight": ("0.1", "1", "10", "100")}
SIZES_TOO: Vary = {**WEIGHTS, "hidden": ("32,32", "64,64")}
NAME = "20261125-2010-amber"


def sweep_rows(vary: Vary = WEIGHTS, seeds: int = 5, spread: float = 0.5) -> list[SweepRow]:
    """A row for each setting and seed, all done; the errors are smallest near weight 3, larger for a small network."""
    generator, rows = random.Random(1), list[SweepRow]()
    for values in product(*vary.values()):
        setting = tuple(zip(vary, values, strict=True))
        for seed in range(1, 1 + seeds):
            run = PlannedRun(f"{NAME}-{len(rows) + 1:04}", setting, seed, f"runge-tui train --seed {seed}")
            errors = Errors(*(size * math.exp(generator.gauss(0, spread)) for size in _sizes(setting)))
            rows.append(SweepRow(run, "done", 1200, "epochs", errors, 1000.0 + len(rows), 1.2))
    return rows


def sweep_plan(rows: Sequence[SweepRow]) -> SweepPlan:
    """The plan of some rows."""
    varied = tuple(name for name, _ in rows[0].run.setting) if rows else ()
    return SweepPlan(NAME, varied, tuple(row.run for row in rows))


def unfinished_rows() -> list[SweepRow]:
    """Of two hyperparameters, the first half done but for a run that diverged and one that crashed."""
    rows = sweep_rows(SIZES_TOO, seeds=4)
    rows[1] = replace(rows[1], status="failed", epoch=12, ended_by="diverged")
    rows[5] = replace(rows[5], status="failed", epoch=0, ended_by="its worker crashed twice", errors=None)
    rows[18:20] = [replace(row, status="running", epoch=300, ended_by="", errors=None) for row in rows[18:20]]
    rows[20:] = [SweepRow(row.run, "waiting") for row in rows[20:]]
    return rows


def sweep_state(rows: Sequence[SweepRow]) -> SweepState:
    """A sweep that stands as the rows say."""
    counts = Counter(row.status for row in rows)
    return SweepState(sweep_plan(rows), by_setting(rows), tuple(summarise(rows)), counts)


def kept_sweep(folder: Path, weights: tuple[str, ...] = ("1", "10")) -> RunsDirectory:
    """A sweep of a run a weight, all of which have ended."""
    rows, directory = sweep_rows({"derivative_weight": weights}, seeds=1), RunsDirectory(folder)
    SweepsDirectory(directory).write(sweep_plan(rows))
    for row in rows:
        keep(
            folder,
            row.run.name,
            progress("finished", 20, Config(derivative_weight=float(dict(row.run.setting)["derivative_weight"]))),
        )
    return directory


def _sizes(setting: Setting) -> tuple[float, ...]:
    values = dict(setting)
    size = 1e-8 * (1 + 3 * (math.log10(float(values.get("derivative_weight", "3"))) - 0.5) ** 2)
    size *= 3 if values.get("hidden") == "32,32" else 1
    return size, 400 * size, 1e4 * size, 4e5 * size
