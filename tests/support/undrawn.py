"""Exports without their figures, for tests that look at the other files."""

from typing import Self

import pytest

from tui_runge.analysis.outcomes import Comparison, EqualDegrees
from tui_runge.core.progress import Progress
from tui_runge.export.drawing import Result
from tui_runge.export.figures import FIGURES

UNDRAWN: Result = (dict.fromkeys(FIGURES, b"a figure"), Comparison((), EqualDegrees(0, 0), 0, 0, "not compared"))


class _NoDrawing:
    """Stands for the `DrawingProcess`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def begin(self, progress: Progress) -> None:
        pass

    def result(self) -> Result:
        return UNDRAWN


def draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let exports in this process draw nothing and compare with nothing, which takes seconds."""
    monkeypatch.setattr("tui_runge.cli.train.DrawingProcess", _NoDrawing)
    monkeypatch.setattr("tui_runge.export.exporter._computed_here", lambda _: UNDRAWN)
