"""The gradients in an export: the table, the figure and what the discussion makes of them."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.canned import copper_progress, progress
from tui_runge.core.gradient_samples import GradientSamples
from tui_runge.core.progress import Progress
from tui_runge.export.discussion_of_gradients import gradients, weighted_median
from tui_runge.export.exporter import ExportRequest, export
from tui_runge.export.facts import Facts
from tui_runge.export.figures import FIGURES, draw_gradients
from tui_runge.export.layout import GRADIENTS, GRADIENTS_FIGURE, REPORT_MARKDOWN
from tui_runge.export.tables import gradients_table

DONE = progress("finished", epoch=1200)
NONE = replace(DONE, gradients=GradientSamples())


def sampled(cosines: list[float], ratio: float = 1.0) -> Progress:
    """A run of as many epochs, all of them sampled."""
    rows = [(epoch, 1.0, ratio, cosine) for epoch, cosine in enumerate(cosines, 1)]
    return replace(progress("finished", epoch=len(cosines)), gradients=GradientSamples.of(rows))


def test_the_table_reads_back_exactly() -> None:
    rows = list(csv.reader(io.StringIO(gradients_table(DONE).decode())))
    assert rows[0] == ["epoch", "function", "derivative", "cosine"]
    np.testing.assert_array_equal(np.array(rows[1:], dtype=np.float64), DONE.gradients.rows)
    assert gradients_table(copper_progress()).splitlines()[1] == b"1,1.001,0.0,"
    assert gradients_table(NONE) == b""


@pytest.mark.parametrize("value", [0.0, np.inf])
def test_a_figure_is_drawn_whatever_the_norms_are(value: float) -> None:
    for samples in ([(1, value, value, np.nan)], [(1, 1.0, value, np.nan), (2, 2.0, value, 0.5)]):
        file = io.BytesIO()
        draw_gradients(replace(DONE, gradients=GradientSamples.of(samples)), file)
        assert file.getvalue().startswith(b"\x89PNG")


def test_without_samples_nothing_is_exported_and_what_was_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in FIGURES.keys() - {GRADIENTS_FIGURE}:  # which take their time
        monkeypatch.delitem(FIGURES, name)
    export(ExportRequest(DONE), tmp_path)
    assert (tmp_path / GRADIENTS_FIGURE).read_bytes().startswith(b"\x89PNG")
    assert f"({GRADIENTS_FIGURE})" in (tmp_path / REPORT_MARKDOWN).read_text()
    export(ExportRequest(NONE), tmp_path)
    assert not (tmp_path / GRADIENTS).exists()
    assert not (tmp_path / GRADIENTS_FIGURE).exists()
    assert GRADIENTS_FIGURE not in (tmp_path / REPORT_MARKDOWN).read_text()


@pytest.mark.parametrize(
    ("cosines", "said"),
    [
        ([0.5, 0.5, 0.2, 0.1, 0.1], "never opposed each other"),
        ([-0.5] * 5, "opposed each other throughout"),
        ([-0.5, -0.5, -0.1, 0.3, 0.3], "opposed each other most of the time, over 60 % of the epochs"),
        ([-0.5, 0.1, 0.1, 0.3, np.nan, 0.3], "agreed most of the time, and opposed each other over 20 % of the epochs"),
    ],
)
def test_it_says_whether_the_gradients_oppose_each_other(cosines: list[float], said: str) -> None:
    assert said in gradients(Facts(sampled(cosines)))


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (1.3, "about as long: that of f′ was 1.3 times"),
        (40.0, "That of f′ was about 40 times as long as that of f,"),
        (0.025, "That of f was about 40 times as long as that of f′,"),
    ],
)
def test_it_says_which_is_the_longer(ratio: float, said: str) -> None:
    assert said in gradients(Facts(sampled([0.5] * 5, ratio)))


def test_a_sample_stands_for_the_epochs_until_the_next() -> None:
    rows = [(1, 1.0, 1.0, 0.9), (2, 1.0, 1.0, 0.9), (3, 1.0, 1.0, 0.9), (5, 1.0, 1.0, 0.9), (11, 1.0, 1.0, -0.4)]
    shown = replace(progress("finished", epoch=100), gradients=GradientSamples.of(rows))
    text = gradients(Facts(shown))
    assert "over 90 % of the epochs" in text
    assert "angle is −0.40" in text
    assert weighted_median(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0])) == 2.0


@pytest.mark.parametrize("shown", [NONE, copper_progress(), sampled([0.5] * 4)], ids=["none", "no slopes", "few"])
def test_nothing_is_said_of_gradients_that_tell_nothing(shown: Progress) -> None:
    assert gradients(Facts(shown)) == ""
