"""What the methods gain, as ratios taken in one run on one core.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.methods

Only ratios mean something: times are taken side by side with the report's own loop, on whatever machine this is. JENN
and DeepXDE join the comparison where they are installed: `pip install .[benchmark]`.
"""

import itertools
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import torch
from rich import box
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from tui_runge.core.config import TARGET_NAMES, Config
from tui_runge.core.errors import Errors
from tui_runge.core.presets import PRESETS
from tui_runge.problems import problem_of
from tui_runge.problems.library import REPORT as REFERENCE
from tui_runge.training.data import dataset
from tui_runge.training.losses import errors
from tui_runge.training.network import value_and_derivative
from tui_runge.training.trainer import Trainer

REPORT = REFERENCE.errors
CPU = torch.device("cpu")
CONSOLE = Console(width=140)
ROUNDS = 5


class ReportLoop:
    """The report's experiment as it is written there: `torch.autograd.grad` and `torch.optim.Adam`, no validation."""

    def __init__(self, hidden: tuple[int, ...] = (64, 64), points: int = 256) -> None:
        torch.manual_seed(112652010)
        layers: list[nn.Module] = []
        for inputs, outputs in zip((1, *hidden), hidden, strict=False):
            layers += [nn.Linear(inputs, outputs), nn.Tanh()]
        self.model = nn.Sequential(*layers, nn.Linear(hidden[-1], 1))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.data = dataset(problem_of(Config(train_points=points)).training, torch.float32, CPU)

    def step(self) -> None:
        """One epoch."""
        self.optimizer.zero_grad()
        value, derivative = value_and_derivative(self.model, self.data.x, create_graph=True)
        loss = (value - self.data.y).square().mean() + (derivative - self.data.dy).square().mean()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()

    def errors(self) -> Errors:
        """On the report's grid."""
        grid = dataset(problem_of(Config()).evaluation, torch.float32, CPU)
        return errors(value_and_derivative(self.model, grid.x), grid)


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """The processor's time that calling `work` so many times takes: others on the machine do not count."""
    start = process_time()
    for _ in range(times):
        work()
    return process_time() - start


def table(title: str, *columns: str) -> Table:
    """An empty table that prints as Markdown."""
    return Table(*columns, title=title, box=box.MARKDOWN, title_justify="left")


def four(found: Errors) -> list[str]:
    """The four errors as cells."""
    return [f"{value:.1e}" for value in (found.mse_f, found.mse_df, found.max_f, found.max_df)]


def products_alone(hidden: tuple[int, ...], points: int, others: int) -> Callable[[], object]:
    """The matrix products of an epoch and nothing else."""
    sizes = (1, *hidden, 1)
    triples = [
        (torch.randn(b, a + 1), torch.randn(a + 1, 2 * (points + others)), torch.randn(b, 2 * points))
        for a, b in itertools.pairwise(sizes)
    ]

    def run() -> None:
        for weight, inputs, back in triples:
            torch.mm(weight, inputs)
            torch.mm(back, inputs[:, : 2 * points].t())
            torch.mm(weight[:, :-1].t(), back)

    return run


def speed() -> Table:
    """Epochs a second against the report's loop and against the matrix products alone, float32, 256 points."""
    title = "Epochs a second, 256 points, float32"
    rows = table(title, "hidden", "report's loop", "runge-tui", "ratio", "of the products alone")
    for hidden in ((64, 64), (20, 20), (128, 128, 128), (32,)):
        ours, report, products = Trainer(Config(hidden=hidden)), ReportLoop(hidden), products_alone(hidden, 256, 128)
        works = (report.step, ours.step, products)
        best = [min(times) for times in zip(*([seconds(w, 100) for w in works] for _ in range(ROUNDS)), strict=True)]
        theirs, mine, limit = (100 / time for time in best)
        rows.add_row(
            ",".join(map(str, hidden)), f"{theirs:.0f}", f"{mine:.0f}", f"{mine / theirs:.2f}x", f"{mine / limit:.0%}"
        )
    return rows


def reaches(found: Errors) -> bool:
    """Whether all four of the report's errors are reached."""
    pairs = zip(vars(found).values(), vars(REPORT).values(), strict=True)
    return all(ours <= theirs for ours, theirs in pairs)


def time_to_report(config: Config) -> tuple[float, Trainer]:
    """Training time until all four of the report's errors are reached; looking is not part of it."""
    trainer, time = Trainer(config), 0.0
    while not trainer.ended_by and not reaches(trainer.evaluate()[1]):
        time += seconds(trainer.step)
    return time, trainer


def time_to_errors() -> Table:
    """How much sooner second-order methods have the report's errors."""
    rows = table("Time to all four of the report's errors", "method", "epochs", "ratio of times", *vars(REPORT))
    for name, config in {
        "lm, the report's network and points": Config(optimizer="lm"),
        "preset precise": PRESETS["precise"].config(),
    }.items():
        rounds = [(seconds(ReportLoop().step, 1200), time_to_report(config)) for _ in range(3)]
        report, ours = min(r for r, _ in rounds), min(o for _, (o, _) in rounds)
        trainer = rounds[0][1][1]
        rows.add_row(name, str(trainer.epoch), f"{report / ours:.1f}x", *four(trainer.evaluate()[1]))
    return rows


def precision(limit: float) -> Table:
    """The errors of the preset precise after so many seconds of training."""
    rows = table(f"Preset precise, {limit:g} s of training", "target", "epochs", "stage", *vars(REPORT))
    for target in TARGET_NAMES:
        trainer, time = Trainer(PRESETS["precise"].config(target=target)), 0.0
        while not trainer.ended_by and time < limit:
            time += seconds(trainer.step)
        rows.add_row(target, str(trainer.epoch), str(trainer.stage), *four(trainer.evaluate()[1]))
    return rows


def jenn(data: dict[str, np.ndarray[Any, Any]], rate: float) -> tuple[float, Errors]:
    """JENN on the report's network, points and epochs, with the decay rates of the report's Adam."""
    from jenn.core.model import NeuralNet

    network = NeuralNet([1, 64, 64, 1])
    train = (data["x"].T, data["y"].T, data["dy"].T[:, None])
    time = seconds(lambda: network.fit(*train, alpha=rate, beta2=0.999, max_iter=1200, random_state=1))
    value, slope = network(data["grid"].T)
    return time, _judge(torch.from_numpy(value.T.copy()), torch.from_numpy(slope[0].T.copy()))


def deepxde(data: dict[str, np.ndarray[Any, Any]]) -> tuple[float, Errors]:
    """DeepXDE on PyTorch with Adam, on the report's network, points and epochs."""
    os.environ["DDE_BACKEND"] = "pytorch"
    import deepxde as dde

    dde.config.set_random_seed(1)
    x = data["x"].astype(np.float32)
    conditions = [
        dde.icbc.PointSetBC(x, data["y"].astype(np.float32)),
        dde.icbc.PointSetOperatorBC(x, data["dy"].astype(np.float32), lambda x, y, _: dde.grad.jacobian(y, x)),
    ]
    problem = dde.data.PDE(dde.geometry.Interval(-1, 1), None, conditions)
    model = dde.Model(problem, dde.nn.FNN([1, 64, 64, 1], "tanh", "Glorot uniform"))
    model.compile("adam", lr=1e-3, verbose=0)
    time = seconds(lambda: model.train(iterations=1200, display_every=1200, verbose=0))
    grid = data["grid"].astype(np.float32)
    value = torch.from_numpy(model.predict(grid))
    slope = torch.from_numpy(model.predict(grid, operator=lambda x, y: dde.grad.jacobian(y, x)))
    return time, _judge(value, slope)


def _judge(value: Tensor, slope: Tensor) -> Errors:
    return errors((value, slope), dataset(problem_of(Config()).evaluation, value.dtype, CPU))


@contextmanager
def silence() -> Iterator[None]:
    """Swallow what others print."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stdout, stdout = nowhere, sys.stdout
        try:
            yield
        finally:
            sys.stdout = stdout


def peers() -> Table:
    """Other libraries on the report's network, points and epochs."""
    rows = table("1-64-64-1, 256 points, 1200 epochs", "method", "time to report's", *vars(REPORT))
    problem = problem_of(Config())
    sets = {"x": dataset(problem.training, torch.float64, CPU), "grid": dataset(problem.evaluation, torch.float64, CPU)}
    data = {"x": sets["x"].x, "y": sets["x"].y, "dy": sets["x"].dy, "grid": sets["grid"].x}
    arrays = {name: column.numpy() for name, column in data.items()}
    report = ReportLoop()
    time = seconds(report.step, 1200)
    rows.add_row("the report's loop", "1.00", *four(report.errors()))
    ours = Trainer(Config())
    took = seconds(ours.step, 1200)
    rows.add_row("runge-tui, the same epochs", f"{took / time:.2f}", *four(ours.evaluate()[1]))
    runs: dict[str, tuple[str, Callable[[], tuple[float, Errors]]]] = {
        "JENN, rate 1e-3": ("jenn", lambda: jenn(arrays, 1e-3)),
        "JENN, rate 1e-2": ("jenn", lambda: jenn(arrays, 1e-2)),
        "DeepXDE, Adam": ("deepxde", lambda: deepxde(arrays)),
    }
    for name, (library, run) in runs.items():
        if find_spec(library) is None:
            rows.add_row(name, "not installed", *[""] * 4)
            continue
        with silence():
            took, found = run()
        rows.add_row(name, f"{took / time:.2f}", *four(found))
    return rows


def memory() -> str:
    """The process's largest memory so far, after Levenberg-Marquardt at 2048 points."""
    trainer = Trainer(Config(optimizer="lm", train_points=2048))
    trainer.step()
    return f"lm at 2048 points: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most"


def main() -> None:
    """Print every table."""
    torch.set_num_threads(1)
    CONSOLE.print(memory())
    for make in (speed, time_to_errors, lambda: precision(10.0), peers):
        CONSOLE.print(make())


if __name__ == "__main__":
    main()
