"""The Chebyshev series of the model: its numbers as JSON, and what reads them with NumPy."""

import json
from pathlib import Path

from tui_runge.core.progress import Progress
from tui_runge.core.text import utf8
from tui_runge.export.formats.provenance import float64_note, model_of, provenance
from tui_runge.problems import problem_of


def files(progress: Progress, stem: str) -> dict[str, bytes]:
    """The JSON and its reader; raises ValueError where no series of bearable length is the model."""
    from tui_runge.analysis.model_series import model_series

    model = model_of(progress)
    series = model_series(model, problem_of(progress.config).interval)
    degree = len(series.coefficients) - 1
    check = [
        *float64_note(model),
        f"The series has degree {degree}; it differs from the network by {series.error:.1e} of the network's spread.",
        f"Check: f(x) and df(x) of {stem}.py against fit.csv of the same export.",
    ]
    values = {
        "about": provenance(progress, check),
        "interval": series.interval,
        "degree": degree,
        "error": series.error,
        "integral": series.integral,
        "roots": series.roots,
        "coefficients": series.coefficients.tolist(),
    }
    reader = Path(__file__).with_name("chebyshev_reader.txt").read_text(encoding="utf-8")
    return {
        f"{stem}.json": utf8(json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n"),
        f"{stem}.py": utf8(reader),
    }
