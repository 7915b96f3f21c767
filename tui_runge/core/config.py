"""The hyperparameters of a run, each declared once.

A field of `Config` carries its declaration: bounds, help, keys, and when a change acts. Validation, the command line,
the screen's panel and keys, and the JSON all read that. Plain dataclasses rather than a validation library: a
hyperparameter must also show and step a value, which none does, and the screen's first frame would wait for the import.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from tui_runge.core.field_types import (
    Choice,
    FieldType,
    Function,
    Integer,
    IntervalText,
    Real,
    Sizes,
    Step,
    Value,
    one,
    one_two_five,
)

Group = Literal["target and data", "model", "loss", "optimizer", "run"]


@dataclass(frozen=True)
class OptimizerTraits:
    """What is known of an optimizer without torch.

    A second-order one solves for its step and is held back by float32. `uses_learning_rate` is False for one that
    finds its own step length, `uses_epochs` True for one whose path depends on the number of epochs planned.
    `scale_free` is False for one whose steps grow with the loss.
    """

    second_order: bool = False
    uses_learning_rate: bool = True
    uses_epochs: bool = False
    scale_free: bool = True

    @property
    def dtype(self) -> str:
        """The floating-point type that it runs in unless another is given."""
        return "float64" if self.second_order else "float32"


OPTIMIZER_TRAITS = {
    "adam": OptimizerTraits(),
    "adamw": OptimizerTraits(),
    "sgd": OptimizerTraits(scale_free=False),
    "lbfgs": OptimizerTraits(uses_learning_rate=False),
    "lm": OptimizerTraits(second_order=True, uses_learning_rate=False),
    "adam-lm": OptimizerTraits(second_order=True, uses_epochs=True),
}
"""The optimizers; `training.optimizers` has a class for each name."""

OPTIMIZER_NAMES = tuple(OPTIMIZER_TRAITS)
ACTIVATION_NAMES = ("tanh", "sigmoid", "sin", "silu", "gelu", "softplus")
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
NODE_NAMES = ("uniform", "chebyshev")
DTYPES = ("float32", "float64")
DEVICES = ("auto", "cpu", "cuda", "mps")
SIZES = Sizes(layers=8, units=4096)
POINTS = Integer(1, 1_000_000)


def _names_of(has_trait: Callable[[OptimizerTraits], bool]) -> str:
    """The optimizers that have a trait, as a sentence lists them."""
    return " and ".join(name for name, traits in OPTIMIZER_TRAITS.items() if has_trait(traits))


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
ERROR = Real(at_least=0, smallest=1e-30)
SECONDS = Real(at_least=0, smallest=1)


@dataclass(frozen=True)
class Config:
    """Every hyperparameter; the defaults are the report's experiment.

    Raises ValueError naming the value and the rule, also where both weights are 0.
    """

    target: str = _hyperparameter(
        "runge", Function(TARGET_NAMES), "function f to fit, with its derivative", "target and data"
    )
    interval: str = _hyperparameter(
        "", IntervalText(), "interval to fit it on, a formula's own is -1,1", "target and data"
    )
    train_points: int = _hyperparameter(256, POINTS, "training points on the interval", "target and data")
    validation_points: int = _hyperparameter(
        128, POINTS, "validation points, uniform on the interval", "target and data"
    )
    evaluation_points: int = _hyperparameter(
        500, POINTS, "points of the grid that the errors are taken on", "target and data"
    )
    nodes: str = _hyperparameter(
        "uniform",
        Choice(NODE_NAMES),
        "where the training points lie; chebyshev is denser near the ends",
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
        "tanh", Choice(ACTIVATION_NAMES), "activation function of the hidden layers", "model"
    )
    first_layer_scale: float = _hyperparameter(
        1.0, RATE, "factor on the first layer's initial weights; more reaches higher frequencies", "model"
    )
    stages: int = _hyperparameter(
        1, Integer(1, 10, one), "networks, each fitted to what those before it leave; the model is their sum", "model"
    )
    function_weight: float = _hyperparameter(1.0, WEIGHT, "weight of MSE(f) in the loss", "loss", live=True)
    derivative_weight: float = _hyperparameter(
        1.0,
        WEIGHT,
        "weight of MSE(f') in the loss",
        "loss",
        live=True,
        key_steps=(KeyStep("derivative weight", "w", WEIGHT.step),),
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
    epochs: int = _hyperparameter(1200, Integer(1, 10**9, one_two_five), "full-batch steps to train", "run", live=True)
    stop_error: float = _hyperparameter(0.0, ERROR, "stop at this training MSE(f); 0 is never", "run", live=True)
    patience: int = _hyperparameter(
        0, Integer(0, 10**9), "stop after so many epochs without a lower validation loss; 0 is never", "run", live=True
    )
    max_seconds: float = _hyperparameter(
        0.0, SECONDS, "stop after so much time spent training; 0 is never", "run", live=True
    )
    seed: int = _hyperparameter(112652010, Integer(0, 2**63 - 1, one), "seed of the initial weights", "run")
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

    def __post_init__(self) -> None:
        for name, parameter in HYPERPARAMETERS.items():
            value = getattr(self, name)
            if name == "dtype" and not value:  # the optimizer, a field before, is checked by now
                value = OPTIMIZER_TRAITS[self.optimizer].dtype
            object.__setattr__(self, name, parameter.kind.check(name, value))
        if self.function_weight == 0 and self.derivative_weight == 0:
            raise ValueError("function_weight and derivative_weight must not both be 0: there is nothing to fit")
        if self.device == "mps" and self.dtype == "float64":
            raise ValueError("dtype must be float32 on device mps, which has no float64")

    def with_values(self, **values: Any) -> Self:
        """A copy with other values; raises ValueError as the constructor does.

        A dtype that is the optimizer's usual one follows a change of optimizer.
        """
        if "optimizer" in values and self.dtype == OPTIMIZER_TRAITS[self.optimizer].dtype:
            values = {"dtype": "", **values}
        return dataclasses.replace(self, **values)

    def to_json(self) -> dict[str, Any]:
        """The values as JSON has them: `hidden` a list."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in vars(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`; a field left out takes its default, an unknown one raises ValueError."""
        for name in values:
            if name not in HYPERPARAMETERS:
                raise ValueError(f"unknown hyperparameter {name!r}: must be one of {', '.join(HYPERPARAMETERS)}")
        return cls(**values)


HYPERPARAMETERS = {
    field.name: Hyperparameter(name=field.name, **field.metadata) for field in dataclasses.fields(Config)
}
