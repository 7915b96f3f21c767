"""The formats that a fit is handed on in, by name: each makes whole files of a run, all in the user's units."""

import errno
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from tui_runge.core.atomic_files import atomic_write
from tui_runge.core.progress import Progress
from tui_runge.core.text import printable
from tui_runge.export.formats import c_source, chebyshev_file, latex, numpy_source, onnx_model, torch_program
from tui_runge.export.layout import FILES_OF_FORMATS, ONNX_NOT_INSTALLED, PREDICT, onnx_is_installed

FORMATS: dict[str, Callable[[Progress, str], dict[str, bytes]]] = {
    "c": c_source.files,
    "numpy": numpy_source.files,
    "onnx": onnx_model.files,
    "chebyshev": chebyshev_file.files,
    "torch": torch_program.files,
    "latex": latex.files,
}
"""What makes the files of each format, by their names, from a run and the stem of those names.

They raise ValueError in one line where the run cannot be written so. The PDF is not among them: it has the figures, and
`exporter` makes it with the other reports.
"""
MODEL_FORMATS = tuple(name for name in FORMATS if name != "latex")
"""Those that hold the model; the other is the report."""
MARKS = (b"runge-tui", b'with_name("model.pt2")')
"""What stands near the beginning or the end of every file of ours; the latter in predict.py of earlier versions."""
NEAR = 65536
"""Bytes at either end of a file in which a mark is looked for."""


def has_weights(progress: Progress) -> bool:
    """Whether the run has weights, and all of them are finite: no other can be handed on."""
    model = progress.model
    return model is not None and all(np.isfinite(layer).all() for layers in model.stages for layer in layers)


def format_files(progress: Progress, name: str, stem: str = "") -> dict[str, bytes]:
    """The files of a format by their names, which begin with `stem`, or as `FILES_OF_FORMATS` has them.

    Raises ValueError where the run has no finite weights, or cannot be written so.
    """
    if name == "onnx" and not onnx_is_installed():
        raise ValueError(ONNX_NOT_INSTALLED)
    if not has_weights(progress):
        raise ValueError(f"{_run(progress)} has no finite weights to write as {name}")
    return FORMATS[name](progress, stem or Path(next(iter(FILES_OF_FORMATS[name]))).stem)


def _run(progress: Progress) -> str:
    return f"run {printable(progress.run)}" if progress.run else "the run"


def save_model(progress: Progress, path: "str | os.PathLike[str]", name: str) -> list[Path]:
    """Write the files of a format, and return where they are.

    A path that ends as the format's files do, such as fit.c, names them; any other is a folder, made if need be. Raises
    ValueError for an unknown format, FileExistsError where a file is there already, and OSError.
    """
    if name not in MODEL_FORMATS:
        raise ValueError(f"as_ must be one of {', '.join(MODEL_FORMATS)}, got {name!r}")
    place = Path(path).expanduser()
    names_files = place.suffix in {Path(file).suffix for file in FILES_OF_FORMATS[name]} and not place.is_dir()
    folder, stem = (place.parent, place.stem) if names_files else (place, "")
    files = format_files(progress, name, stem)
    for file in files:
        if os.path.lexists(folder / file):
            raise FileExistsError(
                errno.EEXIST, "there is such a file already: remove it or name another", str(folder / file)
            )
    folder.mkdir(parents=True, exist_ok=True)
    write_files(files, folder)
    return [folder / file for file in files]


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files to a folder, each whole or not at all; raises OSError."""
    for name, content in files.items():
        with atomic_write(folder / name) as file:
            file.write(content)


def check_place(folder: Path, formats: Iterable[str]) -> None:
    """Raise FileExistsError where a file of somebody else's has the name of one that an export writes."""
    for file in (PREDICT, *(file for name in ("numpy", *formats) for file in FILES_OF_FORMATS[name])):
        path = folder / file
        if os.path.lexists(path) and not is_ours(path):
            raise FileExistsError(errno.EEXIST, "runge-tui did not write what is there: name another folder", str(path))


def is_ours(path: Path) -> bool:
    """Whether a file was written by an export, or is empty; one that cannot be read was not."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            beginning = file.read(NEAR)
            file.seek(max(0, path.stat().st_size - NEAR))
            return not beginning or any(mark in beginning + file.read(NEAR) for mark in MARKS)
    except OSError:
        return False
