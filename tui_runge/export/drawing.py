"""The process that draws a run's figures: it loads what draws while the run still trains."""

import contextlib
import io
import os
import pickle
import select
import subprocess
import sys
from types import TracebackType
from typing import Self

from tui_runge.core.progress import Progress
from tui_runge.export.figures import FIGURES

IDLE = 120
"""Seconds that a process waits for a run: in a long training it must not hold its memory all the time."""
COMMAND = [sys.executable, "-P", "-m", "tui_runge.export.drawing"]  # -P: a user's numbers.py is not imported


class DrawingProcess:
    """Draws the figures of a run in a process of its own, which is started at once and again where it has ended.

    Used as a context, it is ended in any case. Ctrl-C does not reach it.
    """

    def __init__(self) -> None:
        self._process = _start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def begin(self, progress: Progress) -> None:
        """Begin to draw."""
        if self._process.poll() is not None:
            self._process.communicate()
            self._process = _start()
        assert self._process.stdin is not None
        try:
            pickle.dump(progress, self._process.stdin)
            self._process.stdin.flush()
        except OSError:  # it ended just now: `figures` draws
            return

    def figures(self, progress: Progress) -> dict[str, bytes]:
        """The figures that were begun, by their names; drawn here where that process could not."""
        output, _ = self._process.communicate()
        if self._process.returncode == 0 and output:
            drawn: dict[str, bytes] = pickle.loads(output)
            return drawn
        return {name: draw(name, progress) for name in FIGURES}


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )


def draw(name: str, progress: Progress) -> bytes:
    """The PNG of a figure."""
    file = io.BytesIO()
    FIGURES[name](progress, file)
    return file.getvalue()


def draw_all(progress: Progress) -> dict[str, bytes]:
    """All figures by their names, two at a time where the system lets a process fork."""
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        return {name: draw(name, progress) for name in FIGURES}
    others = list(FIGURES)[::2]
    read, write = os.pipe()
    if os.fork() == 0:  # matplotlib is loaded once for both, and nothing runs beside this thread
        try:
            with open(write, "wb") as pipe:  # noqa: PTH123 - a descriptor
                pickle.dump({name: draw(name, progress) for name in others}, pipe)
        finally:
            os._exit(0)
    os.close(write)
    mine = {name: draw(name, progress) for name in FIGURES if name not in others}
    with open(read, "rb") as pipe:  # noqa: PTH123 - a descriptor
        drawn = mine | pickle.load(pipe)
    os.wait()
    return {name: drawn[name] for name in FIGURES}


def main() -> None:
    """Draw the pickled run on standard input to standard output; end where none comes."""
    import matplotlib.backends.backend_agg
    import matplotlib.figure  # noqa: F401 - what takes longest, before it is asked for

    if select.select([sys.stdin], [], [], IDLE)[0]:
        with contextlib.suppress(EOFError):  # nobody wants figures, or the other process has failed
            pickle.dump(draw_all(pickle.load(sys.stdin.buffer)), sys.stdout.buffer)


if __name__ == "__main__":
    main()
