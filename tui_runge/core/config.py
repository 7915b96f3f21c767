"""The hyperparameters of a run, each declared once.

A field of `Config` carries its declaration: bounds, help, keys, and when a change acts. Validation, the command line,
the screen's panel and keys, and the JSON all read that. Plain dataclasses rather than a validation library: a
hyperparameter must also show and step a value, which none does, and the screen's first frame would wait for the import.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

from tui_runge.core.field_types import (
    AUTO,
    Choice,
    DataSource,
    FieldType,
    Function,
    Integer,
    IntervalText,
    Real,
    RealOrAuto,
    Sizes,
    Step,
    Value,
    one,
    one_two_five,
)

if TYPE_CHECKING:
    from tui_runge.core.given_function import GivenFunction
    from tui_runge.core.measured_points import MeasuredPoints

Group = Literal["target and data", "model", "loss", "optimizer", "run"]


@dataclass(frozen=True)
class OptimizerTraits:
    """What is known of an optimizer without torch.

    A second-order one solves for its step and is held back by float32. `uses_learning_rate` is False for one that
    finds its own step length, `uses_epochs` True for one whose path depends on the number of epochs planned.
    `scale_free` is False for one whose steps grow with the loss, `takes_batches` for one whose steps are of all points.
    `momentum` is the part of its last step that gradient descent goes on with.
    """

    second_order: bool = False
    uses_learning_rate: bool = True
    uses_epochs: bool = False
    scale_free: bool = True
    takes_batches: bool = True
    momentum: float = 0.0

    @property
    def dtype(self) -> str:
        """The floating-point type that it runs in unless another is given."""
        return "float64" if self.second_order else "float32"


OPTIMIZER_TRAITS = {
    "adam": OptimizerTraits(),
    "adamw": OptimizerTraits(),
    "sgd": OptimizerTraits(scale_free=False, momentum=0.9),
    "gd": OptimizerTraits(scale_free=False),
    "lbfgs": OptimizerTraits(uses_learning_rate=False, takes_batches=False),
    "lm": OptimizerTraits(second_order=True, uses_learning_rate=False, takes_batches=False),
    "adam-lm": OptimizerTraits(second_order=True, uses_epochs=True, takes_batches=False),
}
"""The optimizers; `training.optimizers` has a class for each name."""

OPTIMIZER_NAMES = tuple(OPTIMIZER_TRAITS)
ACTIVATION_NAMES = ("tanh", "sigmoid", "sin", "silu", "gelu", "softplus", "relu")
SCHEDULE_NAMES = ("constant", "cosine", "onecycle", "plateau")
TARGET_NAMES = (
    "runge",
    "two-scale",
    "steep",
    "wave-packet",
    "kink",
    "chirp",
    "square-wave",
    "weierstrass",
    "branch-points",
    "growing-waves",
    "many-minima",
    "boundary-layer",
)
FUNCTION_NAMES = ("target", "interval")
"""The hyperparameters that say which function is fitted, and stand for nothing where points are."""
OF_FUNCTIONS = (*FUNCTION_NAMES, "train_points", "validation_points", "nodes", "noise")
"""Those, and what says on which points it is fitted; measured points have nothing of it."""
NODE_NAMES = ("uniform", "chebyshev", "random", "edges", "adaptive")
EXAMPLE_NAMES = ("copper", "atmosphere")
SCALING_NAMES = ("auto", "on", "off")
KEEP_NAMES = ("auto", "last", "best")
DTYPES = ("float32", "float64")
DEVICES = ("auto", "cpu", "cuda", "mps")
SIZES = Sizes(layers=8, units=4096)
POINTS = Integer(1, 1_000_000)


def _names_of(has_trait: Callable[[OptimizerTraits], bool]) -> str:
    """The optimizers that have a trait, as a sentence lists them."""
    *others, last = (name for name, traits in OPTIMIZER_TRAITS.items() if has_trait(traits))
    return f"{', '.join(others)} and {last}" if others else last


@dataclass(frozen=True)
class KeyStep:
    """A step that keys make: `key` makes it downwards, the same letter in upper case upwards."""

    label: str
    key: str
    step: Step


@dataclass(frozen=True)
class Hyperparameter:
    """The declaration of a hyperparameter; `live` ones act on a running training, the others at a restart."""

    name: str
    kind: FieldType
    help: str
    group: Group
    default: Value
    live: bool
    own_key_steps: tuple[KeyStep, ...]

    @property
    def flag(self) -> str:
        """The option of the command line, such as --learning-rate."""
        return "--" + self.name.replace("_", "-")

    @property
    def key_steps(self) -> tuple[KeyStep, ...]:
        """The steps that keys make; where none is declared, the step of its type, without a letter."""
        return self.own_key_steps or (KeyStep(self.name.replace("_", " "), "", self.kind.step),)


def _hyperparameter(
    default: Value,
    kind: FieldType,
    help: str,
    group: Group,
    *,
    live: bool = False,
    key_steps: tuple[KeyStep, ...] = (),
    unset: Value | None = None,
) -> Any:
    """A dataclass field that carries its declaration; `unset`, if given, is its value until `Config` chooses one."""
    declared = {"kind": kind, "help": help, "group": group, "default": default, "live": live}
    declared |= {"own_key_steps": key_steps}
    return dataclasses.field(default=default if unset is None else unset, metadata=declared)


RATE = Real(above=0)
WEIGHT = Real(at_least=0, smallest=1e-3)
WEIGHT_OR_AUTO = RealOrAuto(WEIGHT)
ERROR = Real(at_least=0, smallest=1e-30)
SECONDS = Real(at_least=0, smallest=1)
SHARE = Real(at_least=0, below=1, smallest=0.01)


@dataclass(frozen=True)
class Config:
    """Every hyperparameter, and the measured `points` that `data` names, once they are read.

    In place of the target a program may give a `function` of its own, which no file and no other process can have.

    The defaults are the report's experiment. Points without slopes leave nothing to weigh: the derivative's weight is 0
    then. Raises ValueError naming the value and the rule, also where both weights are 0.
    """

    target: str = _hyperparameter(
        "runge", Function(TARGET_NAMES), "function f to fit, with its derivative", "target and data"
    )
    interval: str = _hyperparameter(
        "", IntervalText(), "interval to fit it on, a formula's own is -1,1", "target and data"
    )
    data: str = _hyperparameter(
        "", DataSource(EXAMPLE_NAMES), "measured points to fit in place of the target", "target and data"
    )
    scaling: str = _hyperparameter(
        "auto",
        Choice(SCALING_NAMES),
        "train in units in which x and f are about 1; auto does for data and formulas",
        "target and data",
    )
    train_points: int = _hyperparameter(256, POINTS, "training points on the interval", "target and data")
    validation_points: int = _hyperparameter(
        128, POINTS, "validation points, uniform on the interval", "target and data"
    )
    validation_fraction: float = _hyperparameter(
        0.2,
        SHARE,
        "share of the measured points held out for validation",
        "target and data",
        key_steps=(KeyStep("held-out share", "", SHARE.step),),
    )
    evaluation_points: int = _hyperparameter(
        500, POINTS, "points of the grid that the errors are taken on", "target and data"
    )
    nodes: str = _hyperparameter(
        "uniform",
        Choice(NODE_NAMES),
        "where the training points lie: chebyshev and edges are denser near the ends, random is drawn by the seed, "
        "adaptive adds half of them while it trains, where the errors are largest",
        "target and data",
    )
    noise: float = _hyperparameter(
        0.0,
        Real(at_least=0, smallest=1e-3),
        "noise on the training values of a function and of its slopes, as a share of the largest",
        "target and data",
    )
    hidden: tuple[int, ...] = _hyperparameter(
        (64, 64),
        SIZES,
        "units of each hidden layer",
        "model",
        key_steps=(KeyStep("width", "n", SIZES.step), KeyStep("depth", "d", SIZES.deepen)),
    )
    activation: str = _hyperparameter(
        "tanh",
        Choice(ACTIVATION_NAMES),
        "activation function of the hidden layers; with relu f is fitted by straight lines, and f' by steps",
        "model",
    )
    first_layer_scale: float = _hyperparameter(
        1.0, RATE, "factor on the first layer's initial weights; more reaches higher frequencies", "model"
    )
    stages: int = _hyperparameter(
        1, Integer(1, 10, one), "networks, each fitted to what those before it leave; the model is their sum", "model"
    )
    function_weight: float = _hyperparameter(1.0, WEIGHT, "weight of MSE(f) in the loss", "loss", live=True)
    derivative_weight: float | str = _hyperparameter(
        1.0,
        WEIGHT_OR_AUTO,
        "weight of MSE(f') in the loss; auto balances both errors",
        "loss",
        live=True,
        key_steps=(KeyStep("derivative weight", "w", WEIGHT_OR_AUTO.step),),
    )
    smoothing: float = _hyperparameter(
        0.0,
        Real(at_least=0, smallest=1e-9),
        "weight of the mean f''^2 of all stages, in the network's units; more is smoother",
        "loss",
        live=True,
    )
    optimizer: str = _hyperparameter("adam", Choice(OPTIMIZER_NAMES), "method; lm is Levenberg-Marquardt", "optimizer")
    learning_rate: float = _hyperparameter(
        1e-3,
        RATE,
        f"learning rate; {_names_of(lambda traits: not traits.uses_learning_rate)} find their own step",
        "optimizer",
        live=True,
        key_steps=(KeyStep("learning rate", "a", RATE.step),),
    )
    schedule: str = _hyperparameter(
        "constant", Choice(SCHEDULE_NAMES), "how the learning rate changes over the epochs", "optimizer"
    )
    batch_size: int = _hyperparameter(
        0, Integer(0, 100_000), "training points of a step; 0 is all of them at once", "optimizer"
    )
    epochs: int = _hyperparameter(
        1200, Integer(1, 10**9, one_two_five), "passes over the training points", "run", live=True
    )
    stop_error: float = _hyperparameter(0.0, ERROR, "stop at this training MSE(f); 0 is never", "run", live=True)
    patience: int = _hyperparameter(
        0, Integer(0, 10**9), "stop after so many epochs without a lower validation loss; 0 is never", "run", live=True
    )
    keep: str = _hyperparameter(
        "auto",
        Choice(KEEP_NAMES),
        "weights handed in: the last, or the best on the validation points; auto is best for data and where the "
        "derivative's weight is auto",
        "run",
    )
    max_seconds: float = _hyperparameter(
        0.0, SECONDS, "stop after so much time spent training; 0 is never", "run", live=True
    )
    seed: int = _hyperparameter(
        112652010, Integer(0, 2**63 - 1, one), "seed of the initial weights, and of all else that is drawn", "run"
    )
    dtype: str = _hyperparameter(
        "float32",
        Choice(DTYPES),
        "floating-point type of data and weights; "
        f"float64 for {_names_of(lambda traits: traits.second_order)} unless given",
        "run",
        unset="",
    )
    device: str = _hyperparameter(
        "auto", Choice(DEVICES), "where to train; auto is the CPU, fastest for small networks", "run"
    )
    threads: int = _hyperparameter(
        0, Integer(0, 1024, one), "threads to train on; 0 chooses by the network's size", "run"
    )
    points: "MeasuredPoints | None" = dataclasses.field(default=None, repr=False)
    function: "GivenFunction | None" = dataclasses.field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name, parameter in HYPERPARAMETERS.items():
            value = getattr(self, name)
            if name == "dtype" and not value:  # the optimizer, a field before, is checked by now
                value = OPTIMIZER_TRAITS[self.optimizer].dtype
            object.__setattr__(self, name, parameter.kind.check(name, value))
        if not self.data:
            object.__setattr__(self, "points", None)
        if self.points is not None and not self.points.has_slopes:
            object.__setattr__(self, "derivative_weight", 0.0)
        if self.function_weight == 0 and self.derivative_weight == 0:
            raise ValueError("function_weight and derivative_weight must not both be 0: there is nothing to fit")
        if self.function_weight == 0 and self.derivative_weight == AUTO:
            raise ValueError(f"derivative_weight must be a number where function_weight is 0, got {AUTO}")
        if self.batch_size and not OPTIMIZER_TRAITS[self.optimizer].takes_batches:
            raise ValueError(
                f"batch_size must be 0 with optimizer {self.optimizer}, got {self.batch_size}: each of its steps needs "
                f"all points; {_names_of(lambda traits: traits.takes_batches)} take batches"
            )
        if self.device == "mps" and self.dtype == "float64":
            raise ValueError("dtype must be float32 on device mps, which has no float64")

    def with_values(self, **values: Any) -> Self:
        """A copy with other values; raises ValueError as the constructor does.

        A dtype that is the optimizer's usual one follows a change of optimizer. Points go with the data they are of,
        and with points without slopes the 0 that they made of the derivative's weight; a function that was given goes
        where another or data is asked for.
        """
        if values.get("data", self.data) != self.data:
            if self.points is not None and not self.points.has_slopes:
                values = {"derivative_weight": HYPERPARAMETERS["derivative_weight"].default, **values}
            values = {"points": None, **values}
        if any(values.get(name, getattr(self, name)) != getattr(self, name) for name in (*FUNCTION_NAMES, "data")):
            values = {"function": None, **values}
        if "optimizer" in values and self.dtype == OPTIMIZER_TRAITS[self.optimizer].dtype:
            values = {"dtype": "", **values}
        return dataclasses.replace(self, **values)

    def to_json(self) -> dict[str, Any]:
        """The values as JSON has them: `hidden` a list; without points and function."""
        values = {name: getattr(self, name) for name in HYPERPARAMETERS}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @property
    def weight_follows_losses(self) -> bool:
        """Whether the derivative's weight is left to the program, and changes while it trains.

        A method that models the loss, such as Levenberg-Marquardt, would begin anew at every change: for it the weight
        stays as it starts.
        """
        return self.derivative_weight == AUTO and OPTIMIZER_TRAITS[self.optimizer].takes_batches

    @property
    def keeps_best(self) -> bool:
        """Whether the best weights on the validation points are handed in, in place of the last."""
        if self.keep == "auto":
            return bool(self.data) or self.derivative_weight == AUTO
        return self.keep == "best"

    @property
    def judges_by_product(self) -> bool:
        """Whether the best weights are those of the lowest product of both validation errors, and not of their loss."""
        return self.derivative_weight == AUTO

    @cached_property
    def idle(self) -> Mapping[str, str]:
        """The hyperparameters that have no effect beside the others, each with the reason."""
        traits = OPTIMIZER_TRAITS[self.optimizer]
        reasons: dict[str, str] = {}
        if self.data:
            reasons |= dict.fromkeys(OF_FUNCTIONS, "data is fitted")
        else:
            reasons["validation_fraction"] = "a function is fitted"
        if self.points is not None and self.points.held_out is not None:
            reasons["validation_fraction"] = "the data says which points are held out"
        if self.points is not None and not self.points.has_slopes:
            reasons["derivative_weight"] = "no slopes were measured"
        if self.activation == "relu":
            reasons["smoothing"] = "f'' of relu is 0 but at the kinks"
        if not traits.uses_learning_rate:
            reasons |= dict.fromkeys(("learning_rate", "schedule"), f"{self.optimizer} finds its own step")
        if not traits.takes_batches:
            reasons["batch_size"] = f"{self.optimizer} takes all points at once"
        return reasons

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`; a field left out takes its default, an unknown one raises ValueError."""
        for name in values:
            if name not in HYPERPARAMETERS:
                raise ValueError(f"unknown hyperparameter {name!r}: must be one of {', '.join(HYPERPARAMETERS)}")
        return cls(**values)


HYPERPARAMETERS = {
    field.name: Hyperparameter(name=field.name, **field.metadata)
    for field in dataclasses.fields(Config)
    if field.metadata
}
