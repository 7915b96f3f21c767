"""The export for TensorBoard, read back with its own reader."""

import importlib.util
from pathlib import Path

import pytest

from tests.test_cli import SMALL, refusal
from tui_runge.cli import main
from tui_runge.history import SERIES


def test_the_losses_are_read_back_by_tensorboard(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    words = [*SMALL, "--tensorboard", "--runs-dir", str(tmp_path / "runs"), "--out", str(tmp_path / "out")]
    assert main(["train", *words]) == 0
    (file,) = (tmp_path / "out" / "tensorboard").iterdir()
    events = [event for event in EventFileLoader(str(file)).Load() if event.summary.value]
    assert [event.step for event in events] == list(range(1, 21))
    found = {value.tag: value.tensor.float_val[0] for value in events[-1].summary.value}
    assert set(found) == {name.replace("_", "/") for name in SERIES}
    last = (tmp_path / "out" / "history.csv").read_text().splitlines()[-1].split(",")[1:]
    assert list(found.values()) == pytest.approx([float(each) for each in last])


def test_without_tensorboard_the_option_names_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    line = "runge-tui train: tensorboard must be installed for --tensorboard: pip install 'runge-tui[tensorboard]'"
    assert refusal(capsys, "train", "--tensorboard") == line
