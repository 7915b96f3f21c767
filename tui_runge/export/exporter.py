"""Exports a run: figures, numbers, tables, a report and the model, each file whole or not there at all."""

import itertools
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tui_runge.analysis.outcomes import Comparison
from tui_runge.core.progress import Progress
from tui_runge.core.text import utf8
from tui_runge.export.child import last_line, start_child
from tui_runge.export.classical import comparison_begun
from tui_runge.export.drawing import DrawingProcess, Result, draw
from tui_runge.export.figures import FIGURES
from tui_runge.export.formats import FORMATS, check_place, format_files, has_weights, is_ours, write_files
from tui_runge.export.formats.latex import from_markdown
from tui_runge.export.formats.pdf import pdf
from tui_runge.export.layout import (
    CLASSICAL,
    CURVE,
    FILES_OF_FORMATS,
    FIT,
    GRADIENTS,
    GRADIENTS_FIGURE,
    PREDICT,
    REPORT_HTML,
    REPORT_LATEX,
    REPORT_MARKDOWN,
    REPORT_PDF,
    TENSORBOARD,
)
from tui_runge.export.tables import classical_table, curve_table, fit_table, gradients_table, losses_table
from tui_runge.export.tensorboard import EVENT_FILE, write_events
from tui_runge.runs.layout import HISTORY, METRICS
from tui_runge.runs.metrics import metrics

ARCHIVE = "--archive"
"""Asks the worker for an archive in place of a folder; its name follows."""


@dataclass(frozen=True)
class ExportRequest:
    """What is exported: a run, the file of its losses by epoch if it is kept, and whether for TensorBoard too.

    `formats` are those of `FILES_OF_FORMATS` that it is handed on in besides NumPy's.
    """

    progress: Progress
    history: Path | None = None
    tensorboard: bool = False
    formats: tuple[str, ...] = ()


def new_folder(parent: Path, now: datetime) -> Path:
    """Make a folder of the run's own, such as 20261124-013000, or with -2 where that exists; `parent` is made too.

    Raises OSError where it cannot be made.
    """
    parent.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        folder = parent / (f"{now:%Y%m%d-%H%M%S}" + (f"-{number}" if number > 1 else ""))
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise AssertionError("count is endless")


def export(request: ExportRequest, folder: Path, drawing: DrawingProcess | None = None) -> None:
    """Write the files of `layout` to a folder, which is made if need be; each is there whole or not at all.

    The losses by epoch are left out where not all of a long run are kept, the model where it is not known, the curve
    where a function was fitted, the gradients where none were sampled; such a file of an earlier run is removed. Raises
    OSError where they cannot be written or would replace what an export did not write, ValueError where the run cannot
    be handed on in a format. The figures are drawn by `drawing` where there is one.
    """
    progress = request.progress
    folder.mkdir(parents=True, exist_ok=True)
    check_place(folder, request.formats)
    if drawing is not None:
        drawing.begin(progress)
    handed_on = _handed_on(request)  # before anything is drawn here, since it may be refused
    tables = {name: content for name, make in _makers(request, folder).items() if (content := make())}
    drawn, comparison = (drawing and drawing.result()) or _computed_here(progress)
    figures = {name: content for name, content in drawn.items() if content}
    if comparison.outcomes:
        tables[CLASSICAL] = classical_table(comparison)
    contents = figures | tables | handed_on
    contents |= _reports(request, contents, comparison)
    write_files(contents, folder)
    for name in {CLASSICAL, CURVE, GRADIENTS, GRADIENTS_FIGURE, HISTORY} - contents.keys():
        (folder / name).unlink(missing_ok=True)
    for name in {PREDICT, *(file for files in FILES_OF_FORMATS.values() for file in files)} - contents.keys():
        if is_ours(folder / name):
            (folder / name).unlink()
    if request.tensorboard:
        write_events(progress, contents.get(HISTORY, b""), folder / TENSORBOARD)
    else:
        (folder / TENSORBOARD / EVENT_FILE).unlink(missing_ok=True)


def _makers(request: ExportRequest, folder: Path) -> dict[str, Callable[[], bytes]]:
    """What makes each table, by the name of its file."""
    progress = request.progress
    return {
        METRICS: lambda: _json(metrics(progress, f"again-{folder.resolve().name}")),
        FIT: lambda: fit_table(progress),
        CURVE: lambda: curve_table(progress),
        HISTORY: lambda: losses_table(progress, request.history),
        GRADIENTS: lambda: gradients_table(progress),
    }


def _computed_here(progress: Progress) -> Result:
    with comparison_begun(progress) as comparison_finished:
        return {name: draw(name, progress) for name in FIGURES}, comparison_finished()


def _json(values: object) -> bytes:
    return utf8(json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _handed_on(request: ExportRequest) -> dict[str, bytes]:
    """The files of the formats: NumPy's where there are weights, and those asked for."""
    files = {}
    if has_weights(request.progress):
        files = format_files(request.progress, "numpy") | {
            PREDICT: Path(__file__).with_name("predict.txt").read_bytes()
        }
    for name in FORMATS:
        if name in request.formats:
            files |= format_files(request.progress, name)
    return files


def _reports(request: ExportRequest, contents: Mapping[str, bytes], comparison: Comparison) -> dict[str, bytes]:
    from tui_runge.export.report import html, markdown

    progress = request.progress
    figures = {name: contents[name] for name in FIGURES if name in contents}
    pages = (REPORT_PDF,) if "pdf" in request.formats else ()
    text = markdown(progress, [*contents, REPORT_MARKDOWN, REPORT_HTML, *pages], comparison)
    reports = {REPORT_MARKDOWN: utf8(text), REPORT_HTML: utf8(html(text, figures))}
    if REPORT_LATEX in contents:  # as it was made without the comparison
        reports[REPORT_LATEX] = from_markdown(progress, text)
    for name in pages:
        whole = markdown(progress, list(figures), comparison, lists_files=False)
        reports[name] = pdf(whole, figures, progress.run)
    return reports


def archive(request: ExportRequest, name: str) -> bytes:
    """The files of an export as a ZIP archive with one folder, of that name; raises OSError."""
    with tempfile.TemporaryDirectory() as parent:
        export(request, Path(parent, name))
        return Path(shutil.make_archive(os.path.join(parent, name), "zip", parent, name)).read_bytes()  # noqa: PTH118


def export_in_background(request: ExportRequest, folder: Path) -> "Future[bytes]":
    """`export` in a process of its own: drawing takes nothing from the training, and quitting does not cut it short.

    Returns at once; the future raises OSError with one line where the files could not be written. Await it with
    `asyncio.wrap_future`; to leave without waiting is safe.
    """
    return _in_background(request, str(folder))


def archive_in_background(request: ExportRequest, name: str) -> "Future[bytes]":
    """`archive` in a process of its own, which ends with this one; returns at once as `export_in_background` does."""
    return _in_background(request, ARCHIVE, name)


def _in_background(request: ExportRequest, *arguments: str) -> "Future[bytes]":
    """Start the worker; the future has what it writes to its standard output."""
    future: Future[bytes] = Future()
    future.set_running_or_notify_cancel()  # nobody can cancel it any more, and `set_result` always may follow
    child = start_child("tui_runge.export.worker", request, *arguments)

    def wait() -> None:
        stdout, stderr = child.communicate()
        if child.returncode == 0:
            future.set_result(stdout)
        else:
            reason = last_line(stderr) or f"the process that draws ended with status {child.returncode}"
            future.set_exception(OSError(reason))

    threading.Thread(target=wait, name="export", daemon=True).start()
    return future
