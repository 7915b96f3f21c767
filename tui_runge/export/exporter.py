"""What a run hands in: figures, numbers, tables, a report and the model, none of it ever torn or overwritten."""

import io
import itertools
import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tui_runge.core.atomic_files import atomic_write
from tui_runge.core.progress import Progress
from tui_runge.export.figures import FIGURES
from tui_runge.export.tables import losses
from tui_runge.export.tensorboard import EVENT_FILE, FOLDER, write
from tui_runge.runs.layout import HISTORY, METRICS
from tui_runge.runs.metrics import metrics

FILES = (*FIGURES, METRICS)
"""The report's six."""
FIT, MODEL, PREDICT, REPORT, PAGE = (
    "fit.csv",
    "model.pt2",
    "predict.py",
    "report.md",
    "report.html",
)
ALL_FILES = (*FILES, FIT, HISTORY, MODEL, PREDICT, REPORT, PAGE)
"""All files of a run that is kept."""


@dataclass(frozen=True)
class ExportRequest:
    """What is exported: a run, the file of its losses by epoch if it is kept, and whether for TensorBoard too."""

    progress: Progress
    history: Path | None = None
    tensorboard: bool = False


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


def export(handed: Progress | ExportRequest, folder: Path) -> None:
    """Write a run's files to a folder, which is made if need be; a file is there whole or not at all.

    `ALL_FILES` of them, but for the losses by epoch where not all are kept and the run is long, and the model where it
    is not known; one of a run before does not stay in their place. Raises OSError where they cannot be written.
    """
    handed = ExportRequest(handed) if isinstance(handed, Progress) else handed
    folder.mkdir(parents=True, exist_ok=True)
    contents = {name: make() for name, make in _makers(handed, folder).items()}
    contents = {name: content for name, content in contents.items() if content}
    for name, content in (contents | _reports(handed.progress, contents)).items():
        with atomic_write(folder / name) as file:
            file.write(content)
    for name in {HISTORY, MODEL, PREDICT} - contents.keys():
        (folder / name).unlink(missing_ok=True)
    if handed.tensorboard:
        write(handed.progress, contents.get(HISTORY, b""), folder / FOLDER)
    else:
        (folder / FOLDER / EVENT_FILE).unlink(missing_ok=True)


def _makers(handed: ExportRequest, folder: Path) -> dict[str, Callable[[], bytes]]:
    """What makes each file but the reports."""
    progress = handed.progress
    return {
        **{name: lambda name=name: _drawn(progress, name) for name in FIGURES},  # type: ignore[misc]
        METRICS: lambda: _json(metrics(progress, f"again-{folder.resolve().name}")),
        FIT: lambda: _fit(progress).encode(),
        HISTORY: lambda: losses(progress, handed.history),
        MODEL: lambda: _model(progress),
        PREDICT: lambda: Path(__file__).with_name("predict.txt").read_bytes() if progress.model else b"",
    }


def _drawn(progress: Progress, name: str) -> bytes:
    file = io.BytesIO()
    FIGURES[name](progress, file)
    return file.getvalue()


def _json(values: object) -> bytes:
    return (json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _fit(progress: Progress) -> str:
    """The target and the network on the evaluation grid, as a table that reads back exactly."""
    rows = zip(*(column.tolist() for column in vars(progress.fit).values()), strict=True)
    lines = (",".join(map(repr, each)) for each in rows)
    return "\n".join((",".join(vars(progress.fit)), *lines)) + "\n"


def _model(progress: Progress) -> bytes:
    if progress.model is None:
        return b""
    from tui_runge.export.exported_model import program

    return program(progress.model)


def _reports(progress: Progress, contents: dict[str, bytes]) -> dict[str, bytes]:
    from tui_runge.export.report import html, markdown

    text = markdown(progress, [*contents, REPORT, PAGE])
    return {REPORT: text.encode(), PAGE: html(text, {name: contents[name] for name in FIGURES}).encode()}


def export_in_background(handed: Progress | ExportRequest, folder: Path) -> "Future[None]":
    """`export` in a process of its own: drawing takes nothing from the training, and quitting does not cut it short.

    Returns at once; the future raises OSError with one line where the files could not be written. Await it with
    `asyncio.wrap_future`; to leave without waiting is safe.
    """
    future: Future[None] = Future()
    future.set_running_or_notify_cancel()  # nobody can cancel it any more, and `set_result` always may follow
    child = _start(handed, folder)

    def wait() -> None:
        _, stderr = child.communicate()
        if child.returncode == 0:
            future.set_result(None)
        else:
            lines = stderr.decode(errors="replace").strip().splitlines()
            reason = lines[-1] if lines else f"the process that draws ended with status {child.returncode}"
            future.set_exception(OSError(reason))

    threading.Thread(target=wait, name="export", daemon=True).start()
    return future


def _start(handed: Progress | ExportRequest, folder: Path) -> subprocess.Popen[bytes]:
    """The process that exports; it reads the progress from a file, which outlives this process as a pipe would not."""
    with tempfile.TemporaryFile() as file:
        pickle.dump(handed, file)
        file.seek(0)
        return subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-m",
                "tui_runge.export.worker",
                str(folder),
            ],  # -P: a user's numbers.py is not imported
            stdin=file,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )
