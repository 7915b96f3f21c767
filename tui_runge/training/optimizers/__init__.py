"""Optimizers, one a file, by the names that `Config.optimizer` knows.

To add one, write its file, name its class here, and its traits in `core.config.OPTIMIZER_TRAITS`.
"""

from collections.abc import Callable
from functools import partial

from tui_runge.core.config import OPTIMIZER_TRAITS, Config
from tui_runge.training.objectives import Objective
from tui_runge.training.optimizers.adam import WEIGHT_DECAY, Adam
from tui_runge.training.optimizers.adam_then_lm import AdamThenLM
from tui_runge.training.optimizers.lbfgs import LBFGS
from tui_runge.training.optimizers.levenberg_marquardt import LevenbergMarquardt
from tui_runge.training.optimizers.optimizer import Optimizer, same_structure
from tui_runge.training.optimizers.sgd import SGD

__all__ = ["OPTIMIZERS", "Optimizer", "same_structure"]

OPTIMIZERS: dict[str, Callable[[Objective, Config], Optimizer]] = {
    "adam": Adam,
    "adamw": partial(Adam, weight_decay=WEIGHT_DECAY),
    "sgd": partial(SGD, momentum=OPTIMIZER_TRAITS["sgd"].momentum),
    "gd": partial(SGD, momentum=OPTIMIZER_TRAITS["gd"].momentum),
    "lbfgs": LBFGS,
    "lm": LevenbergMarquardt,
    "adam-lm": AdamThenLM,
}
