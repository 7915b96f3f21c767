"""The commands on runs that were kept: `runs`, `compare` and `export`."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tui_runge.cli.parser import Parser, add_runs_dir, add_tensorboard, gathered, parsed_words, runs_directory_of
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.runs.comparison import Comparison
from tui_runge.runs.comparison import compare as compare_runs
from tui_runge.runs.numbers import format_duration, format_error
from tui_runge.runs.store import RunStore
from tui_runge.runs.summary import RunSummary

WIDTH = 200
"""Columns of a table where no terminal says how many."""
RUNS = "List the runs that were kept, the newest first.\n"
RUNS_EXAMPLES = """\
examples:
  runge-tui runs
  runge-tui runs --json | jq '.[0].errors'
"""
COMPARE = "Compare runs: the hyperparameters in which they differ, and their errors, the best of each marked by *.\n"
COMPARE_EXAMPLES = """\
examples:
  runge-tui compare amber birch                runs by their last words
  runge-tui compare 20261123-1712-amber birch --json
"""
EXPORT = (
    "Write what a run hands in, as the key e does: figures, tables, a report and the model. The latest by default.\n"
)
EXPORT_EXAMPLES = """\
examples:
  runge-tui export --out results
  runge-tui export amber --out results
"""


def runs(words: Sequence[str]) -> int:
    """List the runs."""
    parser = Parser("runge-tui runs", RUNS, RUNS_EXAMPLES)
    parser.add_argument(
        "--json", action="store_true", help="as JSON: all that the table shows, and the whole configuration"
    )
    add_runs_dir(parser)
    parsed = parsed_words(parser, words)
    known = _known(parser, parsed).list()
    if parsed.json:
        _print_json([_json(run) for run in known])
    else:
        _console().print(_list(known))
    return 0


def compare(words: Sequence[str]) -> int:
    """Compare two runs or more."""
    parser = Parser("runge-tui compare", COMPARE, COMPARE_EXAMPLES)
    parser.add_argument("run", metavar="RUN", nargs="+", help="name of a run, its beginning or its end")
    parser.add_argument("--json", action="store_true", help="as JSON")
    add_runs_dir(parser)
    parsed = parsed_words(parser, words)
    folder = _known(parser, parsed)
    if len(parsed.run) < 2:
        parser.error("two runs at least must be named: runge-tui runs lists them")
    chosen = [_chosen(parser, folder, text) for text in parsed.run]
    comparison = compare_runs(chosen)
    if parsed.json:
        _print_json({"runs": [_json(run) for run in chosen], "differences": comparison.differences})
        return 0
    console = _console()
    console.print(_differences(chosen, comparison) if comparison.differences else "the same hyperparameters")
    console.print(_errors(chosen, comparison))
    return 0


def export(words: Sequence[str]) -> int:
    """Write what a run hands in."""
    parser = Parser("runge-tui export", EXPORT, EXPORT_EXAMPLES)
    parser.add_argument("run", metavar="RUN", nargs="?", default="", help="name of a run, its beginning or its end")
    parser.add_argument("--out", metavar="DIR", required=True, help="folder for the files, made if need be")
    add_tensorboard(parser)
    add_runs_dir(parser)
    parsed = parsed_words(parser, words)
    options = gathered(parser, parsed)
    runs_directory = runs_directory_of(parser, parsed, options)
    try:
        name = runs_directory.runs.find(parsed.run)
        progress = runs_directory.runs.read(name).progress
    except ValueError as error:
        parser.error(str(error))
    from tui_runge.export.exporter import ExportRequest, export

    try:
        export(ExportRequest(progress, runs_directory.history(name), bool(options.tensorboard)), Path(parsed.out))
    except OSError as error:
        parser.exit(1, f"{parser.prog}: cannot write to {error.filename}: {error.strerror}\n")
    _console().print(f"run {name} at epoch {progress.epoch}, files in {parsed.out}", markup=False)
    return 0


def _known(parser: Parser, parsed: Any) -> RunStore:
    return runs_directory_of(parser, parsed, gathered(parser, parsed)).runs


def _chosen(parser: Parser, folder: RunStore, text: str) -> RunSummary:
    """The run that a word means; ends the program where it means none, or one that cannot be read."""
    try:
        run = folder.summary(folder.find(text))
    except ValueError as error:
        parser.error(str(error))
    if run.problem:
        parser.error(f"run {run.name}: {run.problem}")
    return run


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def _list(known: Sequence[RunSummary]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("run", "status", "target"):
        table.add_column(name, no_wrap=name == "run")
    for name in ("epochs", *ERROR_LABELS.values(), "time"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("differs from the defaults in")
    for run in known:
        errors = (format_error(getattr(run.errors, name), "-") for name in ERROR_LABELS)
        told = run.problem or "; ".join(filter(None, (run.differs, run.note)))
        row = (run.name, run.status, run.config.target, str(run.epoch), *errors, format_duration(run.seconds), told)
        table.add_row(*row if not run.problem else (run.name, run.status, *[""] * 7, told))
    return table


def _differences(chosen: Sequence[RunSummary], comparison: Comparison) -> Table:
    table = Table("hyperparameter", *(run.name for run in chosen), box=box.SIMPLE_HEAD)
    for name, values in comparison.differences.items():
        table.add_row(name.replace("_", " "), *values)
    return table


def _errors(chosen: Sequence[RunSummary], comparison: Comparison) -> Table:
    table = Table("error on the grid", box=box.SIMPLE_HEAD)
    for run in chosen:
        table.add_column(run.name, justify="right")
    for row in comparison.errors:
        cells = zip(row.values, row.best, strict=True)
        table.add_row(row.label, *("* " * best + format_error(value, "-") for value, best in cells))
    table.add_row("epochs", *map(str, comparison.epochs))
    table.add_row("seconds", *(f"{seconds:.2f}" for seconds in comparison.seconds))
    return table


def _json(run: RunSummary) -> dict[str, Any]:
    values = asdict(run) | {"created": run.created.isoformat(), "config": run.config.to_json(), "differs": run.differs}
    values["errors"] = {name: value if math.isfinite(value) else None for name, value in asdict(run.errors).items()}
    return values


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))  # noqa: T201
