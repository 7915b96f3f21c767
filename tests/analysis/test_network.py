"""A model evaluated in NumPy is the one that torch evaluates, and its units make it up."""

import numpy as np
import pytest

from tui_runge.analysis.network import evaluate
from tui_runge.analysis.units import contributions
from tui_runge.core.config import ACTIVATION_NAMES, Config
from tui_runge.core.progress import Model
from tui_runge.core.scaling import IDENTITY, Scaling
from tui_runge.export.loaded_model import LoadedModel

X = np.linspace(-3, 5, 41)


def model(activation: str, stages: int = 1, scaling: Scaling = IDENTITY, dtype: str = "float64") -> Model:
    config = Config(hidden=(5, 7), activation=activation)
    count = 2 * 5 + 6 * 7 + 8
    weights = np.random.default_rng(3).normal(size=(stages, count)).astype(dtype)
    return Model.of(config, [10.0**-stage for stage in range(stages)], list(weights), scaling)


MODELS = {
    **{name: model(name) for name in ACTIVATION_NAMES},
    "three stages": model("tanh", stages=3),
    "other units": model("tanh", stages=2, scaling=Scaling(100.0, 30.0, -7.0, 1e4)),
    "single precision": model("gelu", dtype="float32"),
}


@pytest.mark.parametrize("name", MODELS)
def test_numpy_evaluates_what_torch_does(name: str) -> None:
    tolerance = 1e-5 if name == "single precision" else 1e-12
    for ours, torchs in zip(evaluate(MODELS[name], X), LoadedModel(MODELS[name]).at(X), strict=True):
        np.testing.assert_allclose(ours, torchs, rtol=0, atol=tolerance * np.abs(torchs).max())


@pytest.mark.parametrize("derivative", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_the_contributions_of_the_units_sum_to_the_fit(name: str, derivative: bool) -> None:
    parts = contributions(MODELS[name], X, derivative=derivative, most=4)
    fit = evaluate(MODELS[name], X)[derivative]
    tolerance = 1e-6 if name == "single precision" else 1e-14
    size = np.abs(parts.largest).max() + np.abs(fit).max()
    np.testing.assert_allclose(parts.largest.sum(axis=0) + parts.rest, fit, rtol=0, atol=10 * tolerance * size)


def test_the_largest_contributions_come_first_and_have_their_units_names() -> None:
    stages = MODELS["three stages"]
    parts = contributions(stages, X, derivative=False, most=21)
    sizes = np.square(parts.largest).mean(axis=1)
    assert (np.diff(sizes) <= 0).all()
    assert set(parts.units) == {(stage, unit) for stage in (1, 2, 3) for unit in range(1, 8)}
    assert np.ptp(parts.rest) == 0


def test_extreme_weights_are_looked_at_without_a_warning() -> None:
    for name in ACTIVATION_NAMES:
        wild = Model.of(Config(hidden=(2,), activation=name), (1.0,), [np.full(7, 1e300)])
        evaluate(wild, X)
        contributions(wild, X, derivative=True, most=1)
