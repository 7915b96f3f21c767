"""A run's files: the report's five figures and its numbers, written so that none is ever torn or overwritten."""

import itertools
import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path

from tui_runge.figures import FIGURES
from tui_runge.files import whole
from tui_runge.metrics import METRICS, metrics
from tui_runge.progress import Progress

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
        with whole(folder / name) as file:
            draw(progress, file)
    with whole(folder / METRICS) as file:
        numbers = metrics(progress, f"again-{folder.resolve().name}")
        text = json.dumps(numbers, indent=2, ensure_ascii=False, allow_nan=False)
        file.write(f"{text}\n".encode())


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
