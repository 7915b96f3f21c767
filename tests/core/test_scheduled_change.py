"""Planned changes as text, and the command that repeats a run."""

import shlex
from dataclasses import replace

import pytest

from tests.support.typed import config_from_text
from tui_runge import Config, train
from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.progress import Change, Progress
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.runs.reproduce import reconstruct_config, train_command


def read(line: str) -> tuple[Config, list[ScheduledChange]]:
    """The configuration and plan that a command line spells, `--out` left out."""
    program, action, *words = shlex.split(line)
    assert (program, action, words.pop(0)) == ("runge-tui", "train", "--no-config")
    options = list(zip(words[::2], words[1::2], strict=True))
    names = {knob.flag: name for name, knob in HYPERPARAMETERS.items()}
    texts = {names[flag]: text for flag, text in options if flag in names}
    return config_from_text(texts), [ScheduledChange.parse(text) for flag, text in options if flag == "--at"]


@pytest.mark.parametrize("name", ["learning-rate", "learning_rate"])
def test_a_planned_change_is_read(name: str) -> None:
    assert ScheduledChange.parse(f"300:{name}=5e-4") == ScheduledChange(300, "learning_rate", 0.0005)


def test_a_planned_change_reads_back() -> None:
    change = ScheduledChange(300, "learning_rate", 0.1234567890123456)
    assert ScheduledChange.parse(change.show()) == change


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("learning_rate=1", "a change must be EPOCH:NAME=VALUE, such as 300:learning-rate=0.0005, got 'learning"),
        ("x:learning_rate=1", "a change must be EPOCH:NAME=VALUE"),
        ("-1:learning_rate=1", "a change must be EPOCH:NAME=VALUE"),
        ("3:learning_rate", "a change must be EPOCH:NAME=VALUE"),
        ("3:seed=1", "planned change must be of function_weight, .*, max_seconds, got seed: start"),
        ("3:momentum=1", "planned change must be of .*, got momentum"),
        ("3:learning_rate=-1", "learning_rate must be > 0, got -1"),
    ],
)
def test_a_bad_change_names_the_rule_the_value_and_the_way_out(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ScheduledChange.parse(text)


def test_the_defaults_need_no_option() -> None:
    assert train_command(Config(), (), "again") == "runge-tui train --no-config --out again"


def test_a_folder_with_spaces_is_quoted() -> None:
    assert shlex.split(train_command(Config(), (), "my run"))[-1] == "my run"


def test_the_command_repeats_a_steered_run_bit_for_bit(small: Config) -> None:
    config = small.with_values(learning_rate=0.012345678901234567, activation="sin", seed=7)
    first = train(config, [ScheduledChange(1, "learning_rate", 0.1), ScheduledChange(3, "learning_rate", 0.05)])
    line = train_command(*reconstruct_config(first), "again")
    assert "--at 1:learning_rate=0.1 --at 3:learning_rate=0.05" in line
    repeated = train(*read(line))
    assert (repeated.errors, repeated.config, repeated.changes) == (first.errors, first.config, first.changes)


@pytest.mark.parametrize("schedule", ["cosine", "onecycle"])
def test_the_command_repeats_a_run_whose_schedule_was_cut_short_or_prolonged(small: Config, schedule: str) -> None:
    config = small.with_values(schedule=schedule, epochs=9)
    for plan in (
        [ScheduledChange(4, "epochs", 4)],
        [ScheduledChange(9, "epochs", 12)],
        [ScheduledChange(3, "epochs", 20), ScheduledChange(7, "epochs", 7)],
    ):
        first = train(config, plan)
        repeated = train(*read(train_command(*reconstruct_config(first), "again")))
        assert (repeated.errors, repeated.epoch, repeated.changes) == (first.errors, first.epoch, first.changes)


def test_a_run_with_stages_that_was_stopped_is_repeated_up_to_there(report: Progress) -> None:
    config = Config(stages=2)
    stopped = steered(report, config=config, status="stopped", ended_by="stopped", epoch=700)
    assert stopped == (config, (ScheduledChange(700, "epochs", 700),))


def test_a_run_ended_by_the_clock_is_repeated_by_its_epochs(report: Progress) -> None:
    config = Config(max_seconds=3)
    assert steered(report, config=config, ended_by="max_seconds", epoch=700)[0] == Config(epochs=700)


def steered(progress: Progress, **values: object) -> tuple[Config, tuple[ScheduledChange, ...]]:
    return reconstruct_config(replace(progress, **values))  # type: ignore[arg-type]  # the fields' types are the test's to keep


def test_a_run_cut_short_has_the_epochs_it_trained(report: Progress) -> None:
    for status in ("running", "paused", "stopped"):
        assert steered(report, status=status, epoch=700)[0].epochs == 700


def test_a_run_that_diverged_is_given_the_epochs_to_diverge_again(report: Progress) -> None:
    assert steered(report, status="diverged", epoch=700)[0].epochs == 1200


def test_more_epochs_and_changes_before_the_first_epoch_belong_to_the_start(report: Progress) -> None:
    config = Config(epochs=5000, learning_rate=0.01)
    changes = (Change(0, "learning_rate", 0.001, 0.01), Change(1200, "epochs", 1200, 5000))
    assert steered(report, config=config, epoch=5000, changes=changes) == (config, ())


def test_the_last_of_several_changes_at_one_epoch_counts(report: Progress) -> None:
    changes = (Change(10, "learning_rate", 0.001, 0.002), Change(10, "learning_rate", 0.002, 0.005))
    config, plan = steered(report, config=Config(learning_rate=0.005), changes=changes)
    assert (config, plan) == (Config(), (ScheduledChange(10, "learning_rate", 0.005),))


def test_a_change_after_the_last_epoch_did_nothing(report: Progress) -> None:
    changes = (Change(1200, "learning_rate", 0.001, 0.5),)
    assert steered(report, config=Config(learning_rate=0.5), changes=changes) == (Config(), ())
