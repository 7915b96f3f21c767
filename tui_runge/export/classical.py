"""Classical methods beside a run's network, computed by a process of their own: importing SciPy takes long."""

import dataclasses
import math
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tui_runge.analysis.classical_table import DEFAULT_DEGREE
from tui_runge.analysis.outcomes import Comparison, EqualDegrees
from tui_runge.core.progress import Progress
from tui_runge.export.child import last_line, start_child


@contextmanager
def comparison_begun(progress: Progress) -> Iterator[Callable[[], Comparison]]:
    """Begin to compare a run with classical methods; what is given waits for the end of that, and is called once.

    A comparison that fails says why, and raises nothing.
    """
    try:
        child = start_child("tui_runge.export.classical", dataclasses.replace(progress, model=None))
    except OSError as error:
        failed = _failed(str(error))
        yield lambda: failed
        return
    with child:
        try:
            yield lambda: _finished(child)
        finally:
            child.kill()


def _finished(child: subprocess.Popen[bytes]) -> Comparison:
    stdout, stderr = child.communicate()
    if child.returncode:
        return _failed(last_line(stderr) or f"the process ended with status {child.returncode}")
    comparison: Comparison = pickle.loads(stdout)
    return comparison


def _failed(reason: str) -> Comparison:
    return Comparison((), EqualDegrees(math.nan, math.nan), DEFAULT_DEGREE, 0, reason)


def comparison_of(progress: Progress) -> Comparison:
    """The comparison of a run, computed here; without its curves, which are functions and cannot be pickled."""
    from tui_runge.analysis.classical import compare

    comparison = compare(progress, DEFAULT_DEGREE)
    outcomes = tuple(dataclasses.replace(outcome, fitted=None) for outcome in comparison.outcomes)
    return dataclasses.replace(comparison, outcomes=outcomes)


def main() -> None:
    """Compare the pickled run on stdin, and pickle what comes of it to stdout."""
    pickle.dump(comparison_of(pickle.load(sys.stdin.buffer)), sys.stdout.buffer)


if __name__ == "__main__":
    main()
