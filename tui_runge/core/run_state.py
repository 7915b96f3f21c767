"""A run as it was saved after an epoch, and what a session needs to record one."""

import dataclasses
import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, get_args

import numpy as np

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.errors import Errors
from tui_runge.core.history import History
from tui_runge.core.progress import Change, Fit, Model, Progress, Status
from tui_runge.core.run_start import RunStart
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.core.text import printable

VERSION = 1
"""Of the tree's format; another is refused."""
PARENT = re.compile(r"[a-z0-9-]{0,61}@[0-9]{1,10}", re.ASCII)


@dataclass(frozen=True)
class RunState:
    """All that a session needs to go on with a run bit for bit, and what is shown of it.

    `trainer` and `times` are the states of the trainer, with arrays for tensors, and of the history of seconds. No
    random numbers are drawn after the initial weights, which the seed alone gives: there is no generator to keep.
    """

    progress: Progress
    plan: tuple[ScheduledChange, ...]
    trainer: Mapping[str, Any]
    times: Mapping[str, Any]

    def check_branch(self, config: Config) -> None:
        """Raise ValueError for a configuration that no branch can go on with: the weights would not fit."""
        own, trained = self.progress.config.hidden, len(self.trainer["weights"])
        layers = HYPERPARAMETERS["hidden"].kind.show
        if config.hidden != own:
            raise ValueError(
                f"hidden must stay {layers(own)} in a branch, got {layers(config.hidden)}: restart instead"
            )
        if config.stages < trained:
            raise ValueError(
                f"stages must be >= {trained} in a branch from there, got {config.stages}: restart instead"
            )

    def to_tree(self) -> dict[str, Any]:
        """The tree of plain values and arrays that `from_tree` reads back."""
        shown = {field.name: getattr(self.progress, field.name) for field in dataclasses.fields(Progress)}
        left_out = ("curves", "times", "speed", "run", "unsaved", "model")
        return {
            "version": VERSION,
            **{name: _tree(value) for name, value in shown.items() if name not in left_out},
            "plan": [change.show() for change in self.plan],
            "trainer": self.trainer,
            "clock": self.times,
        }

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any], run: str = "") -> Self:
        """The inverse of `to_tree`; raises ValueError naming what cannot be."""
        if tree.get("version") != VERSION:
            raise ValueError(f"version must be {VERSION}, got {str(tree.get('version'))[:20]}: use its own program")
        try:
            return cls(
                _progress(tree, run),
                tuple(ScheduledChange.parse(text) for text in tree["plan"]),
                tree["trainer"],
                tree["clock"],
            )
        except (KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
            raise ValueError(f"{type(error).__name__} {error}") from None


def _tree(value: Any) -> Any:
    match value:
        case Config():
            return value.to_json()
        case Errors() | Fit():
            return dict(vars(value))
        case tuple():
            return [_tree(each) for each in value]
        case Change():
            return {**vars(value), "before": _tree(value.before), "after": _tree(value.after)}
        case _:
            return value


def _progress(tree: Mapping[str, Any], run: str) -> Progress:
    config = Config.from_json(tree["config"])
    history = History.from_state(tree["trainer"]["history"])
    epoch, status = tree["epoch"], tree["status"]
    if status not in get_args(Status):
        raise ValueError(f"status must be one of {', '.join(get_args(Status))}, got {status!r}")
    if type(epoch) is not int or epoch != tree["trainer"]["epoch"] or epoch != history.epochs:
        raise ValueError(f"epoch must be that of its trainer and history, got {epoch!r}")
    fit = Fit(**{name: np.asarray(tree["fit"][name], dtype=np.float64) for name in Fit.__annotations__})
    if any(column.shape != (config.evaluation_points,) for column in vars(fit).values()):
        raise ValueError(f"the fit must have {config.evaluation_points} points")
    _refuse_unlike(tree["trainer"]["weights"], config)
    return Progress(
        config=config,
        status=status,
        epoch=epoch,
        curves=history.curves(),
        fit=fit,
        errors=Errors(*(float(tree["errors"][name]) for name in Errors.__annotations__)),
        seconds=_finite(tree["seconds"]),
        speed=0.0,
        changes=tuple(change_from_json(each) for each in tree["changes"]),
        message=printable(tree["message"]),
        ended_by=printable(tree["ended_by"]),
        stage_starts=tuple(int(start) for start in tree["stage_starts"]),
        details=tuple((printable(name), printable(value)) for name, value in tree["details"]),
        times=History.from_state(tree["clock"], series=1).curves().low[0],
        run=run,
        parent=_parent(tree["parent"]),
        model=_model(config, tree["trainer"]),
    )


def _model(config: Config, trainer: Mapping[str, Any]) -> Model:
    sizes = [float(size) for size in trainer["sizes"]]
    if len(sizes) != len(trainer["weights"]):
        raise ValueError(f"each of {len(trainer['weights'])} stages must have a size, got {len(sizes)}")
    return Model.of(config, sizes, trainer["weights"])


def _parent(text: str) -> str:
    if text and not PARENT.fullmatch(text):
        raise ValueError(f"parent must be NAME@EPOCH, got {printable(text)!r}")
    return text


def _finite(seconds: Any) -> float:
    if not 0 <= float(seconds) < math.inf:
        raise ValueError(f"seconds must be a finite number >= 0, got {float(seconds)}")
    return float(seconds)


def _refuse_unlike(weights: Sequence[Any], config: Config) -> None:
    """Raise ValueError for weights of another network: before one is made, since what is claimed may fill a memory."""
    sizes = (1, *config.hidden, 1)
    count = sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(sizes))
    for each in weights:
        if not isinstance(each, np.ndarray) or (each.shape, each.dtype) != ((count,), np.dtype(config.dtype)):
            raise ValueError(f"weights must be {count} numbers of {config.dtype} for hidden {config.hidden}")


def change_from_json(change: Mapping[str, Any]) -> Change:
    """The change that JSON holds; raises ValueError and KeyError for what cannot be one."""
    name = change["name"]
    kind = HYPERPARAMETERS[name].kind
    return Change(int(change["epoch"]), name, kind.check(name, change["before"]), kind.check(name, change["after"]))


class Recorder(Protocol):
    """Where a run is kept as it goes; none of its methods waits for a disk, nor fails.

    `run` is its name, `problem` says why it is not being kept, if it is not.
    """

    @property
    def run(self) -> str: ...

    @property
    def problem(self) -> str: ...

    @property
    def is_writing(self) -> bool:
        """Whether there may be something that is not on the disk yet."""

    def losses(self, epoch: int, losses: tuple[float, ...]) -> None:
        """Keep the losses of an epoch."""

    def event(self, epoch: int, name: str, /, **facts: Any) -> None:
        """Keep what happened after an epoch."""

    def due(self, epoch: int) -> bool:
        """Whether the run should be saved now that an epoch is done."""

    def save(self, run_state: RunState, urgent: bool = True) -> None:
        """Save the run as it stands: at once, or as was found due."""

    def flush(self, seconds: float) -> None:
        """Wait until what was saved is on the disk, but no longer than so many seconds."""

    def close(self, run_state: RunState | None) -> None:
        """Save the run as it stands, if it is known, and let go of it; to be called again does nothing."""

    def wait(self, seconds: float) -> None:
        """Wait until all is on the disk, but no longer than so many seconds."""


RecorderFactory = Callable[[RunStart, tuple[ScheduledChange, ...]], Recorder]
"""Begins the record of a run with its plan; raises ValueError where another process trains the run to resume."""


class NullRecorder:
    """The record of a run that is not kept."""

    run = problem = ""
    is_writing = False

    def __init__(self, *_: object) -> None:
        pass

    def losses(self, epoch: int, losses: tuple[float, ...]) -> None:
        pass

    def event(self, epoch: int, name: str, /, **facts: Any) -> None:
        pass

    def due(self, epoch: int) -> bool:
        del epoch
        return False

    def save(self, run_state: RunState, urgent: bool = True) -> None:
        pass

    def flush(self, seconds: float) -> None:
        pass

    def close(self, run_state: RunState | None) -> None:
        pass

    def wait(self, seconds: float) -> None:
        pass
