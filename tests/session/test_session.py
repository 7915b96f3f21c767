"""The session: commands in, progress out, in a thread as the screen runs it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import numpy as np
import pytest
import torch

from tests.support.trained_runs import listing
from tests.support.trained_runs import train as trained
from tui_runge import Config, train
from tui_runge.core.commands import Command, Pause, RequestProgress, Step, Stop, Unpause, Update
from tui_runge.core.history import DATA, LOSSES
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import Branch, New
from tui_runge.core.run_state import NullRecorder
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.layout import EVENTS
from tui_runge.runs.metrics import metrics
from tui_runge.runs.recorder import FolderRecorder
from tui_runge.session.run import Speed
from tui_runge.session.session import SAVE_TIMEOUT, Session
from tui_runge.training.optimizers import gauss_newton
from tui_runge.training.trainer import Trainer

TIMEOUT = 30  # s; only a failing test waits for it
ENDLESS = 10**9


class Run:
    """A session in a thread, and what it published."""

    def __init__(self, config: Config, *first: Command, **options: Any) -> None:
        self._published: SimpleQueue[Progress] = SimpleQueue()
        self.session = Session(New(config), self._published.put, **options)
        for command in first:
            self.session.send(command)
        self.thread = Thread(target=self.session.run)

    def tell(self, command: Command) -> Progress:
        """Send a command; the next progress."""
        self.session.send(command)
        return self.next()

    def next(self, wanted: Callable[[Progress], bool] = lambda _: True) -> Progress:
        """The next progress that is wanted."""
        while not wanted(progress := self._published.get(timeout=TIMEOUT)):
            pass
        return progress

    @property
    def over(self) -> bool:
        """Whether nothing more was published."""
        return self._published.empty()

    def until(self, status: str) -> Progress:
        """The next progress of that status."""
        return self.next(lambda progress: progress.status == status)


@contextmanager
def running(config: Config, *first: Command, **options: Any) -> Iterator[Run]:
    """A session that has `first` in its queue before it starts, and is stopped at the end."""
    run = Run(config, *first, **options)
    run.thread.start()
    try:
        yield run
    finally:
        run.session.send(Stop())
        run.thread.join(TIMEOUT)
        assert not run.thread.is_alive()


def test_a_run_trains_to_its_end_and_says_so(small: Config) -> None:
    with running(small) as run:
        end = run.until("finished")
    assert (end.epoch, end.config) == (5, small)
    assert end.seconds > 0
    assert end.speed > 0
    assert len(end.fit.x) == len(end.fit.f_hat) == 9


def test_paused_training_stands_still_steps_once_and_resumes(small: Config) -> None:
    with running(small, Pause()) as run:
        assert run.until("paused").epoch == 0
        assert run.tell(RequestProgress()).epoch == 0
        stepped = run.tell(Step())
        assert (stepped.status, stepped.epoch) == ("paused", 1)
        assert run.tell(Pause()).status == "paused"
        run.tell(Unpause())
        assert run.until("finished").epoch == 5


def test_the_last_step_finishes(small: Config) -> None:
    with running(small.with_values(epochs=1), Pause()) as run:
        run.until("paused")
        assert run.tell(Step()).status == "finished"


def test_a_step_is_for_paused_training_only(small: Config) -> None:
    with running(small) as run:
        run.until("finished")
        assert run.tell(Step()).epoch == 5
        assert run.tell(Unpause()).status == "finished"


def test_a_restart_trains_the_new_configuration_from_the_start(small: Config) -> None:
    with running(
        small.with_values(epochs=ENDLESS), Update(small.with_values(learning_rate=0.5, epochs=ENDLESS))
    ) as run:
        assert run.next().changes
        run.session.send(New(small.with_values(hidden=(3,))))
        end = run.until("finished")
    assert (end.config.hidden, end.epoch, end.changes) == ((3,), 5, ())


def test_a_restart_with_the_same_seed_gives_the_same_run(small: Config) -> None:
    with running(small) as run:
        first = run.until("finished")
        run.session.send(New(small))
        run.until("running")
        assert run.until("finished").errors == first.errors


@pytest.mark.parametrize("values", [{"device": "cuda"}, {"optimizer": "lm"}], ids=["device", "memory"])
def test_a_restart_that_cannot_be_made_leaves_the_run_as_it_was(
    small: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(gauss_newton, "LARGEST_SYSTEM", 5)
    runs_directory, records, reasons = RunsDirectory(tmp_path), list[FolderRecorder](), SimpleQueue[str]()
    make_recorder = listing(runs_directory, records)
    with running(small, Pause(), make_recorder=make_recorder, refuse=lambda _, reason: reasons.put(reason)) as run:
        before = run.until("paused")
        after = run.tell(New(small.with_values(**values)))
        for name in ("config", "status", "epoch", "run", "errors", "changes", "ended_by"):
            assert getattr(after, name) == getattr(before, name)
        assert "must be" in reasons.get_nowait()
        assert reasons.empty()
        run.session.send(Unpause())
        end = run.until("finished")
        assert (end.run, end.epoch, end.errors) == (before.run, 5, train(small).errors)
    (record,) = records
    record.wait(60)
    assert runs_directory.runs.names() == [before.run]
    events = [json.loads(line)["event"] for line in (tmp_path / before.run / EVENTS).read_text().splitlines()]
    assert events == ["started", "paused", "resumed", "finished"]


def test_an_update_acts_on_the_running_training_and_is_noted(small: Config) -> None:
    with running(small, Pause()) as run:
        run.until("paused")
        run.tell(Step())
        updated = run.tell(Update(small.with_values(learning_rate=0.5, hidden=(9,))))
    assert updated.config == small.with_values(learning_rate=0.5)
    (change,) = updated.changes
    assert (change.epoch, change.name, change.before, change.after) == (1, "learning_rate", 0.001, 0.5)


def test_an_update_that_the_method_cannot_go_on_with_changes_nothing(
    small: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small.with_values(optimizer="lm", hidden=(30,), epochs=ENDLESS)
    monkeypatch.setattr(gauss_newton, "LARGEST_SYSTEM", 2 * config.train_points)
    refused = SimpleQueue[tuple[Command, str]]()
    update = Update(config.with_values(smoothing=1e-3))
    with running(config, Pause(), refuse=lambda *refusal: refused.put(refusal)) as run:
        run.until("paused")
        after = run.tell(update)
        assert (after.config, after.changes, after.status) == (config, (), "paused")
        command, reason = refused.get_nowait()
        assert command == update
        assert reason.startswith("optimizer lm solves for the fewer of weights and residuals, which must be <= ")
        assert run.tell(Step()).epoch == 1


def test_more_epochs_wake_a_finished_run_and_fewer_end_it(small: Config) -> None:
    with running(small) as run:
        run.until("finished")
        run.session.send(Update(small.with_values(epochs=8)))
        assert run.until("finished").epoch == 8
        run.tell(Update(small.with_values(epochs=ENDLESS)))
        assert run.tell(Update(small.with_values(epochs=1))).status == "finished"


@pytest.mark.parametrize(
    ("epochs", "rate", "commands", "state"),
    [
        (ENDLESS, 1e-3, (), "running"),
        (ENDLESS, 1e-3, (Pause(),), "paused"),
        (5, 1e-3, (), "finished"),
        (5, 1e30, (), "diverged"),
    ],
)
def test_stop_ends_the_session_in_every_state(
    small: Config, epochs: int, rate: float, commands: tuple[Command, ...], state: str
) -> None:
    with running(small.with_values(epochs=epochs, learning_rate=rate), *commands, RequestProgress()) as run:
        run.until(state)
        run.session.send(Stop())
        run.thread.join(TIMEOUT)
        assert run.session.ended.is_set()
        assert run.next(lambda _: run.over).status == (state if state in ("finished", "diverged") else "stopped")


def test_the_sharpness_is_measured_only_when_it_is_asked_for_and_changes_nothing(small: Config) -> None:
    with running(small, Pause()) as run:
        run.until("paused")
        assert not run.tell(RequestProgress()).sharpness.size
        for epoch in range(5):
            seen = run.tell(RequestProgress(sharpness=True))
            while seen.sharpness[-1:, 0].tolist() != [epoch]:
                seen = run.tell(RequestProgress(sharpness=True))
            assert (seen.sharpness[:, 1] > 0).all()
            end = run.tell(Step())
    assert (end.status, end.losses) == ("finished", train(small).losses)


def test_stop_before_the_start_trains_nothing(small: Config) -> None:
    with running(small, Stop()) as run:
        assert run.next().epoch == 0


def test_a_diverged_run_says_when_and_what_to_try_and_restarts(small: Config) -> None:
    with running(small.with_values(learning_rate=1e30)) as run:
        diverged = run.until("diverged")
        assert diverged.message.startswith("the loss became ")
        assert diverged.message.endswith(" at epoch 2: lower the learning rate and restart")
        assert diverged.epoch == len(diverged.curves.epochs) == 1
        run.session.send(New(small))
        assert run.until("finished").message == ""


def test_the_losses_handed_in_are_those_of_the_final_weights(small: Config) -> None:
    end, longer = train(small), train(small.with_values(epochs=6))
    assert end.losses == tuple(longer.curves.last)
    assert end.losses != tuple(end.curves.last)
    numbers = metrics(end, "out")["losses"]
    assert [numbers[data][loss] for data in DATA for loss in LOSSES] == list(end.losses)


@pytest.mark.parametrize("values", [{"epochs": 1}, {"epochs": 500, "max_seconds": 1e-9}], ids=str)
def test_a_run_whose_last_step_explodes_has_diverged(small: Config, values: dict[str, float]) -> None:
    end = train(small.with_values(optimizer="sgd", learning_rate=1e30, **values))
    assert (end.status, end.ended_by, end.epoch) == ("diverged", "diverged", 1)
    assert "after epoch 1: lower the learning rate" in end.message
    assert np.isfinite(end.losses).all()


def test_a_run_stopped_after_a_step_that_explodes_has_diverged(small: Config) -> None:
    with running(small.with_values(optimizer="sgd", learning_rate=1e30), Pause()) as run:
        run.until("paused")
        run.tell(Step())
        run.session.send(Stop())
        assert run.until("diverged").epoch == 1


def test_a_plan_is_applied_at_its_epoch(small: Config) -> None:
    end = train(small, [ScheduledChange(3, "learning_rate", 0.1), ScheduledChange(1, "function_weight", 2.0)])
    trainer = Trainer(small)
    for epoch in range(5):
        weight, rate = 2.0 if epoch >= 1 else 1.0, 0.1 if epoch >= 3 else 0.001
        trainer.update(small.with_values(function_weight=weight, learning_rate=rate))
        trainer.step()
    assert end.errors == trainer.evaluate()[1]
    assert [(change.epoch, change.name) for change in end.changes] == [(1, "function_weight"), (3, "learning_rate")]


def test_changes_planned_for_one_epoch_act_together(small: Config) -> None:
    plan = [ScheduledChange(2, "function_weight", 0.0), ScheduledChange(2, "derivative_weight", 1.0)]
    assert train(small.with_values(derivative_weight=0), plan).config.function_weight == 0


def test_a_plan_before_the_first_epoch_acts_and_outlasts_what_is_requested_of_other_values(small: Config) -> None:
    plan = [ScheduledChange(0, "learning_rate", 0.1)]
    assert train(small, plan).errors == train(small.with_values(learning_rate=0.1)).errors
    with running(small, Pause(), plan=plan) as run:
        run.until("paused")
        updated = run.tell(Update(small.with_values(derivative_weight=2)))
        assert updated.config == small.with_values(learning_rate=0.1, derivative_weight=2)
        assert run.tell(Update(small.with_values(learning_rate=0.5))).config == small.with_values(learning_rate=0.5)


def test_a_request_that_does_not_go_with_the_plan_is_kept_whole(small: Config) -> None:
    with running(small, Pause(), plan=[ScheduledChange(0, "function_weight", 0.0)]) as run:
        run.until("paused")
        asked = small.with_values(derivative_weight=0)
        assert run.tell(Update(asked)).config == asked


def test_a_plan_that_does_not_go_with_a_request_gives_way(small: Config) -> None:
    with running(small, Pause(), plan=[ScheduledChange(2, "function_weight", 0.0)]) as run:
        run.until("paused")
        asked = small.with_values(derivative_weight=0)
        run.tell(Update(asked))
        run.tell(Unpause())
        end = run.until("finished")
        assert end.config == asked
        assert end.warning.startswith("what was planned after epoch 2 could not be made: ")


def test_a_plan_at_a_branchs_own_epoch_acts(small: Config, tmp_path: Path) -> None:
    runs_directory = RunsDirectory(tmp_path)
    parent = trained(runs_directory, small)
    saved = runs_directory.runs.read(parent.run, 3)
    planned = trained(runs_directory, Branch.of(saved, {}), plan=[ScheduledChange(3, "learning_rate", 0.1)])
    given = trained(runs_directory, Branch.of(saved, {"learning_rate": 0.1}))
    assert (planned.errors, planned.config, planned.changes) == (given.errors, given.config, given.changes)


def test_a_run_that_diverged_keeps_the_values_it_diverged_with(small: Config) -> None:
    with running(small.with_values(learning_rate=1e30)) as run:
        before = run.until("diverged")
        after = run.tell(Update(small))
    assert (after.config, after.changes) == (before.config, ())


def test_changes_after_one_epoch_are_one_event(small: Config, tmp_path: Path) -> None:
    runs_directory = RunsDirectory(tmp_path)
    rates = [Update(small.with_values(learning_rate=rate)) for rate in (0.2, 0.3, 0.4)]
    there_and_back = [Update(small.with_values(derivative_weight=2, learning_rate=0.4)), rates[-1]]
    end = trained(runs_directory, small, Pause(), Step(), *rates, *there_and_back, Unpause())
    lines = (tmp_path / end.run / EVENTS).read_text().splitlines()
    assert [(event["epoch"], event["event"], event.get("after")) for event in map(json.loads, lines)] == [
        (0, "started", None),
        (0, "paused", None),
        (1, "changed", 0.4),
        (1, "resumed", None),
        (5, "finished", None),
    ]


def test_what_the_trainer_raises_surfaces(small: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="device must be one this machine has"):
        train(small.with_values(device="cuda"))


def test_one_thread_trains_and_the_setting_is_put_back_even_after_an_error(
    small: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = []

    def fail(_: Trainer) -> None:
        used.append(torch.get_num_threads())
        raise RuntimeError("no step")

    monkeypatch.setattr(Trainer, "step", fail)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(RuntimeError, match="no step"):
            train(small)
        assert (used, torch.get_num_threads()) == ([1], 2)
    finally:
        torch.set_num_threads(threads)


def test_several_threads_train_as_one_alone_does(small: Config) -> None:
    configs = [small.with_values(hidden=(16, 16), seed=seed) for seed in range(8)]
    alone = [train(config).errors for config in configs]
    with ThreadPoolExecutor(4) as pool:
        assert [progress.errors for progress in pool.map(train, configs)] == alone


def test_the_number_of_threads_is_recorded(small: Config) -> None:
    assert metrics(train(small.with_values(threads=2)), "out")["threads"] == 2
    assert metrics(train(small), "out")["threads"] == 1


def test_the_speed_is_that_of_the_last_two_seconds() -> None:
    speed = Speed()
    assert speed(0.0, 0) == 0
    assert speed(1.0, 100) == 100
    for second in range(2, 10):
        latest = speed(float(second), 100 + 10 * (second - 1))
    assert latest == pytest.approx(10)


def test_the_end_waits_for_the_record_of_a_run_that_was_replaced_a_moment_ago(small: Config) -> None:
    waited: list[object] = []

    class StillWriting(NullRecorder):
        is_writing = True

        def wait(self, seconds: float) -> None:
            assert seconds <= SAVE_TIMEOUT
            waited.append(self)

    session = Session(New(small), lambda _: None, make_recorder=StillWriting)
    for command in (Pause(), New(small), Stop()):
        session.send(command)
    session.run()
    assert len(set(waited)) == 2
