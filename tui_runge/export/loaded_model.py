"""The model of a run as a Python user has it."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tui_runge.core.progress import Model, Progress
from tui_runge.export.exported_model import ExportedModel, evaluate


class LoadedModel:
    """The model of a run: f̂ where it is called, f̂' by `derivative`; numbers or arrays of any shape in, the same out.

    `progress` is the run that its files tell of, which are written for that run alone.
    """

    def __init__(self, model: Model, progress: Progress | None = None) -> None:
        self._fitted = ExportedModel(model)
        self._progress = progress

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """f̂(x), of the shape of x."""
        return self.at(x)[0]

    def derivative(self, x: ArrayLike) -> NDArray[np.float64]:
        """f̂'(x), of the shape of x."""
        return self.at(x)[1]

    def at(self, x: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """f̂(x) and f̂'(x), each of the shape of x."""
        return evaluate(self._fitted, x)

    def save(self, path: str | os.PathLike[str], as_: str = "numpy") -> list[Path]:
        """Write the model as c, numpy, onnx, chebyshev or torch, and return the files.

        A path that ends as those files do, such as fit.c, names them; any other is a folder, made if need be. Raises
        ValueError where the model cannot be written so, FileExistsError where it would overwrite a file, and OSError.
        """
        from tui_runge.export.formats import save_model

        if self._progress is None:
            raise ValueError("the model must be of a run to be saved: take it from load")
        return save_model(self._progress, path, as_)
