"""How long a sweep will take, from one run that was measured."""

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from time import perf_counter

from tui_runge.core.config import Config
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.plan import SweepPlan, setting_config

COST = (
    "hidden",
    "optimizer",
    "train_points",
    "validation_points",
    "batch_size",
    "activation",
    "stages",
    "dtype",
    "device",
)
"""The hyperparameters that the time of an epoch hangs on."""
LOOKED_AT = 50
"""Kept runs, the newest, among which a like one is looked for."""
LEAST_SECONDS = 0.1
"""Of training that say how fast a run is."""
MEASURED_SECONDS = 0.5
WARM_EPOCHS = 5


def estimate(plan: SweepPlan, directory: RunsDirectory, jobs: int) -> tuple[float, str]:
    """The seconds that the runs of a plan take, so many at a time, and what that was taken from.

    That is the newest kept run that is like the one in the plan's middle, else such a run, trained for a moment and not
    kept. Others take as long an epoch. Raises what training raises.
    """
    config = directory.read_data(plan.config(plan.runs[len(plan.runs) // 2]) if plan.runs else plan.base)
    speed, source = next(_kept_speeds(config, directory), None) or (
        _measured_speed(config),
        "a run trained for a moment",
    )
    settings = Counter(run.setting for run in plan.runs)
    epochs = sum(number * setting_config(plan.base, setting).epochs for setting, number in settings.items())
    epochs += (plan.size - len(plan.runs)) * plan.base.epochs
    lanes = min(jobs, plan.size)
    return epochs / speed / lanes, f"as fast as {source}, {speed:.0f} epochs/s, once torch is loaded"


def _kept_speeds(config: Config, directory: RunsDirectory) -> Iterator[tuple[float, str]]:
    """The epochs/s and the names of kept runs whose epochs cost as much, the newest first."""
    for name in islice(directory.runs.names(), LOOKED_AT):
        run = directory.runs.summary(name)
        same = all(getattr(run.config, each) == getattr(config, each) for each in COST)
        if same and run.epoch and run.seconds >= LEAST_SECONDS:
            yield run.epoch / run.seconds, f"run {name}"


def _measured_speed(config: Config) -> float:
    """The epochs/s of a short run, in a process of its own, which imports torch."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure_speed, config).result()


def measure_speed(config: Config) -> float:
    """The epochs/s at which a configuration trains in this process; raises what training raises."""
    from tui_runge.core.run_start import New
    from tui_runge.core.run_state import NullRecorder
    from tui_runge.session.unattended import train_unattended

    endings: list[float] = []

    def stopping() -> bool:
        endings.append(perf_counter())
        return len(endings) > WARM_EPOCHS + 1 and endings[-1] - endings[WARM_EPOCHS] > MEASURED_SECONDS

    train_unattended(New(config.with_values(epochs=10**9)), (), NullRecorder, perf_counter, stopping)
    first = min(WARM_EPOCHS, len(endings) - 2)
    return (len(endings) - 1 - first) / (endings[-1] - endings[first]) if first >= 0 else float("nan")
