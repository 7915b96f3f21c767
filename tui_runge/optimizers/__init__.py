"""Optimisation methods, one a file, by the names that `Config.optimizer` knows."""

from collections.abc import Callable

from tui_runge.config import OPTIMIZERS, Config
from tui_runge.objectives import Objective
from tui_runge.optimizers.adam import Adam, AdamW
from tui_runge.optimizers.chain import AdamThenLM
from tui_runge.optimizers.lbfgs import LBFGS
from tui_runge.optimizers.levenberg_marquardt import LevenbergMarquardt
from tui_runge.optimizers.method import Method, alike
from tui_runge.optimizers.sgd import SGD

__all__ = ["METHODS", "Method", "alike"]

METHODS: dict[str, Callable[[Objective, Config], Method]] = dict(
    zip(OPTIMIZERS, (Adam, AdamW, SGD, LBFGS, LevenbergMarquardt, AdamThenLM), strict=True)
)
