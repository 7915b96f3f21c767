"""One run under way: its trainer, clock, changes and record. Imports torch."""

import dataclasses
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import torch

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.field_types import Value
from tui_runge.core.history import History
from tui_runge.core.progress import Change, Model, Progress, Status, merge_changes
from tui_runge.core.run_start import Branch, New, Resume, RunStart
from tui_runge.core.run_state import EpochLog, RecorderFactory, RunState, model_of
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.training.sharpness import SharpnessMeter
from tui_runge.training.trainer import DivergedError, Trainer

FLUSH_TIMEOUT = 1.0
"""Seconds that an export waits at most for the losses to be on the disk."""
STARTED = {New: "started", Resume: "resumed", Branch: "branched"}
"""The event that a run's record begins with."""


class Run:
    """Trains one run epoch by epoch as its session says, and records it.

    `log` is told of every epoch: the run's name, the epoch and its losses.

    Only time spent in the trainer, in seconds of `clock`, counts as training time; pauses do not. Raises ValueError
    where the trainer cannot be made, or another process trains a run that is to be resumed.
    """

    def __init__(
        self,
        start: RunStart,
        plan: Sequence[ScheduledChange],
        make_recorder: RecorderFactory,
        clock: Callable[[], float] = perf_counter,
        *,
        log: EpochLog | None = None,
    ) -> None:
        config = start.config
        if isinstance(start, Resume):  # what it changes acts from the next epoch on, as a change of a running run does
            config, plan = start.run_state.progress.config, start.run_state.plan
        self.status: Status = "running"
        self._trainer = Trainer(config)
        self._requested = config
        self._plan = sorted(plan, key=lambda change: change.epoch)
        self._parent = start.parent
        self._changes: list[Change] = []
        self._unwritten: list[Change] = []  # those after the newest epoch, which more changes may undo
        self._clock = clock
        self._seconds = 0.0
        self._message = self._ended_by = self._not_made = ""
        self._times = History(series=1)
        self._sharpness = SharpnessMeter()
        if not isinstance(start, New):
            self._load(start.run_state, branch=isinstance(start, Branch))
        self._first_epoch = -1 if isinstance(start, Resume) else self._trainer.epoch
        self._speed = Speed(self._seconds, self._trainer.epoch)
        self._recorder = make_recorder(start, tuple(self._plan))
        self._log = log
        self._recorder.event(self._trainer.epoch, STARTED[type(start)])
        if isinstance(start, Branch):
            self._note_changes(start.run_state.progress.config, start.config)
        self._follow_plan()
        if not isinstance(start, Resume):
            self._finish_or_wake()
        self._recorder.save(self._run_state())
        if isinstance(start, Resume) and start.config != self._trainer.config:
            self.update(start.config)

    def _load(self, run_state: RunState, *, branch: bool) -> None:
        """Continue from a saved run; a branch takes its history and what its configuration keeps, not how it ended."""
        saved = run_state.progress
        state = {**_tensors(run_state.trainer), "history": run_state.trainer["history"]}
        self._trainer.load_state_dict(state, branch_of=saved.config if branch else None)
        self._changes = list(saved.changes)
        self._seconds = saved.seconds
        self._times = History.from_state(run_state.times, series=1)
        if branch:
            return
        if saved.status == "diverged":
            self.status, self._ended_by, self._message = "diverged", "diverged", saved.message
        else:
            self._ended_by = self._end_reason()
            self.status = "finished" if self._ended_by else "running"

    @property
    def epoch(self) -> int:
        """The epochs that it has trained."""
        return self._trainer.epoch

    def pause(self) -> None:
        """Stop training until `unpause`."""
        if self.status == "running":
            self._enter_status("paused")

    def unpause(self) -> None:
        """Continue training after a pause."""
        if self.status == "paused":
            self._enter_status("running")

    def stop(self, reason: str) -> None:
        """End the run for a reason, unless it has ended, and close its record."""
        if self.status in ("running", "paused") and self._stands():
            self._ended_by = reason
            self.status = "stopped"
            self._write_changes()
            self._recorder.event(self._trainer.epoch, "stopped", by=reason)
        self._write_changes()
        self._recorder.close(self._run_state())

    def replace(self, by: RunStart) -> None:
        """End the run since another begins; one that trained no epoch is not kept, unless that is a branch of it."""
        has_branch = isinstance(by, Branch) and by.run_state.progress.run == self._recorder.run
        if self._trainer.epoch == self._first_epoch and not has_branch and self.status != "diverged":
            self._recorder.discard()
        else:
            self.stop("restart")

    @property
    def is_writing(self) -> bool:
        """Whether its record is still being written."""
        return self._recorder.is_writing

    def release(self, seconds: float) -> None:
        """Close the record, however the run ended, and wait for the disk for at most so many seconds."""
        self._recorder.close(None)
        self._recorder.wait(seconds)

    def update(self, config: Config) -> None:
        """Apply the live values that are requested anew from the next epoch on; more epochs wake a finished run.

        What was not requested anew stays as the plan has changed it since. A run that diverged keeps its configuration.
        Raises ValueError, and changes nothing, where the run cannot go on so.
        """
        before, self._requested = self._requested, config
        try:
            self._change({name: getattr(config, name) for name in HYPERPARAMETERS if _differ(name, before, config)})
        except ValueError:  # it does not go with what the plan has changed, which then gives way
            self._change({name: getattr(config, name) for name in HYPERPARAMETERS})

    def _change(self, values: Mapping[str, Value]) -> None:
        """Give hyperparameters other values; those that do not act while training stay."""
        if self.status == "diverged":
            return
        before = self._trainer.config
        live = {name: value for name, value in values.items() if HYPERPARAMETERS[name].live}
        after = before.with_values(**live)
        self._trainer.update(after)
        self._note_changes(before, after)
        self._finish_or_wake()
        if live:
            self._recorder.save(self._run_state())

    def _finish_or_wake(self) -> None:
        """Finish where the configuration leaves nothing to train, and train on where a finished run has more to do."""
        if self.status == "diverged":
            return
        self._ended_by = self._end_reason()
        if self._ended_by:
            self._finish()
        elif self.status == "finished":
            self._enter_status("running")

    def _finish(self) -> None:
        """End the run where the weights that it hands in stand a look at them."""
        if self._stands():
            self._enter_status("finished")

    def _stands(self) -> bool:
        """Whether the last step, which no epoch looks at, led to finite losses; if not, it is taken back."""
        try:
            self._trainer.judge()
        except DivergedError as error:
            self._diverge(error)
        return self.status != "diverged"

    def _diverge(self, error: DivergedError) -> None:
        self._ended_by, self._message = "diverged", f"{error}: {error.advice}"
        self._enter_status("diverged")

    def _note_changes(self, before: Config, after: Config) -> None:
        """Record each hyperparameter in which two configurations differ as changed now."""
        changes = [
            Change(self._trainer.epoch, name, getattr(before, name), getattr(after, name))
            for name in HYPERPARAMETERS
            if _differ(name, before, after)
        ]
        self._changes += changes
        self._unwritten += changes

    def _write_changes(self) -> None:
        """Record the changes after the newest epoch as events, one a hyperparameter."""
        for change in merge_changes(self._unwritten):
            facts = {"name": change.name, "before": change.before, "after": change.after}
            self._recorder.event(change.epoch, "changed", **facts)
        self._unwritten.clear()

    def advance(self) -> None:
        """Train one epoch, then make the changes planned for after it."""
        self._write_changes()
        start = self._clock()
        try:
            self._trainer.step()
        except DivergedError as error:
            self._diverge(error)
            return
        finally:
            self._seconds += self._clock() - start
        self._times.append((self._seconds,))
        self._recorder.losses(self._trainer.epoch, self._trainer.losses)
        if self._log is not None:
            self._log(self._recorder.run, self._trainer.epoch, self._trainer.losses)
        self._follow_plan()
        if self.status == "diverged":
            return
        self._ended_by = self._end_reason()
        if self._ended_by:
            self._finish()
        elif self.status == "paused":
            self._recorder.save(self._run_state())
        elif self._recorder.due(self._trainer.epoch):
            self._recorder.save(self._run_state(), urgent=False)

    def progress(self, model: bool = False) -> Progress:
        """The run's progress now, with its model if asked for."""
        fit, errors = self._trainer.evaluate()
        return Progress(
            config=self._trainer.config,
            status=self.status,
            epoch=self._trainer.epoch,
            curves=self._trainer.history.curves(),
            fit=fit,
            errors=errors,
            seconds=self._seconds,
            speed=self._speed(self._seconds, self._trainer.epoch),
            changes=tuple(self._changes),
            message=self._message,
            ended_by=self._ended_by,
            stage_starts=self._trainer.stage_starts,
            details=self._trainer.details,
            times=self._times.curves().low[0],
            run=self._recorder.run,
            unsaved=self._recorder.problem,
            warning="; ".join(filter(None, (self._recorder.warning, self._not_made))),
            parent=self._parent,
            losses=self._trainer.present_losses(),
            threads=torch.get_num_threads(),
            best_epoch=self._trainer.best_epoch,
            train_x=self._trainer.train_x,
            gradients=self._trainer.gradients,
            sharpness=np.array(self._sharpness.samples, dtype=np.float64).reshape(-1, 3),
            auto_weight=self._trainer.auto_weight,
            model=self._model() if model else None,
        )

    def measure_sharpness(self) -> None:
        """Go on measuring how sharp the loss is, for a moment; a run that trains is measured only now and then."""
        self._sharpness.advance(self._trainer, at_once=self.status != "running")

    def progress_to_export(self) -> Progress:
        """The progress with its model, once all losses are on the disk."""
        progress = self.progress(model=True)
        self._recorder.save(self._run_state(progress))
        self._recorder.flush(FLUSH_TIMEOUT)
        return dataclasses.replace(progress, run=self._recorder.run, unsaved=self._recorder.problem, to_export=True)

    def _model(self) -> Model:
        return model_of(self._trainer.config, _arrays(self._trainer.state_dict()))

    def _run_state(self, progress: Progress | None = None) -> RunState:
        """The state that the run can be resumed from."""
        trainer, times = _arrays(self._trainer.state_dict()), self._times.state_dict()
        return RunState(progress or self.progress(), tuple(self._plan), trainer, times)

    def _enter_status(self, status: Status) -> None:
        """Enter another status, and save the run at once."""
        if status != self.status:
            self.status = status
            self._write_changes()
            self._recorder.event(self._trainer.epoch, "resumed" if status == "running" else status)
            self._recorder.save(self._run_state())

    def _end_reason(self) -> str:
        """The stop condition that holds now, or nothing; time is the run's own, the others are the trainer's."""
        limit = self._trainer.config.max_seconds
        return self._trainer.ended_by or ("max_seconds" if 0 < limit <= self._seconds else "")

    def _follow_plan(self) -> None:
        """Make the planned changes that are due: all at once, since one alone may be invalid."""
        due = {}
        while self._plan and self._plan[0].epoch <= self._trainer.epoch:
            change = self._plan.pop(0)
            due[change.name] = change.value
        if due:
            try:
                self._change(due)
            except ValueError as error:  # it may not go with what was requested meanwhile, or not fit the memory
                epoch = self._trainer.epoch
                self._not_made = f"what was planned after epoch {epoch:,} could not be made: {error}"


def _differ(name: str, one: Config, other: Config) -> bool:
    """Whether two configurations differ in a hyperparameter."""
    return bool(getattr(one, name) != getattr(other, name))


class Speed:
    """The speed of training over its last two seconds."""

    def __init__(self, seconds: float = 0.0, epoch: int = 0) -> None:
        self._samples = deque([(seconds, epoch)])

    def __call__(self, seconds: float, epoch: int) -> float:
        """Epochs a second when `epoch` is reached after `seconds` of training; 0 before the first epoch."""
        if epoch > self._samples[-1][1]:
            self._samples.append((seconds, epoch))
        while len(self._samples) > 2 and seconds - self._samples[1][0] > 2:
            self._samples.popleft()
        (first_seconds, first_epoch), (last_seconds, last_epoch) = self._samples[0], self._samples[-1]
        elapsed = last_seconds - first_seconds
        return (last_epoch - first_epoch) / elapsed if elapsed > 0 else 0.0


def _arrays(tree: Any) -> Any:
    """A copy of nested values with arrays in place of tensors."""
    match tree:
        case torch.Tensor():
            return tree.detach().cpu().numpy()
        case Mapping():
            return {name: _arrays(value) for name, value in tree.items()}
        case list() | tuple():
            return [_arrays(value) for value in tree]
        case _:
            return tree


def _tensors(tree: Any) -> Any:
    """A copy of nested values with tensors in place of arrays."""
    match tree:
        case np.ndarray():
            return torch.from_numpy(tree.copy())
        case Mapping():
            return {name: _tensors(value) for name, value in tree.items()}
        case list():
            return [_tensors(value) for value in tree]
        case _:
            return tree
