"""The report of a sweep, to hand in: its tables, its charts, and what the numbers say."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tui_runge.core.errors import ERROR_LABELS, UNKNOWN_ERRORS
from tui_runge.core.text import printable, shell_word, utf8
from tui_runge.export.formats import write_files
from tui_runge.export.formats.latex import escape
from tui_runge.export.wording import counted, literal
from tui_runge.runs.metrics import versions
from tui_runge.runs.numbers import exact_number
from tui_runge.runs.reproduce import train_command
from tui_runge.sweeps.chart import chart_title, error_chart
from tui_runge.sweeps.figure import draw_chart
from tui_runge.sweeps.findings import findings
from tui_runge.sweeps.plan import SweepPlan
from tui_runge.sweeps.results import SweepRow
from tui_runge.sweeps.table import SettingSummary, show_error, summarise
from tui_runge.sweeps.variation import Variation

REPORT, SETTINGS_CSV, SETTINGS_TEX, RUNS_CSV = "report.md", "settings.csv", "settings.tex", "runs.csv"
COUNTS = ("done", "running", "failed", "waiting")


def write_report(plan: SweepPlan, rows: Sequence[SweepRow], folder: Path) -> list[str]:
    """Write the report of a sweep to a folder, which is made if need be; the names of the files.

    A chart is drawn of each error that is known over each value that varies. Raises OSError where they cannot be
    written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    summaries = summarise(rows)
    figures = _figures(plan, summaries)
    files: dict[str, bytes] = {
        **{name: content for name, (_, content) in figures.items()},
        SETTINGS_CSV: utf8(settings_csv(plan, summaries)),
        SETTINGS_TEX: utf8(latex_table(plan, summaries)),
        RUNS_CSV: utf8(runs_csv(plan, rows)),
    }
    shown = {name: title for name, (title, _) in figures.items() if name.endswith(".png")}
    files[REPORT] = utf8(markdown(plan, rows, shown))
    write_files(files, folder)
    return list(files)


def _figures(plan: SweepPlan, summaries: Sequence[SettingSummary]) -> dict[str, tuple[str, bytes]]:
    """The title and the content of each picture by its name, such as mse_df_by_derivative_weight.png."""
    figures = {}
    for axis in plan.varied:
        for error in _known_errors(summaries):
            chart = error_chart(summaries, error, axis, plan.log)
            for file_format in ("png", "svg"):
                file = io.BytesIO()
                draw_chart(chart, file, file_format)
                figures[f"{error}_by_{axis}.{file_format}"] = chart_title(chart), file.getvalue()
    return figures


def markdown(plan: SweepPlan, rows: Sequence[SweepRow], figures: dict[str, str]) -> str:
    """The report in Markdown; the pictures, each with its title by its name, lie beside it."""
    return "\n\n".join(_blocks(plan, rows, figures)) + "\n"


def _blocks(plan: SweepPlan, rows: Sequence[SweepRow], figures: dict[str, str]) -> Iterator[str]:
    summaries = summarise(rows)
    seeds = len({row.run.seed for row in rows})
    varied = " and ".join(name.replace("_", " ") for name in plan.varied) or "the seed"
    yield f"# Sweep {plan.name}: {varied}"
    yield f"{counted(len(rows), 'run')}: {counted(len(summaries), 'setting')}, {counted(seeds, 'seed')} each."
    yield from ("## Results", markdown_table(plan, summaries))
    yield "Medians over the seeds that have ended, quartiles in brackets; epochs/s are of runs side by side."
    yield from (f"![{title}]({name})" for name, title in figures.items())
    yield from ("## What the numbers say", *findings(rows))
    yield "## To reproduce"
    yield f"```sh\n{sweep_command(plan)}\n```"
    yield f"`{RUNS_CSV}` has the command of every run alone."
    yield ", ".join(f"{name} {number}" for name, number in versions().items()) + "."


def sweep_command(plan: SweepPlan) -> str:
    """The shell line that makes a sweep of the same settings and seeds."""
    values = {name: list(dict.fromkeys(dict(run.setting)[name] for run in plan.runs)) for name in plan.varied}
    settings, seeds = {run.setting for run in plan.runs}, {run.seed for run in plan.runs}
    vary = [Variation(name, tuple(texts)).show() for name, texts in values.items()]
    if plan.search is not None:
        how = ["--search", str(plan.search.points), "--minimise", plan.search.minimise]
        vary = list(plan.search.vary)
    else:
        combinations = math.prod(len(texts) for texts in values.values())
        how = ["--zip"] if len(settings) < combinations else []
    out = " --out ."
    train = train_command(plan.base, plan.at, ".").removesuffix(out).removeprefix("runge-tui train")
    words = [word for text in vary for word in ("--vary", shell_word(text))]
    return " ".join(["runge-tui sweep", *words, *how, "--seeds", str(len(seeds))]) + train


def _known_errors(summaries: Sequence[SettingSummary]) -> list[str]:
    """The errors of which one setting at least has a number."""
    return [name for name in ERROR_LABELS if any(math.isfinite(getattr(each.median, name)) for each in summaries)]


def _headings(plan: SweepPlan, errors: Iterable[str]) -> list[str]:
    names = [name.replace("_", " ") for name in plan.varied]
    return [*names, *(ERROR_LABELS[name] for name in errors), "epochs/s", "done", "failed"]


def markdown_table(plan: SweepPlan, summaries: Sequence[SettingSummary]) -> str:
    """A row a setting; each error as its median and quartiles."""
    errors = _known_errors(summaries)
    rows = [_headings(plan, errors), ["---"] * len(_headings(plan, errors))]
    for each in summaries:
        numbers = [_with_quartiles(each, name) for name in errors]
        rows.append([*(literal(value) for _, value in each.setting), *numbers, *_counts(each)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _with_quartiles(summary: SettingSummary, name: str) -> str:
    median, low, high = (show_error(getattr(part, name)) for part in (summary.median, summary.low, summary.high))
    return f"{median} ({low} to {high})" if summary.done + summary.failed > 1 else median


def _counts(summary: SettingSummary) -> tuple[str, ...]:
    done = str(summary.done) if summary.done == summary.runs else f"{summary.done} of {summary.runs}"
    return summary.rate, done, str(summary.failed)


def latex_table(plan: SweepPlan, summaries: Sequence[SettingSummary]) -> str:
    r"""The same as a LaTeX table for `\input`, which needs the package booktabs."""
    errors = _known_errors(summaries)
    labels = [escape(name.replace("_", " ")) for name in plan.varied] + [LATEX_LABELS[name] for name in errors]
    columns = "l" * len(plan.varied) + "r" * (len(errors) + 3)
    lines = [
        "% needs \\usepackage{booktabs}; medians over the seeds, quartiles in brackets",
        f"\\begin{{tabular}}{{{columns}}}",
        "\\toprule",
        " & ".join([*labels, "epochs/s", "done", "failed"]) + " \\\\",
        "\\midrule",
    ]
    for each in summaries:
        numbers = [_latex_quartiles(each, name) for name in errors]
        counts = [count.replace("–", "--") for count in _counts(each)]
        values = [escape(printable(value)) for _, value in each.setting]
        lines.append(" & ".join([*values, *numbers, *counts]) + " \\\\")
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}"]) + "\n"


LATEX_LABELS = {"mse_f": "MSE($f$)", "mse_df": "MSE($f'$)", "max_f": "MaxErr($f$)", "max_df": "MaxErr($f'$)"}


def _latex_quartiles(summary: SettingSummary, name: str) -> str:
    median, low, high = (_latex_number(getattr(part, name)) for part in (summary.median, summary.low, summary.high))
    return f"${median}$ (${low}$ to ${high}$)" if summary.done + summary.failed > 1 else f"${median}$"


def _latex_number(value: float) -> str:
    if not math.isfinite(value):
        return "\\infty" if value == math.inf else "\\textrm{--}"
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa} \\times 10^{{{int(exponent)}}}"


def settings_csv(plan: SweepPlan, summaries: Sequence[SettingSummary]) -> str:
    """A row a setting: its values, the median and the quartiles of each error, and how many runs stand how."""
    parts = ("median", "low", "high")
    names = [f"{error}_{part}" for error in ERROR_LABELS for part in parts]
    rows = [
        [
            *(value for _, value in each.setting),
            *(exact_number(getattr(getattr(each, part), error)) for error in ERROR_LABELS for part in parts),
            exact_number(each.epochs_per_second),
            *(getattr(each, name) for name in COUNTS),
        ]
        for each in summaries
    ]
    return _csv([*plan.varied, *names, "epochs_per_second", *COUNTS], rows)


def runs_csv(plan: SweepPlan, rows: Sequence[SweepRow]) -> str:
    """A row a run: its values and seed, how it stands, its errors, and the command that trains it alone."""
    header = ["run", *plan.varied, "seed", "status", "epoch", "ended_by", *ERROR_LABELS, "epochs_per_second", "seconds"]
    cells = [
        [
            row.run.name,
            *(value for _, value in row.run.setting),
            row.run.seed,
            row.status,
            row.epoch,
            row.ended_by,
            *(exact_number(getattr(row.errors or UNKNOWN_ERRORS, name)) for name in ERROR_LABELS),
            exact_number(row.epochs_per_second),
            exact_number(row.seconds),
            row.run.command,
        ]
        for row in rows
    ]
    return _csv([*header, "command"], cells)


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return file.getvalue()
