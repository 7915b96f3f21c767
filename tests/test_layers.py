"""Imports run downward only, and what is heavy is imported only where it is used."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tui_runge

PACKAGE = Path(tui_runge.__file__).parent
LAYERS = (
    {"files", "kinds", "targets", "preload", "background"},
    {"config", "preferences"},
    {"presets"},
    {"options"},
    {"history"},
    {"progress"},
    {"plan"},
    {"saved"},
    {"commands"},
    {"start"},
    {"data", "model", "losses"},
    {"activations", "schedules"},
    {"tangents"},
    {"objectives"},
    {"optimizers"},
    {"stages"},
    {"training"},
    {"run", "fitted"},
    {"session"},
    {"figures", "metrics", "board", "discussion", "tables"},
    {"report"},
    {"export", "runs"},
    {"exporting", "tui_runge"},
    {"headless", "tui"},
    {"cli"},
    {"__main__"},
)
SAME_LAYER = {("losses", "data")}
HOMES = {
    "torch": {
        "data",
        "model",
        "losses",
        "activations",
        "tangents",
        "objectives",
        "optimizers",
        "stages",
        "training",
        "run",
        "fitted",
        "session",
    },
    "matplotlib": {"figures"},
    "tensorboard": {"board"},
    "textual": {"tui"},
    "plotext": {"tui"},
}
RANKS = {name: rank for rank, names in enumerate(LAYERS) for name in names}
SOURCES = sorted(PACKAGE.rglob("*.py"))


def part(module: str) -> str:
    """The part of the package a module's dotted name belongs to, such as tui; tui_runge for the package itself."""
    names = module.split(".")
    return names[1] if len(names) > 1 else names[0]


def home(source: Path) -> str:
    """The part of the package that a file belongs to."""
    name = source.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "tui_runge" if name == "__init__" else name


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports(node: ast.AST) -> Iterator[str]:
    """The modules that a syntax tree imports when it runs, functions' own included."""
    match node:
        case ast.Import(names):
            yield from (name.name for name in names)
        case ast.ImportFrom(module="tui_runge", names=names):
            modules = {home(source) for source in SOURCES}
            yield from (f"tui_runge.{name.name}" if name.name in modules else "tui_runge" for name in names)
        case ast.ImportFrom(module=str(module), level=0):
            yield module
        case ast.ImportFrom():
            yield "a relative import"
    if not for_types_only(node):
        for child in ast.iter_child_nodes(node):
            yield from imports(child)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(PACKAGE)))
def test_imports_run_downward_only(source: Path) -> None:
    importer = home(source)
    for module in imports(ast.parse(source.read_text(encoding="utf-8"))):
        assert module != "a relative import"
        if part(module) == importer or not module.startswith("tui_runge"):
            continue
        imported = part(module)
        # The package itself stands for the version as well, which anyone may read.
        if imported == "tui_runge" or (importer, imported) in SAME_LAYER:
            continue
        assert RANKS[imported] < RANKS[importer], f"{importer} imports {imported}"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(PACKAGE)))
def test_a_library_is_imported_only_in_its_home(source: Path) -> None:
    for module in imports(ast.parse(source.read_text(encoding="utf-8"))):
        library = module.partition(".")[0]
        assert home(source) in HOMES.get(library, {home(source)}), f"{source.name} imports {library}"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(PACKAGE)))
def test_a_file_is_short_enough_to_read(source: Path) -> None:
    assert len(source.read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("tui_runge", {"torch", "matplotlib", "textual", "numpy"}),
        ("tui_runge.config", {"torch", "matplotlib", "textual", "numpy"}),
        ("tui_runge.options", {"torch", "matplotlib", "textual", "numpy"}),
        ("tui_runge.preferences", {"torch", "matplotlib", "textual", "numpy"}),
        ("tui_runge.plan", {"torch", "matplotlib", "textual", "numpy"}),
        ("tui_runge.session", {"torch", "matplotlib", "textual", "numpy"}),
        ("tui_runge.progress", {"torch", "matplotlib", "textual"}),
        ("tui_runge.export", {"torch", "matplotlib", "textual"}),
        ("tui_runge.cli", {"torch", "matplotlib", "textual", "numpy", "rich"}),
        ("tui_runge.tui.app", {"torch", "matplotlib", "plotext", "numpy", "rich.progress"}),
    ],
)
def test_importing_a_module_is_light(module: str, absent: set[str]) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert absent.isdisjoint(loaded)
