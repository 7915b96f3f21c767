"""Trains a run in the thread that asks for it, without commands: what a worker of a sweep does. Imports torch."""

from collections.abc import Callable, Sequence

import torch

from tui_runge.core.run_start import RunStart
from tui_runge.core.run_state import RecorderFactory
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.session.run import Run
from tui_runge.training.threads import threads


def train_unattended(
    start: RunStart,
    plan: Sequence[ScheduledChange],
    make_recorder: RecorderFactory,
    clock: Callable[[], float],
    stopping: Callable[[], bool],
) -> Run:
    """Train a run to its end, or until `stopping` says so between two epochs; its record is closed, not yet written.

    One thread computes where the configuration asks for no more. Raises ValueError and RuntimeError where it cannot be
    trained.
    """
    torch.set_num_threads(threads(start.config, 1))
    run = Run(start, plan, make_recorder, clock)
    while run.status == "running" and not stopping():
        run.advance()
    if run.status == "running":
        run.stop("stopped")
    run.release(0.0)
    return run
