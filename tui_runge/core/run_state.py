"""The state that a run is saved as, and the interface of what records it."""

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
from tui_runge.core.gradient_samples import GradientSamples
from tui_runge.core.history import SERIES, History
from tui_runge.core.progress import Change, Fit, Model, Progress, Status
from tui_runge.core.run_start import RunStart
from tui_runge.core.scaling import IDENTITY, Scaling
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.core.text import printable

VERSION = 1
"""The version of the tree's format; another is refused."""
PARENT = re.compile(r"[a-z0-9-]{0,61}@[0-9]{1,10}", re.ASCII)


@dataclass(frozen=True)
class RunState:
    """A run as it stands: all that a session needs to resume it bit for bit, and its progress.

    `plan` holds the changes still to be made. `trainer` is the trainer's state, with arrays for tensors, and `times`
    that of the history of seconds. All random numbers are the seed's alone, and the epoch's: there is no generator to
    keep.
    """

    progress: Progress
    plan: tuple[ScheduledChange, ...]
    trainer: Mapping[str, Any]
    times: Mapping[str, Any]

    def check_branch(self, config: Config) -> None:
        """Raise ValueError for a configuration that the run's weights do not fit."""
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
        progress = {field.name: getattr(self.progress, field.name) for field in dataclasses.fields(Progress)}
        left_out = (
            "curves",
            "gradients",
            "sharpness",
            "times",
            "speed",
            "run",
            "unsaved",
            "warning",
            "model",
            "to_export",
        )
        return {
            "version": VERSION,
            **{name: _tree(value) for name, value in progress.items() if name not in left_out},
            "plan": [change.show() for change in self.plan],
            "trainer": self.trainer,
            "clock": self.times,
        }

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any], run: str = "") -> Self:
        """The inverse of `to_tree`; raises ValueError naming the value that is wrong."""
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
    """A value of a progress as plain values and arrays."""
    match value:
        case Config():
            return value.to_json()
        case Errors() | Fit():
            return dict(vars(value))
        case tuple():
            return [_tree(item) for item in value]
        case Change():
            return {**vars(value), "before": _tree(value.before), "after": _tree(value.after)}
        case _:
            return value


def _progress(tree: Mapping[str, Any], run: str) -> Progress:
    """The progress in a tree; raises ValueError, or the errors of a missing or mistyped value."""
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
    _check_weights(tree["trainer"]["weights"], config)
    _check_best(tree, config)
    return Progress(
        config=config,
        status=status,
        epoch=epoch,
        curves=history.curves(),
        fit=fit,
        errors=Errors(*(float(tree["errors"][name]) for name in Errors.__annotations__)),
        seconds=_seconds(tree["seconds"]),
        speed=0.0,
        changes=tuple(change_from_json(each) for each in tree["changes"]),
        message=printable(tree["message"]),
        ended_by=printable(tree["ended_by"]),
        stage_starts=tuple(int(start) for start in tree["stage_starts"]),
        details=tuple((printable(name), printable(value)) for name, value in tree["details"]),
        times=History.from_state(tree["clock"], series=1).curves().low[0],
        run=run,
        parent=_parent(tree["parent"]),
        losses=_losses(tree.get("losses", ())),
        threads=max(0, int(tree.get("threads", 0))),
        best_epoch=_epoch(tree.get("best_epoch")),
        train_x=np.asarray(tree.get("train_x", ()), dtype=np.float64),
        gradients=GradientSamples.from_state(tree["trainer"].get("gradients"), epoch),
        auto_weight=_auto_weight(tree.get("auto_weight")),
        model=model_of(config, tree["trainer"]),
    )


def model_of(config: Config, trainer: Mapping[str, Any]) -> Model:
    """The model in a trainer's state, of its best weights where it keeps them, with arrays for tensors.

    Runs from before there was a scaling were trained in the user's units. Raises ValueError where sizes are missing.
    """
    weights, best = trainer["weights"], trainer.get("best")
    scales = [float(scale) for scale in trainer["sizes"]]
    if len(scales) != len(weights):
        raise ValueError(f"each of {len(weights)} stages must have a size, got {len(scales)}")
    if best:
        scales, weights = scales[: best["stage"]], [*weights[: best["stage"] - 1], best["weights"]]
    scaling = Scaling(*map(float, trainer.get("scaling", dataclasses.astuple(IDENTITY))))
    return Model.of(config, scales, weights, scaling)


def _parent(text: str) -> str:
    if text and not PARENT.fullmatch(text):
        raise ValueError(f"parent must be NAME@EPOCH, got {printable(text)!r}")
    return text


def _losses(losses: Sequence[Any]) -> tuple[float, ...]:
    if len(losses) not in (0, len(SERIES)):
        raise ValueError(f"losses must be {len(SERIES)} numbers, got {len(losses)}")
    return tuple(map(float, losses))


def _epoch(epoch: Any) -> int | None:
    if epoch is not None and (type(epoch) is not int or epoch < 0):
        raise ValueError(f"best_epoch must be a whole number >= 0, got {printable(str(epoch))[:20]!r}")
    return epoch


def _auto_weight(weight: Any) -> float | None:
    if weight is not None and not 0 <= float(weight) < math.inf:
        raise ValueError(f"auto_weight must be a finite number >= 0, got {float(weight)}")
    return None if weight is None else float(weight)


def _seconds(seconds: Any) -> float:
    if not 0 <= float(seconds) < math.inf:
        raise ValueError(f"seconds must be a finite number >= 0, got {float(seconds)}")
    return float(seconds)


def _check_weights(weights: Sequence[Any], config: Config) -> None:
    """Raise ValueError for weights that are not of the configuration's network.

    To be called before such a network is made: the layers that a file claims to have could fill the memory.
    """
    units = (1, *config.hidden, 1)
    count = sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(units))
    for stage in weights:
        if not isinstance(stage, np.ndarray) or (stage.shape, stage.dtype) != ((count,), np.dtype(config.dtype)):
            raise ValueError(f"weights must be {count} numbers of {config.dtype} for hidden {config.hidden}")


def _check_best(tree: Mapping[str, Any], config: Config) -> None:
    """Raise ValueError for best weights that no such run can have kept; earlier versions kept none."""
    best = tree["trainer"].get("best")
    if (best and best["epoch"]) != tree.get("best_epoch"):
        raise ValueError("best_epoch must be that of the trainer's best weights")
    if not best:
        return
    _check_weights([best["weights"]], config)
    stages = len(tree["trainer"]["weights"])
    if type(best["stage"]) is not int or not 1 <= best["stage"] <= stages:
        raise ValueError(f"the best weights must be of a stage from 1 to {stages}")
    if len(best["terms"]) != 4 or not all(isinstance(term, float) for term in best["terms"]):
        raise ValueError("the best weights must have four losses")


def change_from_json(change: Mapping[str, Any]) -> Change:
    """The change that JSON holds; raises ValueError and KeyError for what cannot be one."""
    name = change["name"]
    kind = HYPERPARAMETERS[name].kind
    return Change(int(change["epoch"]), name, kind.check(name, change["before"]), kind.check(name, change["after"]))


class Recorder(Protocol):
    """Records a run while it trains; no method waits for the disk unless it says so, and none raises for it.

    `run` is the run's name; `problem` says why it is not being recorded, if so, `warning` what to know where it is.
    """

    @property
    def run(self) -> str: ...

    @property
    def problem(self) -> str: ...

    @property
    def warning(self) -> str: ...

    @property
    def is_writing(self) -> bool:
        """Whether there may be something that is not on the disk yet."""

    def losses(self, epoch: int, losses: tuple[float, ...]) -> None:
        """Record the losses of an epoch, in the order of `SERIES`."""

    def event(self, epoch: int, name: str, /, **facts: Any) -> None:
        """Record what happened after an epoch."""

    def due(self, epoch: int) -> bool:
        """Whether the run should be saved after this epoch."""

    def save(self, run_state: RunState, urgent: bool = True) -> None:
        """Save the run; if not urgent, only what is due of checkpoint and snapshot."""

    def flush(self, seconds: float) -> None:
        """Wait until what was recorded is on the disk, for at most so many seconds."""

    def close(self, run_state: RunState | None) -> None:
        """Save the run, if a state is given, and end the record; further calls do nothing."""

    def discard(self) -> None:
        """End the record and remove what it holds, unless someone wrote a note on it."""

    def wait(self, seconds: float) -> None:
        """Wait until a closed record is on the disk, for at most so many seconds."""


RecorderFactory = Callable[[RunStart, tuple[ScheduledChange, ...]], Recorder]
"""Makes the recorder of a run with its plan; raises ValueError where another process trains the run to resume."""

EpochLog = Callable[[str, int, tuple[float, ...]], object]
"""Takes a run's name, an epoch and its losses in the order of `SERIES`; the training waits for it."""


class NullRecorder:
    """Records nothing."""

    run = problem = warning = ""
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

    def discard(self) -> None:
        pass

    def wait(self, seconds: float) -> None:
        pass
