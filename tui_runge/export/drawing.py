"""The process that draws a run's figures and compares it: it loads what it needs while the run still trains."""

import contextlib
import dataclasses
import io
import os
import pickle
import select
import subprocess
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from tui_runge.analysis.outcomes import Comparison
from tui_runge.core.own_process import module_command, module_environment
from tui_runge.core.progress import Progress
from tui_runge.export.classical import comparison_of
from tui_runge.export.figures import FIGURES

Answer = TypeVar("Answer")
Result = tuple[dict[str, bytes], Comparison]
"""The figures by their names, empty where one is not drawn, and classical methods beside the run."""
IDLE = 120
"""Seconds that a process waits for a run: in a long training it must not hold its memory all the time."""
COMMAND = module_command("tui_runge.export.drawing")


class DrawingProcess:
    """Draws and compares a run in a process of its own, which is started at once and again where it has ended.

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
        """Begin to draw, and to compare the run with classical methods."""
        if self._process.poll() is not None:
            self._process.communicate()
            self._process = _start()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it ended just now: there is no result
            pickle.dump(dataclasses.replace(progress, model=None), self._process.stdin)
            self._process.stdin.flush()

    def result(self) -> Result | None:
        """What was begun; None where that process failed."""
        output, _ = self._process.communicate()
        result: Result | None = pickle.loads(output) if self._process.returncode == 0 and output else None
        return result


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=module_environment() | {"OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )


def draw(name: str, progress: Progress) -> bytes:
    """The PNG of a figure."""
    file = io.BytesIO()
    FIGURES[name](progress, file)
    return file.getvalue()


def _compute(progress: Progress) -> Result:
    """All figures, two at a time and beside the comparison where the system lets a process fork."""
    others = list(FIGURES)[::2]
    drawn = _begin(lambda: {name: draw(name, progress) for name in others})
    comparison = _begin(lambda: comparison_of(progress))
    mine = {name: draw(name, progress) for name in FIGURES if name not in others}
    figures = mine | drawn()
    return {name: figures[name] for name in FIGURES}, comparison()


def _begin(work: Callable[[], Answer]) -> Callable[[], Answer]:
    """Begin to work in a fork of this process, in which nothing runs but this thread; what waits for the answer.

    Where there is one processor or no fork, waiting is working. Raises EOFError where it failed there.
    """
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        return work
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            with open(write, "wb") as pipe:  # noqa: PTH123 - a descriptor
                pickle.dump(work(), pipe)
        finally:
            os._exit(0)
    os.close(write)

    def answer() -> Answer:
        with open(read, "rb") as pipe:  # noqa: PTH123 - a descriptor
            value: Answer = pickle.load(pipe)
        return value

    return answer


def main() -> None:
    """Read a pickled run from standard input, and pickle what comes of it to standard output; end where none comes."""
    # What takes longest, before it is asked for.

    import tui_runge.analysis.classical  # noqa: F401

    if select.select([sys.stdin], [], [], IDLE)[0]:
        with contextlib.suppress(EOFError):  # nobody wants anything, or a fork has failed
            pickle.dump(_compute(pickle.load(sys.stdin.buffer)), sys.stdout.buffer)


if __name__ == "__main__":
    main()
