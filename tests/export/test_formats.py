"""The formats: each file alone, compiled or run by what reads it, gives the numbers of the network."""

import ctypes
import itertools
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from tests.support.trained_runs import train as train_kept
from tui_runge import Config, load, train
from tui_runge.analysis.model_series import ModelSeries, model_series
from tui_runge.analysis.network import in_float64
from tui_runge.core.config import ACTIVATION_NAMES
from tui_runge.core.presets import PRESETS
from tui_runge.core.progress import Floats, Model, Progress
from tui_runge.core.scaling import Scaling
from tui_runge.core.settings import EXPORT_FORMATS
from tui_runge.export import exporter
from tui_runge.export.exported_model import ExportedModel
from tui_runge.export.exporter import ExportRequest, export
from tui_runge.export.formats import check_place, format_files, is_ours, provenance, save_model
from tui_runge.export.formats.latex import document, escape
from tui_runge.export.layout import FILES, FILES_OF_FORMATS
from tui_runge.export.loaded_model import LoadedModel
from tui_runge.runs.directory import RunsDirectory

Case = tuple[str, str, int, str]
"""A format, an activation, a number of networks and their type."""
Evaluate = Callable[[Floats], tuple[Floats, Floats]]
INTERVAL = (-2.0, 5.0)
X = np.linspace(*INTERVAL, 41)
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]


@pytest.fixture(scope="session")
def fitted(small: Config) -> Progress:
    """A run on an interval with units of its own."""
    return train(small.with_values(target="x sin(3x)", interval="-2,5"))


def with_model(progress: Progress, activation: str, stages: int, dtype: str) -> Progress:
    """The run with random weights, as large as trained ones are."""
    draw = np.random.default_rng(7).normal
    shapes = [(6, 2), (5, 7), (1, 6)]
    networks = tuple(tuple(draw(0, 1.5, shape).astype(dtype) for shape in shapes) for _ in range(stages))
    return replace(progress, model=Model(activation, (1.0, 0.01)[:stages], networks, Scaling(1.5, 3.5, 0.25, 2.0)))


def network(progress: Progress, x: Floats, *, own_type: bool = False) -> tuple[Floats, Floats]:
    """What torch makes of the run's network in float64, or in the network's own type."""
    assert progress.model is not None
    model = progress.model if own_type else in_float64(progress.model)
    f, df = ExportedModel(model)(torch.tensor(x)[:, None])
    return f[:, 0].numpy(), df[:, 0].numpy()


def largest_differences(found: tuple[Floats, Floats], expected: tuple[Floats, Floats]) -> list[float]:
    """Those of f and f', relative to the spread of each."""
    return [float(np.abs(a - b).max() / np.ptp(b)) for a, b in zip(found, expected, strict=True)]


def written(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def run_c(folder: Path, compiler: str = "gcc") -> Evaluate:
    library = folder / f"{compiler}.so"
    words = [compiler, *STRICT, "-shared", "-fPIC", str(folder / "model.c"), "-o", str(library), "-lm"]
    subprocess.run(words, check=True, capture_output=True)
    functions = ctypes.CDLL(str(library))
    functions.f.argtypes, functions.f.restype = [ctypes.c_double], ctypes.c_double
    functions.f_and_df.argtypes = [ctypes.c_double, ctypes.POINTER(ctypes.c_double)]
    functions.f_and_df.restype = ctypes.c_double

    def evaluate(x: Floats) -> tuple[Floats, Floats]:
        df = ctypes.c_double()
        rows = [(functions.f_and_df(at, ctypes.byref(df)), df.value) for at in x.tolist()]
        assert [functions.f(at) for at in x.tolist()] == [f for f, _ in rows]
        f_column, df_column = np.array(rows).T
        return f_column, df_column

    return evaluate


def run_numpy(folder: Path) -> Evaluate:
    evaluate: Evaluate = runpy.run_path(str(folder / "model.py"))["f_and_df"]
    return evaluate


def run_onnx(folder: Path) -> Evaluate:
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])

    def evaluate(x: Floats) -> tuple[Floats, Floats]:
        f, df = session.run(["f", "df"], {"x": x[:, None]})
        return f[:, 0], df[:, 0]

    return evaluate


def run_chebyshev(folder: Path) -> Evaluate:
    names = runpy.run_path(str(folder / "chebyshev.py"))
    return lambda x: (names["f"](x), names["df"](x))


def run_torch(folder: Path) -> Evaluate:
    program = torch.export.load(folder / "model.pt2").module()

    def evaluate(x: Floats) -> tuple[Floats, Floats]:
        f, df = program(torch.tensor(x)[:, None])
        return f[:, 0].detach().numpy(), df[:, 0].detach().numpy()

    return evaluate


RUNS: dict[str, Callable[[Path], Evaluate]] = {
    "c": run_c,
    "numpy": run_numpy,
    "onnx": run_onnx,
    "chebyshev": run_chebyshev,
    "torch": run_torch,
}
BOUNDS = {"c": 1e-14, "numpy": 1e-14, "onnx": 1e-13, "chebyshev": 1e-14, "torch": 1e-14}
"""The largest difference relative to the spread, in float64."""
SLOPE_OF_SERIES = 1e-10
"""A rounding in the coefficients of a series is one times the square of its degree in the slope at the ends."""
NATIVE = ("onnx", "torch")
"""Formats in which a network of float32 is evaluated in that."""


def agrees(case: Case, fitted: Progress, folder: Path) -> None:
    """Whether a format's files give the numbers of the network."""
    name, activation, networks, dtype = case
    if name == "c" and not COMPILERS:
        pytest.skip("there is no C compiler here")
    progress = with_model(fitted, activation, networks, dtype)
    evaluate = RUNS[name](written(format_files(progress, name), folder))
    assert progress.model is not None
    narrow = name in NATIVE and progress.model.stages[0][0].dtype == np.float32
    expected = network(progress, X, own_type=narrow)
    differences = largest_differences(evaluate(X), expected)
    if name == "chebyshev":
        assert differences.pop() < SLOPE_OF_SERIES
    assert max(differences) < (1e-6 if narrow else BOUNDS[name])


QUICK: list[Case] = [
    (name, activation, 1 + number % 2, ("float64", "float32")[number // 2 % 2])
    for name in ("c", "numpy", "onnx")
    for number, activation in enumerate(ACTIVATION_NAMES)
]
QUICK += [("chebyshev", "tanh", 2, "float64"), ("onnx", "gelu", 1, "float64")]
ALL: list[Case] = [
    case
    for case in itertools.product(RUNS, ACTIVATION_NAMES, (1, 2), ("float64", "float32"))
    if case[:2] != ("chebyshev", "relu")  # which has kinks
]


@pytest.mark.parametrize("case", QUICK, ids=str)
def test_each_format_gives_the_numbers_of_the_network(fitted: Progress, tmp_path: Path, case: Case) -> None:
    agrees(case, fitted, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("case", sorted(set(ALL) - set(QUICK)), ids=str)
def test_so_does_every_other_combination(fitted: Progress, tmp_path: Path, case: Case) -> None:
    agrees(case, fitted, tmp_path)


HOSTILE = 'a*/b/*c??/d"e\\'


@pytest.mark.parametrize("compiler", COMPILERS)
def test_nothing_that_a_user_can_write_ends_a_comment(
    fitted: Progress, tmp_path: Path, compiler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "rerun_command", lambda *_: HOSTILE + "\n#error\u2028\x1b")
    run = with_model(fitted, "tanh", 1, "float64")
    files = format_files(run, "c")
    assert b"\n#error" not in files["model.c"]
    evaluate = run_c(written(files, tmp_path), compiler)
    assert max(largest_differences(evaluate(X), network(run, X))) < BOUNDS["c"]
    assert runpy.run_path(str(written(format_files(run, "numpy"), tmp_path) / "model.py"))["f"](0.5).shape == ()


@pytest.mark.parametrize("name", [name for name in EXPORT_FORMATS if name not in ("torch", "pdf")])
def test_each_file_names_the_run_and_its_errors_and_how_to_check_it(fitted: Progress, name: str) -> None:
    run = replace(with_model(fitted, "tanh", 1, "float64"), run="20261125-1200-amber")
    files = format_files(run, name)
    assert list(files) == list(FILES_OF_FORMATS[name])
    texts = {file: content.decode(errors="replace") for file, content in files.items() if file != "chebyshev.py"}
    for text in texts.values():
        assert "run 20261125-1200-amber after epoch 5" in text
        assert f"MSE(f) {run.errors.mse_f:.2e}" in text
        assert "Check: " in text
        assert "runge-tui train" in text


def test_the_values_to_check_by_are_those_of_the_network(fitted: Progress) -> None:
    run = with_model(fitted, "silu", 2, "float64")
    text = format_files(run, "numpy")["model.py"].decode()
    values = np.array(re.findall(r"f\((.*)\) = (.*), f'\(.*\) = (.*)", text), dtype=float).T
    assert values[0].tolist() == pytest.approx([-2, 0.1, 5])
    assert max(largest_differences((values[1], values[2]), network(run, values[0]))) < 1e-13


def test_an_onnx_model_is_one_by_the_checker_and_says_whose_it_is(fitted: Progress) -> None:
    run = replace(with_model(fitted, "gelu", 2, "float32"), run="amber")
    model = onnx.load_from_string(format_files(run, "onnx")["model.onnx"])
    onnx.checker.check_model(model, full_check=True)
    assert {entry.key: entry.value for entry in model.metadata_props}["run"] == "amber"


# The series


def test_a_series_has_the_integral_and_the_roots_of_the_network(fitted: Progress) -> None:
    run = with_model(fitted, "sin", 1, "float64")
    assert run.model is not None
    series = model_series(run.model, INTERVAL)
    assert series.error < 1e-14
    nodes, weights = np.polynomial.legendre.leggauss(400)
    x = 1.5 + 3.5 * nodes
    assert series.integral == pytest.approx(3.5 * float(weights @ network(run, x)[0]), abs=1e-12)
    dense = network(run, np.linspace(*INTERVAL, 20001))[0]
    assert len(series.roots) == np.count_nonzero(np.diff(np.sign(dense))) > 0
    assert np.abs(network(run, np.array(series.roots))[0]).max() < 1e-12


def test_roots_at_places_that_are_looked_at_and_of_nothing_but_zeros() -> None:
    assert ModelSeries((0.0, 2.0), np.array([0.0, 1.0]), 0.0).roots == [1.0]
    assert ModelSeries((0.0, 2.0), np.array([1.0]), 0.0).roots == []
    assert ModelSeries((0.0, 2.0), np.array([3.0]), 0.0).integral == 6.0


def test_kinks_have_no_series(fitted: Progress) -> None:
    with pytest.raises(ValueError, match=r"no end within 16384 terms: it has kinks or is too steep .activation relu."):
        format_files(with_model(fitted, "relu", 1, "float32"), "chebyshev")


@pytest.mark.slow
def test_the_integral_of_runges_function_has_twelve_digits(tmp_path: Path) -> None:
    run = train(Config(**PRESETS["precise"].values))
    names = runpy.run_path(str(written(format_files(run, "chebyshev"), tmp_path) / "chebyshev.py"))
    assert float(names["integral"]()) == pytest.approx(0.549360306778006, abs=5e-13)
    assert names["values"]["error"] < 1e-15


# LaTeX


def test_a_text_that_a_user_wrote_is_escaped_letter_by_letter() -> None:
    assert escape(r"50% of a_b & {c} \d#$^~<>|") == (
        r"50\% of a\_b \& \{c\} \textbackslash{}d\#\$\textasciicircum{}\textasciitilde{}"
        r"\textless{}\textgreater{}\textbar{}"
    )
    assert escape("a--b,,c") == "a-{}-b,{},c"
    assert escape("f\u0302\u2032(x) = \u221250 x²") == r"$\hat{f}$$'$(x) = $-$50 x$^2$"
    assert escape("é中\u202e") == "é[U+4E2D][U+202E]"


def test_every_block_of_a_report_is_in_the_document(fitted: Progress) -> None:
    text = format_files(with_model(fitted, "tanh", 1, "float64"), "latex")["report.tex"].decode()
    for part in ("\\section*{Results}", "\\toprule", "\\includegraphics[width=.8\\linewidth]{loss_total.png}"):
        assert part in text
    body = text[text.index("\\begin{document}") :]
    begun, ended = (re.findall(rf"\\{word}{{(\w+)}}", body) for word in ("begin", "end"))
    assert sorted(begun) == sorted(ended)
    bare = re.sub(r"\\[{}]", "", body)
    assert bare.count("{") == bare.count("}")
    assert body.isascii() or not set(body) & set("′−×²\u0302")


LATEX = next((name for name in ("tectonic", "pdflatex") if shutil.which(name)), None)


@pytest.mark.slow
@pytest.mark.skipif(LATEX is None, reason="neither tectonic nor pdflatex is here")
def test_the_report_compiles(fitted: Progress, tmp_path: Path) -> None:
    assert LATEX is not None
    export(ExportRequest(fitted, formats=("latex",)), tmp_path)
    odd = document("# " + "".join(map(chr, range(33, 0x250))).replace("`", ""))
    preamble = (tmp_path / "report.tex").read_text(encoding="utf-8").partition("\\begin{document}")[0]
    (tmp_path / "odd.tex").write_text(preamble + odd, encoding="utf-8")
    options = ["-interaction=nonstopmode", "-halt-on-error"] if LATEX == "pdflatex" else []
    for name in ("report", "odd"):
        subprocess.run([LATEX, *options, f"{name}.tex"], cwd=tmp_path, check=True, capture_output=True)
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")


# Exports and files


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports whose figures, which take seconds, are not drawn."""
    monkeypatch.setattr(exporter, "draw", lambda *_: b"PNG")


@pytest.mark.usefixtures("undrawn")
def test_an_export_has_the_formats_asked_for_and_none_of_an_earlier_one(fitted: Progress, tmp_path: Path) -> None:
    run = with_model(fitted, "sin", 1, "float64")
    export(ExportRequest(run, formats=("c", "onnx", "latex")), tmp_path)
    asked = {file for name in ("c", "onnx", "latex") for file in FILES_OF_FORMATS[name]}
    assert {path.name for path in tmp_path.iterdir()} == set(FILES) | asked
    assert all(is_ours(tmp_path / file) for file in asked)
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert all(f"`{file}`" in report for file in asked)
    export(ExportRequest(run), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("name", ["model.py", "predict.py", "model.c"])
def test_a_file_of_somebody_elses_is_neither_replaced_nor_removed(fitted: Progress, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    if name == "model.c":
        check_place(tmp_path, ())
        export(ExportRequest(replace(fitted, model=None)), tmp_path)
    with pytest.raises(FileExistsError, match="runge-tui did not write what is there: name another folder"):
        export(ExportRequest(fitted, formats=("c",)), tmp_path)
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("name", [name for name in EXPORT_FORMATS if name != "pdf"])
def test_a_run_without_weights_is_handed_on_as_nothing(fitted: Progress, tmp_path: Path, name: str) -> None:
    run = replace(fitted, model=None, run="amber")
    with pytest.raises(ValueError, match=f"run amber has no finite weights to write as {name}"):
        export(ExportRequest(run, formats=(name,)), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_model_is_saved_to_a_folder_or_by_the_name_of_its_file(fitted: Progress, tmp_path: Path) -> None:
    model = LoadedModel(fitted.model, fitted) if fitted.model else pytest.fail("no model")
    assert model.save(tmp_path / "new" / "folder") == [tmp_path / "new" / "folder" / "model.py"]
    assert model.save(tmp_path / "fit.c", as_="c") == [tmp_path / "fit.h", tmp_path / "fit.c"]
    assert b'#include "fit.h"' in (tmp_path / "fit.c").read_bytes()
    assert model.save(tmp_path / "fit.json", as_="chebyshev")[1] == tmp_path / "fit.py"
    assert runpy.run_path(str(tmp_path / "fit.py"))["f"](0.5) == pytest.approx(float(model(0.5)), abs=1e-6)
    with pytest.raises(FileExistsError, match="there is such a file already"):
        model.save(tmp_path / "fit.py")


def test_what_cannot_be_saved_is_one_line(fitted: Progress, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"as_ must be one of c, numpy, onnx, chebyshev, torch, got 'latex'"):
        save_model(fitted, tmp_path, "latex")
    with pytest.raises(ValueError, match="the name of a C file must be letters"):
        save_model(fitted, tmp_path / 'a".c', "c")
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        save_model(fitted, tmp_path / "file", "c")
    with pytest.raises(ValueError, match="must be of a run to be saved"):
        LoadedModel(fitted.model).save(tmp_path) if fitted.model else None
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_loaded_model_is_saved_with_its_run(small: Config, tmp_path: Path) -> None:
    runs = RunsDirectory(tmp_path / "runs", "amber")
    train_kept(runs, small)
    folder = next((tmp_path / "runs").glob("*-amber"))
    (file,) = load(folder).save(tmp_path / "fit.py")
    assert folder.name in file.read_text(encoding="utf-8")
    words = [sys.executable, "-I", "-c", f"import runpy; print(runpy.run_path({str(file)!r})['f']([0.5, 1]).shape)"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "(2,)\n"
