"""A sweep from a Python program."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tui_runge import Config, Problem, sweep
from tui_runge.core.errors import Errors
from tui_runge.sweeps.plan import PlannedRun
from tui_runge.sweeps.python import SweepResult
from tui_runge.sweeps.results import SweepRow

SETTING = (("derivative_weight", "10"), ("hidden", "8"), ("epochs", "20"))


def test_a_table_has_plain_values() -> None:
    run = PlannedRun("20261125-2010-amber-0001", SETTING, 7, "runge-tui train")
    rows = (SweepRow(run, "done", 20, "epochs", Errors(1.0, 2.0, 3.0, 4.0), 40.0, 0.5), SweepRow(run, "waiting"))
    done, waiting = SweepResult("20261125-2010-amber", rows).table
    assert done == {
        "run": run.name,
        "derivative_weight": 10.0,
        "hidden": "8",
        "epochs": 20,
        "seed": 7,
        "status": "done",
        "ended_by": "epochs",
        "epoch": 20,
        "seconds": 0.5,
        "mse_f": 1.0,
        "mse_df": 2.0,
        "max_f": 3.0,
        "max_df": 4.0,
    }
    assert list(waiting) == list(done)
    assert (waiting["status"], waiting["mse_f"]) == ("waiting", None)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"vary": {"hiden": [(4,)]}}, "^--vary: unknown hyperparameter 'hiden': did you mean hidden"),
        ({"vary": {"hidden": [(4,), 5]}}, "^hidden must be 1 to 8 whole numbers"),
        ({"vary": {"epochs": 5}}, "^epochs: the values must be a list of them, or a text such as"),
        ({"vary": {"epochs": []}}, "^epochs: the values must be one at least, got none$"),
        ({"seeds": 0}, "^seeds must be from 1 to 100000, got 0$"),
        ({"problem": Problem.of(np.sin, np.cos), "seeds": 2}, "^a sweep cannot fit a Python function"),
        ({"vary": {"noise": "lin:0..1"}, "search": 3, "minimise": "mse"}, "^minimise must be one of mse_f"),
    ],
)
def test_what_cannot_be_swept_is_one_line(
    options: dict[str, Any], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path / "runs"))
    with pytest.raises(ValueError, match=line):
        sweep(Config(), **options)
    assert not (tmp_path / "runs").exists()


PROGRAM = """
import numpy as np
from tui_runge import Config, Problem, sweep

x = np.linspace(0, 1, 30)
made = sweep(Config(epochs=9, hidden=(4,)), {"smoothing": [0, 1e-9]}, 2, problem=Problem.points(x, x**2), jobs=1)
print(made.name, *(row.status for row in made.rows))
"""


@pytest.mark.slow
def test_a_script_needs_no_guard_and_gets_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNGE_TUI_RUNS", str(tmp_path / "runs"))
    script = tmp_path / "script.py"
    script.write_text(PROGRAM)
    told = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    name, *statuses = told.stdout.split()
    assert statuses == ["done"] * 4
    assert (tmp_path / "runs" / "sweeps" / name / "points.csv").exists()
    assert (tmp_path / "runs" / f"{name}-0004" / "points.csv").exists()
