"""Changes of one hyperparameter after one epoch count as one, and those that nothing was trained with as none."""

import pytest

from tests.support.canned import progress
from tui_runge.core.config import Config
from tui_runge.core.progress import Change, felt_changes, merge_changes
from tui_runge.runs.comparison import values_over_time
from tui_runge.runs.metrics import metrics
from tui_runge.tui.charts.epoch_axis import marks

STEPS = (
    Change(300, "derivative_weight", 1.0, 2.0),
    Change(300, "learning_rate", 0.001, 0.1),
    Change(300, "derivative_weight", 2.0, 5.0),
    Change(300, "learning_rate", 0.1, 0.001),
    Change(740, "derivative_weight", 5.0, 9.0),
)
MERGED = (Change(300, "derivative_weight", 1.0, 5.0), Change(740, "derivative_weight", 5.0, 9.0))


def test_changes_after_one_epoch_are_one_or_none() -> None:
    assert merge_changes(STEPS) == MERGED
    assert merge_changes(MERGED) == MERGED


@pytest.mark.parametrize(("epoch", "felt"), [(740, MERGED[:1]), (741, MERGED), (300, ())])
def test_a_change_after_the_last_epoch_did_not_act(epoch: int, felt: tuple[Change, ...]) -> None:
    assert felt_changes(progress("finished", epoch, changes=STEPS)) == felt


def test_a_change_that_ended_the_run_acted() -> None:
    changes = (*STEPS, Change(740, "stop_error", 0.0, 1.0))
    ended = progress("finished", changes=changes, ended_by="stop_error")
    assert felt_changes(ended) == (MERGED[0], changes[-1])


def test_what_is_shown_and_written_of_changes_is_merged() -> None:
    shown = progress("finished", config=Config(derivative_weight=9.0), changes=STEPS)
    assert [change["after"] for change in metrics(shown, "again")["changes"]] == [5.0, 9.0]
    assert marks(shown, by_seconds=False) == ((300.0, "w_d 5"), (740.0, "w_d 9"))
    values = values_over_time(shown.config, shown.changes, end=740)
    assert (values["derivative_weight"], values["learning_rate"]) == ("1, 5 from 300", "0.001")
    assert values_over_time(shown.config, (STEPS[1], STEPS[3]))["learning_rate"] == "0.001"
