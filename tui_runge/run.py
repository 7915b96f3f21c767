"""One run under way: its trainer, its clock, what was changed, and its record. Imports torch."""

from collections import deque
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import torch

from tui_runge.config import KNOBS, Config
from tui_runge.history import History
from tui_runge.plan import Planned
from tui_runge.progress import Change, Model, Progress, Status
from tui_runge.saved import Begun, Keep, Saved
from tui_runge.training import DivergedError, Trainer

FLUSH = 1.0
"""Seconds that an export waits at most for the losses to be on the disk."""


class Run:
    """Trains a configuration epoch by epoch as its session says, and keeps a record.

    From `saved` it goes on, in the same record; or as a branch, in a new one. Pauses and time spent outside the
    trainer do not count as training time. Raises ValueError where the trainer cannot be made.
    """

    def __init__(
        self,
        config: Config,
        plan: Sequence[Planned],
        keep: Keep,
        saved: Saved | None = None,
        *,
        branch: bool = False,
    ) -> None:
        self.status: Status = "running"
        self._trainer = Trainer(config)
        self._plan = sorted(plan, key=lambda change: change.epoch)
        self._changes: list[Change] = []
        self._seconds = 0.0
        self._message = self._ended_by = self._parent = ""
        self._times = History(series=1)
        if saved is not None:
            self._go_on(saved, branch)
        self._speed = Speed(self._seconds, self._trainer.epoch)
        again = "" if saved is None or branch else saved.progress.run
        epoch = self._trainer.epoch
        self._record = keep(Begun(config, tuple(self._plan), self._parent, again, epoch))
        self._record.event(epoch, "resumed" if again else "branched" if branch else "started")
        if branch and saved is not None:
            self._note(saved.progress.config, config)
        self._follow_plan()
        self._record.save(self._saved())

    def _go_on(self, saved: Saved, branch: bool) -> None:
        """Take over what was saved; a branch shares the past and nothing else."""
        shown = saved.progress
        state = {**_tensors(saved.trainer), "history": saved.trainer["history"]}
        self._trainer.load_state_dict(state, branch=branch)
        self._changes = list(shown.changes)
        self._seconds = shown.seconds
        self._times = History.from_state(saved.times, series=1)
        if branch:
            self._parent = f"{shown.run}@{shown.epoch}"
            return
        self._parent = shown.parent
        if shown.status == "diverged":
            self.status, self._ended_by, self._message = "diverged", "diverged", shown.message
        else:
            self._ended_by = self._ending()
            self.status = "finished" if self._ended_by else "running"

    def pause(self) -> None:
        """Hold the training."""
        if self.status == "running":
            self._happen("paused")

    def resume(self) -> None:
        """Go on."""
        if self.status == "paused":
            self._happen("running")

    def stop(self, reason: str) -> None:
        """End the run for a reason, unless it has ended, and let go of its record."""
        if self.status in ("running", "paused"):
            self._ended_by = reason
            self.status = "stopped"
            self._record.event(self._trainer.epoch, "stopped", by=reason)
        self._record.close(self._saved())

    def release(self, seconds: float) -> None:
        """Let go of the record, however the run ended, and wait for it, but no longer than so many seconds."""
        self._record.close(None)
        self._record.wait(seconds)

    def update(self, config: Config) -> None:
        """Apply the live values of a configuration from the next epoch on; more epochs wake a finished run."""
        before = self._trainer.config
        changed = [name for name in KNOBS if getattr(before, name) != getattr(config, name)]
        live = {name: getattr(config, name) for name in changed if KNOBS[name].live}
        after = before.with_values(**live)
        self._note(before, after)
        self._trainer.update(after)
        if self.status != "diverged":
            self._ended_by = self._ending()
            if self._ended_by:
                self._happen("finished")
            elif self.status == "finished":
                self._happen("running")
        if live:
            self._record.save(self._saved())

    def _note(self, before: Config, after: Config) -> None:
        """Note the hyperparameters in which two configurations differ as changed now."""
        epoch = self._trainer.epoch
        for name in KNOBS:
            was, its = getattr(before, name), getattr(after, name)
            if was != its:
                self._changes.append(Change(epoch, name, was, its))
                self._record.event(epoch, "changed", name=name, before=was, after=its)

    def advance(self) -> None:
        """One epoch, then the changes planned for after it."""
        start = perf_counter()
        try:
            self._trainer.step()
        except DivergedError as error:
            self._ended_by, self._message = "diverged", f"{error}: lower the learning rate and restart"
            self._happen("diverged")
            return
        finally:
            self._seconds += perf_counter() - start
        self._times.append((self._seconds,))
        self._record.losses(self._trainer.epoch, self._trainer.losses)
        self._follow_plan()
        self._ended_by = self._ending()
        if self._ended_by:
            self._happen("finished")
        elif self.status == "paused":
            self._record.save(self._saved())
        else:
            self._save_when_due()

    def progress(self, model: bool = False) -> Progress:
        """What the run shows of itself now, with its model if that is asked for."""
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
            run=self._record.run,
            unsaved=self._record.problem,
            parent=self._parent,
            model=self._model() if model else None,
        )

    def _model(self) -> Model:
        state = self._trainer.state_dict()
        return Model.of(self._trainer.config, state["sizes"], _arrays(state["weights"]))

    def handed_in(self) -> Progress:
        """What the run shows of itself, with its model, once its losses are on the disk."""
        self._record.save(self._saved())
        self._record.flush(FLUSH)
        return self.progress(model=True)

    def _saved(self) -> Saved:
        return Saved(self.progress(), tuple(self._plan), _arrays(self._trainer.state_dict()), self._times.state_dict())

    def _happen(self, status: Status) -> None:
        """Enter a status, and keep that at once."""
        if status != self.status:
            self.status = status
            self._record.event(self._trainer.epoch, "resumed" if status == "running" else status)
            self._record.save(self._saved())

    def _save_when_due(self) -> None:
        if self._record.due(self._trainer.epoch):
            self._record.save(self._saved(), urgent=False)

    def _ending(self) -> str:
        """What ends the run now, or nothing; the clock is the run's, the rest the trainer's."""
        limit = self._trainer.config.max_seconds
        return self._trainer.ended_by or ("max_seconds" if 0 < limit <= self._seconds else "")

    def _follow_plan(self) -> None:
        """Make the planned changes that are due: all at once, since one alone may be invalid."""
        due = {}
        while self._plan and self._plan[0].epoch <= self._trainer.epoch:
            change = self._plan.pop(0)
            due[change.name] = change.value
        if due:
            self.update(self._trainer.config.with_values(**due))


class Speed:
    """Epochs a second of training, over the last two seconds of it."""

    def __init__(self, seconds: float = 0.0, epoch: int = 0) -> None:
        self._marks = deque([(seconds, epoch)])

    def __call__(self, seconds: float, epoch: int) -> float:
        """The speed when `epoch` was reached after `seconds` of training; 0 before the first epoch."""
        if epoch > self._marks[-1][1]:
            self._marks.append((seconds, epoch))
        while len(self._marks) > 2 and seconds - self._marks[1][0] > 2:
            self._marks.popleft()
        (then, first), (now, last) = self._marks[0], self._marks[-1]
        return (last - first) / (now - then) if now > then else 0.0


def _arrays(tree: Any) -> Any:
    """A state with arrays for its tensors."""
    match tree:
        case torch.Tensor():
            return tree.detach().cpu().numpy()
        case Mapping():
            return {name: _arrays(each) for name, each in tree.items()}
        case list() | tuple():
            return [_arrays(each) for each in tree]
        case _:
            return tree


def _tensors(tree: Any) -> Any:
    """A state with tensors for its arrays."""
    match tree:
        case np.ndarray():
            return torch.from_numpy(tree.copy())
        case Mapping():
            return {name: _tensors(each) for name, each in tree.items()}
        case list():
            return [_tensors(each) for each in tree]
        case _:
            return tree
