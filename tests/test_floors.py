"""The folders of the package are floors: imports run downward only, and heavy libraries stay where they belong."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import tui_runge

PACKAGE = Path(tui_runge.__file__).parent
FLOORS = ("core", "problems", "training", "session", "runs", "analysis", "export", "sweeps", "tui", "cli")
"""From the ground up: a folder imports nothing from those after it."""
LIBRARIES = {
    "torch": {"training", "session", "export"},
    "matplotlib": {"export"},
    "fpdf": {"export"},
    "PIL": {"export"},
    "scipy": {"analysis"},
    "optuna": {"sweeps"},
    "submitit": {"sweeps"},
    "tensorboard": {"export"},
    "onnx": {"export"},
    "textual": {"tui"},
    "plotext": {"tui"},
}
"""The folders that may import a heavy library."""
SOURCES = sorted(PACKAGE.rglob("*.py"))


def imports(node: ast.AST, at_run_time: bool = True) -> Iterator[str]:
    """The modules that a syntax tree imports, those of functions included."""
    match node:
        case ast.Import(names):
            yield from (name.name for name in names)
        case ast.ImportFrom(module=str(module), names=names, level=0):
            yield from (f"{module}.{name.name}" for name in names)
        case ast.ImportFrom():
            raise AssertionError("a relative import")
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) if at_run_time:
            return
    for child in ast.iter_child_nodes(node):
        yield from imports(child, at_run_time)


def floor(name: str) -> int:
    """The number of the floor that a module stands on; above all others for one outside the folders."""
    names = name.split(".")
    return FLOORS.index(names[1]) if names[1:2] and names[1] in FLOORS else len(FLOORS)


def dotted(source: Path) -> str:
    return ".".join(("tui_runge", *source.relative_to(PACKAGE).with_suffix("").parts))


@pytest.mark.parametrize("source", SOURCES, ids=dotted)
def test_imports_run_downward_between_folders(source: Path) -> None:
    for module in imports(ast.parse(source.read_text(encoding="utf-8")), at_run_time=False):
        if module.startswith("tui_runge.") and module != "tui_runge.__version__":
            assert floor(module) <= floor(dotted(source)), f"{dotted(source)} imports {module}"


def test_no_imports_run_in_a_circle() -> None:
    modules = {dotted(source).removesuffix(".__init__"): source for source in SOURCES}
    graph = {
        name: {
            part
            for module in imports(ast.parse(source.read_text(encoding="utf-8")))
            for part in (module, module.rpartition(".")[0])
            if part in modules and part not in (name, "tui_runge")
        }
        for name, source in modules.items()
    }
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("source", SOURCES, ids=dotted)
def test_a_heavy_library_is_imported_only_in_its_folders(source: Path) -> None:
    for module in imports(ast.parse(source.read_text(encoding="utf-8"))):
        library, folder = module.partition(".")[0], source.relative_to(PACKAGE).parts[0]
        assert folder in LIBRARIES.get(library, {folder}), f"{dotted(source)} imports {library}"


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("tui_runge", {"torch", "matplotlib", "textual", "numpy"}),
        ("tui_runge.core.config", {"torch", "matplotlib", "textual", "numpy"}),
        ("tui_runge.core.settings", {"torch", "matplotlib", "textual", "numpy"}),
        ("tui_runge.core.formula", {"torch", "matplotlib", "textual", "numpy", "sympy"}),
        ("tui_runge.problems.library", {"torch", "matplotlib", "textual", "numpy", "sympy"}),
        ("tui_runge.problems.expression", {"torch", "matplotlib", "textual", "numpy", "sympy"}),
        ("tui_runge.core.progress", {"torch", "matplotlib", "textual"}),
        ("tui_runge.session.session", {"torch", "matplotlib", "textual", "numpy"}),
        ("tui_runge.runs.store", {"torch", "matplotlib", "textual", "scipy", "sympy"}),
        ("tui_runge.analysis.units", {"torch", "matplotlib", "textual"}),
        ("tui_runge.export.exporter", {"torch", "matplotlib", "textual"}),
        ("tui_runge.sweeps.local", {"torch", "matplotlib", "textual", "scipy", "optuna"}),
        ("tui_runge.sweeps.slurm", {"torch", "matplotlib", "textual", "scipy", "submitit"}),
        ("tui_runge.cli", {"torch", "matplotlib", "textual", "numpy", "rich", "scipy"}),
        ("tui_runge.cli.predict", {"torch", "matplotlib", "textual", "rich", "scipy", "sympy"}),
        ("tui_runge.tui.preferences", {"torch", "matplotlib", "textual", "numpy"}),
        ("tui_runge.tui.app", {"torch", "matplotlib", "plotext", "numpy", "rich.progress", "scipy"}),
    ],
)
def test_importing_a_module_is_light(module: str, absent: set[str]) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert absent.isdisjoint(loaded)
