"""The export for TensorBoard, read back with its own reader."""

import importlib.util
from pathlib import Path

import pytest

from tests.cli.test_cli import SMALL, refusal
from tests.support.canned import CHANGED, progress
from tests.support.measured_runs import copper, measured_run
from tui_runge.cli import main
from tui_runge.core.history import DATA, SERIES
from tui_runge.export.tables import losses_table
from tui_runge.export.tensorboard import EVENT_FILE, write_events


@pytest.mark.slow
def test_the_losses_are_read_back_by_tensorboard(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    words = [
        *SMALL,
        "--at",
        "10:learning-rate=0.5",
        "--tensorboard",
        "--runs-dir",
        str(tmp_path / "runs"),
        "--out",
        str(tmp_path / "out"),
    ]
    for _ in range(2):  # the second replaces the first
        assert main(["train", *words]) == 0
    (file,) = (tmp_path / "out" / "tensorboard").iterdir()
    events = [event for event in EventFileLoader(str(file)).Load() if event.summary.value]
    found = [(each.step, value.tag, value.tensor.float_val[0]) for each in events for value in each.summary.value]
    totals = [(step, tag) for step, tag, _ in found if tag == "train/total"]
    assert totals == [(epoch, "train/total") for epoch in range(1, 21)]
    last = {tag: value for step, tag, value in found if step == 20}
    assert set(last) == {name.replace("_", "/") for name in SERIES}
    row = (tmp_path / "out" / "history.csv").read_text().splitlines()[-1].split(",")[1:]
    assert list(last.values()) == pytest.approx([float(each) for each in row])
    assert [each for each in found if each[1] == "hyperparameters/learning_rate"] == [
        (10, "hyperparameters/learning_rate", pytest.approx(0.001)),
        (11, "hyperparameters/learning_rate", pytest.approx(0.5)),
    ]
    assert events[-1].wall_time > events[2].wall_time >= 0
    assert main(["train", *[word for word in words if word != "--tensorboard"]]) == 0
    assert not list((tmp_path / "out" / "tensorboard").iterdir())


def test_a_run_whose_losses_are_not_all_known_is_written_without_them(tmp_path: Path) -> None:
    write_events(progress(epoch=3, changes=CHANGED), b"", tmp_path / "board")
    assert [path.name for path in (tmp_path / "board").iterdir()] == [EVENT_FILE]


def test_losses_that_are_none_are_left_out(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    run = measured_run(copper(), epoch=3)
    write_events(run, losses_table(run, None), tmp_path)
    events = EventFileLoader(str(tmp_path / EVENT_FILE)).Load()
    tags = {value.tag for event in events for value in event.summary.value}
    assert tags == {f"{data}/{loss}" for data in DATA for loss in ("total", "function")}


def test_without_tensorboard_the_option_names_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    line = "runge-tui train: tensorboard must be installed for --tensorboard: pip install 'runge-tui[tensorboard]'"
    assert refusal(capsys, "train", "--tensorboard") == line
