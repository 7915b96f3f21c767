"""The tables and the model of measured points: every number as it was, in the user's units, and read back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.canned import gradients
from tests.support.measured_runs import atmosphere, copper, measured_run
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.progress import Progress
from tui_runge.export.exporter import ExportRequest, export
from tui_runge.export.layout import CURVE, FILES, FIT
from tui_runge.export.loaded_model import LoadedModel
from tui_runge.export.points import measured_points
from tui_runge.export.tables import curve_table, fit_table
from tui_runge.problems.points_file import parse_points
from tui_runge.problems.residuals import residual_deviation

SPARSE = MeasuredPoints.of(
    x=[3.0, 0.1, 1e-300, 2.0, 2.0, -0.0, 1.5, 1 / 3],
    f=[1.0, float("nan"), 0.3, 2.0, 2.5, 1.0, 0.7, float("nan")],
    df=[float("nan"), -4.0, 2.0, float("nan"), float("nan"), 1.0, 0.5, 1e300 / 3e299],
    held_out=[False, True, False, False, True, False, False, False],
    name="sparse.csv",
)
KINDS: dict[str, Callable[[], MeasuredPoints]] = {
    "no slopes": copper,
    "slopes": atmosphere,
    "holes, and parts of its own": lambda: SPARSE,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_points_come_back_from_the_table_bit_for_bit(kind: str) -> None:
    run = measured_run(KINDS[kind]())
    table = fit_table(run)
    assert table.startswith(b"x,f,df,f_hat,df_hat,part\n")
    assert parse_points(table, run.config.points.name if run.config.points else "") == measured_points(run)
    assert b"nan" not in table


def column(run: Progress, number: int) -> list[str]:
    return [line.split(",")[number] for line in fit_table(run).decode().splitlines()[1:]]


def test_the_network_is_given_at_the_points_in_their_order() -> None:
    run = measured_run(copper())
    f_hat, part = np.array(column(run, 3), dtype=float), np.array(column(run, 5))
    held_out = part == "validation"
    assert 0 < held_out.sum() < len(part) == 236
    assert np.mean((f_hat - copper().f)[held_out] ** 2) == pytest.approx(run.errors.mse_f, rel=1e-12)
    assert np.mean((f_hat - copper().f)[~held_out] ** 2) == pytest.approx(run.loss("train_function"), rel=1e-12)
    assert set(column(run, 2)) == {""}


def test_the_residual_is_that_of_all_points() -> None:
    run = measured_run(copper())
    residual = np.array(column(run, 3), dtype=float) - copper().f
    assert residual_deviation(run) == pytest.approx(np.sqrt(np.mean(residual**2)), rel=1e-12)
    none_held_out = measured_run(copper(), validation_fraction=0.0)
    assert residual_deviation(none_held_out) == pytest.approx(none_held_out.loss("train_function") ** 0.5)


def test_without_its_model_the_points_are_all_the_same_there() -> None:
    run = replace(measured_run(copper()), model=None)
    assert set(column(run, 3)) == {""}
    assert parse_points(fit_table(run), "copper") == measured_points(run)


def test_the_curve_is_that_of_the_grid() -> None:
    run = measured_run(atmosphere())
    header, *rows = curve_table(run).decode().splitlines()
    assert header == "x,f_hat,df_hat"
    table = np.array([row.split(",") for row in rows], dtype=float).T
    assert table.tolist() == [run.fit.x.tolist(), run.fit.f_hat.tolist(), run.fit.df_hat.tolist()]


def test_an_export_has_the_network_at_the_points(tmp_path: Path) -> None:
    run = replace(measured_run(copper()), gradients=gradients(40, of_df=0.0))
    export(ExportRequest(run), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*FILES, CURVE}
    assert (tmp_path / FIT).read_bytes() == fit_table(run)


# The model


def in_units(points: MeasuredPoints, x: float, f: float, f_center: float = 0.0) -> MeasuredPoints:
    return MeasuredPoints.of(points.x * x, points.f * f + f_center, points.df * f / x, name=points.name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "points", [copper(), in_units(atmosphere(), 1e6, 1e-3), in_units(atmosphere(), 1e-3, 1.0, 1e7)]
)
def test_the_model_is_in_the_users_units(points: MeasuredPoints, dtype: str) -> None:
    run = measured_run(points, dtype=dtype)
    assert run.model is not None
    layers = tuple(layer.astype(dtype) for layer in run.model.stages[0])
    model = LoadedModel(replace(run.model, stages=(layers,)))
    tolerance = {"float32": 1e-5, "float64": 1e-12}[dtype]
    for fitted, mine in ((run.fit.f_hat, model(run.fit.x)), (run.fit.df_hat, model.derivative(run.fit.x))):
        np.testing.assert_allclose(mine, fitted, atol=tolerance * np.ptp(fitted))


def test_a_model_of_float32_tells_places_apart_that_are_far_from_zero() -> None:
    points = MeasuredPoints.of(1e9 + atmosphere().x, atmosphere().f)
    run = measured_run(points)
    assert run.model is not None
    layers = tuple(layer.astype(np.float32) for layer in run.model.stages[0])
    model = LoadedModel(replace(run.model, stages=(layers,)))
    np.testing.assert_allclose(model(run.fit.x), run.fit.f_hat, atol=1e-4 * np.ptp(run.fit.f_hat))
