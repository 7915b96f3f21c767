"""Levenberg-Marquardt against dense algebra, and at the edges of what it can be given."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tui_runge.core.config import ACTIVATION_NAMES, Config
from tui_runge.problems import problem_of
from tui_runge.training.data import Dataset, dataset
from tui_runge.training.network import MLP, second_derivative, value_and_derivative
from tui_runge.training.objectives import ByTangents
from tui_runge.training.optimizers.gauss_newton import DualSystem, NormalEquations, smaller_system
from tui_runge.training.optimizers.levenberg_marquardt import LevenbergMarquardt
from tui_runge.training.trainer import Trainer

DOUBLE, CPU = torch.float64, torch.device("cpu")


def _objective(
    hidden: tuple[int, ...], activation: str, points: int, weights: tuple[float, ...], gaps: int = 0
) -> ByTangents:
    network = MLP(hidden, activation, 3, first_layer_scale=2.0, dtype=DOUBLE)
    problem = problem_of(Config(nodes="chebyshev", train_points=points, validation_points=3))
    train, validation = dataset(problem.training, DOUBLE, CPU), dataset(problem.validation, DOUBLE, CPU)
    if gaps:
        rows = torch.arange(points)[:, None] % gaps
        train = Dataset(train.x, train.y.masked_fill(rows == 1, torch.nan), train.dy.masked_fill(rows == 0, torch.nan))
    objective = ByTangents(network, train, validation)
    objective.set_loss_weights(*weights)
    objective.loss_terms()
    return objective


def _jacobian(objective: ByTangents) -> Tensor:
    """The weighted residuals' Jacobian (2n, p), or (3n, p) with smoothing, row by row by automatic differentiation."""
    network, n = objective.forward.network, objective.errors.shape[1]
    x = objective.forward.inputs[0][0, objective.forward.validation_points :][:n, None]
    value, derivative = value_and_derivative(network, x, create_graph=True)
    columns = (value, derivative, second_derivative(network, x, create_graph=True))[: len(objective.errors)]
    scaled = torch.cat(
        [column[:, 0] * root for column, root in zip(columns, objective.row_weights.sqrt(), strict=True)]
    )
    rows = []
    for residual in scaled:
        parts = torch.autograd.grad(residual, list(network.parameters()), retain_graph=True, allow_unused=True)
        filled = [
            torch.zeros_like(p) if part is None else part for p, part in zip(network.parameters(), parts, strict=True)
        ]
        pairs = zip(filled[::2], filled[1::2], strict=True)
        rows.append(torch.cat([torch.cat((w, b[:, None]), 1).flatten() for w, b in pairs]))
    return torch.stack(rows)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.sampled_from(ACTIVATION_NAMES),
    st.tuples(st.integers(1, 8), st.sampled_from([0, 2, 3])),
    st.sampled_from([(1.0, 1.0), (0.3, 7.0), (0.0, 2.0), (2.0, 0.0), (0.3, 7.0, 0.2)]),
    st.sampled_from([DualSystem, NormalEquations]),
)
def test_step_solves_the_damped_system(
    hidden: list[int],
    activation: str,
    points_and_gaps: tuple[int, int],
    weights: tuple[float, ...],
    kind: type[DualSystem | NormalEquations],
) -> None:
    points, gaps = points_and_gaps
    objective = _objective(tuple(hidden), activation, points, weights, gaps)
    jacobian = _jacobian(objective)
    residuals = (objective.row_weights.sqrt() * objective.errors).flatten()
    damping = 0.1
    matrix = jacobian.T @ jacobian + damping * torch.eye(jacobian.shape[1], dtype=DOUBLE)
    expected = torch.linalg.solve(matrix, jacobian.T @ residuals)
    equations = kind(objective)
    equations.build()
    step = equations.solve(damping)
    assert step is not None
    torch.testing.assert_close(step, expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("weights", [(1.0, 2.0), (1.0, 2.0, 0.1)])
@pytest.mark.parametrize("gaps", [0, 3])
def test_normal_equations_in_chunks(weights: tuple[float, ...], gaps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    objective = _objective((3,), "tanh", 11, weights, gaps)
    whole = NormalEquations(objective)
    whole.build()
    expected = whole.solve(0.1)
    monkeypatch.setattr("tui_runge.training.optimizers.gauss_newton.CHUNK", 100)
    parts = NormalEquations(objective)
    parts.build()
    torch.testing.assert_close(parts.solve(0.1), expected)


def test_the_smaller_system_is_taken() -> None:
    assert isinstance(smaller_system(_objective((3,), "tanh", 20, (1.0, 1.0))), NormalEquations)
    assert isinstance(smaller_system(_objective((30,), "tanh", 4, (1.0, 1.0))), DualSystem)


def test_too_large_a_system_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be <= 10000, got \d+ weights and 12000 residuals"):
        Trainer(Config(optimizer="lm", hidden=(150, 150), train_points=6000))


def test_a_system_that_is_not_positive_definite_raises_the_damping() -> None:
    objective = _objective((30,), "tanh", 12, (1.0, 1.0))
    equations = smaller_system(objective)
    equations.build()
    assert equations.solve(-1e3) is None
    optimizer = LevenbergMarquardt(objective, Config(optimizer="lm"))
    loss = objective.loss()
    optimizer.damping = 1e-29
    optimizer.step()
    assert optimizer.rejected > 0
    assert optimizer.damping > 1e-29
    assert objective.loss() < loss


def test_every_epoch_lowers_the_loss() -> None:
    trainer = Trainer(Config(optimizer="lm", hidden=(10, 10), train_points=40, epochs=30))
    while not trainer.ended_by:
        trainer.step()
    losses = trainer.history.curves().low[0]
    assert (losses[1:] < losses[:-1]).all()


@pytest.mark.parametrize("nodes", ["uniform", "chebyshev"])
def test_reaches_the_reports_errors_in_few_steps(nodes: str) -> None:
    trainer = Trainer(Config(optimizer="lm", hidden=(20, 20), first_layer_scale=5.0, nodes=nodes, epochs=60))
    while not trainer.ended_by:
        trainer.step()
    errors = trainer.evaluate()[1]
    assert errors.mse_f < 2.31e-8
    assert errors.mse_df < 9.18e-6
    assert errors.max_f < 2.87e-4
    assert errors.max_df < 8.66e-3


def test_settles_at_the_limit_of_the_arithmetic() -> None:
    trainer = Trainer(Config(optimizer="lm", hidden=(6,), train_points=2, epochs=2000, derivative_weight=0.0))
    while not trainer.ended_by:
        trainer.step()
    assert trainer.ended_by == "converged"
    assert trainer.evaluate()[1].mse_f < 1


def test_details_show_damping_and_rejections() -> None:
    trainer = Trainer(Config(optimizer="lm", hidden=(5,), train_points=9, epochs=2))
    assert trainer.details == (("damping", "1.0e-02"), ("rejected", "0"))
