"""A run that never trains: progress made of formulas, and a session that plays it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from tui_runge.core.commands import Command, RequestExport, Stop
from tui_runge.core.config import Config
from tui_runge.core.errors import Errors
from tui_runge.core.gradient_samples import GradientSamples, is_sampled
from tui_runge.core.history import History
from tui_runge.core.progress import Change, Fit, Floats, Model, Progress, Status
from tui_runge.core.run_start import RunStart
from tui_runge.core.run_state import RunState
from tui_runge.problems import read_data
from tui_runge.problems.library import NAMED_FUNCTIONS
from tui_runge.runs.folder import RunFolder
from tui_runge.runs.store import RunStore
from tui_runge.session.session import Session


def progress(status: Status = "running", epoch: int = 740, config: Config | None = None, **values: Any) -> Progress:
    """A progress such as the report's run makes, the same on every machine."""
    history = History()
    for step in range(epoch):
        function, derivative = 0.15 * np.exp(-step / 60) + 3e-8, 2.0 * np.exp(-step / 90) + 9e-6
        history.append(
            (
                function + derivative,
                function,
                derivative,
                *(1.1 * x for x in (function + derivative, function, derivative)),
            )
        )
    x = np.linspace(-1, 1, 101)
    target = NAMED_FUNCTIONS["runge"].truth
    wave = 0.02 * np.cos(9 * x)
    fit = Fit(x, target.f(x), target.df(x), target.f(x) + wave, target.df(x) - 9 * wave)
    errors = Errors(mse_f=2.31e-8, mse_df=9.99e-6, max_f=2.87e-4, max_df=9.1e-3)
    values = {
        "times": np.linspace(0, 0.9, epoch),
        "ended_by": "epochs" if status == "finished" else "",
        "gradients": gradients(epoch),
        "sharpness": sharpness(epoch),
        **values,
    }
    return Progress(config or Config(), status, epoch, history.curves(), fit, errors, 0.9, 822.0, **values)


def gradients(epoch: int, of_df: float = 1.0) -> GradientSamples:
    """Gradients such as the report's run has, that of f' so many times as large: f and f' part in its middle."""
    sampled = [epochs for epochs in range(epoch) if is_sampled(epochs, second_order=False)]
    return GradientSamples.of(
        (
            epochs + 1,
            np.exp(-epochs / 150) + 1e-3,
            of_df * (2 * np.exp(-epochs / 180) + 4e-3),
            np.cos(epochs / 300) if of_df else np.nan,
        )
        for epochs in sampled
    )


def sharpness(epoch: int) -> Floats:
    """A sharpness that rises to the limit of the report's learning rate, as if it had been measured from the start."""
    epochs = np.arange(0.0, epoch + 1, 60)
    return np.stack((epochs, 2000 * (1 - 0.9 * np.exp(-epochs / 200)), np.full_like(epochs, 1e-3)), axis=1)


HAHN1 = (
    np.polynomial.Polynomial((1.0776351733, -0.12269296921, 4.086375061e-3, -1.4262662514e-6)),
    np.polynomial.Polynomial((1.0, -5.7609940901e-3, 2.4053735503e-4, -1.2314450199e-7)),
)
"""The numerator and the denominator of the certified model of copper's expansion."""
COPPER = read_data(Config(data="example:copper"))


def copper_progress(status: Status = "running", epoch: int = 740, **values: Any) -> Progress:
    """A progress such as a run on the copper example makes: slopes are not known."""
    history = History()
    for step in range(epoch):
        function = 30.0 * np.exp(-step / 40) + 7e-3
        history.append((function, function, np.nan, 1.2 * function, 1.2 * function, np.nan))
    x = np.linspace(14, 852, 101)
    unknown = np.full_like(x, np.nan)
    (p, dp), (q, dq) = ((curve(x), curve.deriv()(x)) for curve in HAHN1)
    fit = Fit(x, unknown, unknown, p / q, (dp * q - p * dq) / q**2)
    errors = Errors(mse_f=7.8e-3, mse_df=np.nan, max_f=0.31, max_df=np.nan)
    values = {
        "times": np.linspace(0, 0.9, epoch),
        "best_epoch": 600,
        "gradients": gradients(epoch, of_df=0.0),
        "sharpness": sharpness(epoch),
        "losses": tuple(history.curves().last.tolist()),
        **values,
    }
    return Progress(COPPER, status, epoch, history.curves(), fit, errors, 0.9, 822.0, **values)


MODEL = Model.of(Config(hidden=(2,)), (1.0,), [np.linspace(-1, 1, 7, dtype=np.float32)])
CHANGED = (Change(epoch=300, name="derivative_weight", before=1.0, after=2.0),)


class CannedSession(Session):
    """Publishes what it is given, then only keeps the commands it is sent, until it is told to stop."""

    def __init__(
        self,
        start: RunStart,
        publish: Callable[[Progress], object] = lambda _: None,
        first: Progress | None = None,
        refuse: Callable[[Command, str], object] = lambda *_: None,
    ) -> None:
        super().__init__(start, publish, refuse=refuse)
        self.sent: list[Command] = []
        self._canned = first
        self._stop = Event()

    def send(self, command: Command) -> None:
        self.sent.append(command)
        if isinstance(command, Stop):
            self._stop.set()
        if command == RequestExport() and self._canned is not None:
            self._publish(replace(self._canned, model=MODEL, to_export=True))

    def run(self) -> None:
        if self._canned is not None:
            self._publish(self._canned)
        self._stop.wait(60)
        self.ended.set()


def keep(runs: Path, name: str, shown: Progress | None = None, note: str = "") -> None:
    """A run's folder with this progress, as the program writes it, but for the trainer's weights."""
    shown = shown or progress("finished", epoch=20)
    shown = replace(shown, config=replace(shown.config, evaluation_points=shown.fit.x.size))
    history, clock = History(), History(series=1)
    low = shown.curves.low
    for epoch in range(shown.epoch):
        history.append(tuple(low[:, min(epoch, low.shape[1] - 1)].tolist()))
        clock.append((0.01 * epoch,))
    folder = RunFolder(runs / name, {"created": WHEN, "config": shown.config.to_json(), "plan": [], "parent": ""})
    trainer = {"history": history.state_dict(), "epoch": shown.epoch, "weights": [], "sizes": []}
    folder.write(RunState(shown, (), trainer, clock.state_dict()))
    folder.release()
    if note:
        RunStore(runs).note(name, note)


WHEN = "2026-11-23T17:12:00.000+00:00"
