"""A run's files: the report's five figures and its numbers, written so that none is ever torn or overwritten."""

import dataclasses
import itertools
import json
import math
import os
import pickle
import platform
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from tui_runge import __version__
from tui_runge.figures import FIGURES
from tui_runge.history import SERIES
from tui_runge.plan import command, origin
from tui_runge.progress import Progress

METRICS = "metrics.json"
FILES = (*FIGURES, METRICS)


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


def export(progress: Progress, folder: Path) -> None:
    """Write `FILES` to a folder, which is made if need be; a file is there whole or not at all.

    Raises OSError where they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in FIGURES.items():
        with _whole(folder / name) as file:
            draw(progress, file)
    with _whole(folder / METRICS) as file:
        text = json.dumps(metrics(progress, folder), indent=2, ensure_ascii=False, allow_nan=False)
        file.write(f"{text}\n".encode())


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only once it is written; nothing is left of it when that fails."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def metrics(progress: Progress, folder: Path) -> dict[str, Any]:
    """The numbers of a run as JSON has them, null for those that are not finite, and the command that repeats it.

    The command writes beside `folder`, so that a repeated run does not replace the first.
    """
    last = dict(zip(SERIES, progress.curves.last.tolist(), strict=True))
    parts = ("total", "function", "derivative")
    values: dict[str, Any] = {
        "config": progress.config.to_json(),
        "errors": {name: _finite(value) for name, value in dataclasses.asdict(progress.errors).items()},
        "losses": {data: {part: _finite(last[f"{data}_{part}"]) for part in parts} for data in ("train", "validation")},
        "epochs": progress.epoch,
        "seconds": progress.seconds,
        "status": progress.status,
        "ended_by": progress.ended_by,
        "versions": {"python": platform.python_version(), "torch": version("torch"), "tui_runge": __version__},
        "command": command(*origin(progress), out=f"again-{folder.resolve().name}"),
        "changes": [dataclasses.asdict(change) for change in progress.changes],
    }
    return values | ({"message": progress.message} if progress.message else {})


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def export_in_background(progress: Progress, folder: Path) -> "Future[None]":
    """`export` in a process of its own: drawing takes nothing from the training, and quitting does not cut it short.

    Returns at once; the future raises OSError with one line where the files could not be written. Await it with
    `asyncio.wrap_future`; to leave without waiting is safe.
    """
    future: Future[None] = Future()
    future.set_running_or_notify_cancel()  # nobody can cancel it any more, and `set_result` always may follow
    child = _start(progress, folder)

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


def _start(progress: Progress, folder: Path) -> subprocess.Popen[bytes]:
    """The process that exports; it reads the progress from a file, which outlives this process as a pipe would not."""
    with tempfile.TemporaryFile() as file:
        pickle.dump(progress, file)
        file.seek(0)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "tui_runge.export", str(folder)],  # -P: a user's numbers.py is not imported
            stdin=file,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )


def main() -> None:
    """Export the pickled progress on stdin to the folder named; exit with one line where that fails."""
    try:
        export(pickle.load(sys.stdin.buffer), Path(sys.argv[1]))
    except OSError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
