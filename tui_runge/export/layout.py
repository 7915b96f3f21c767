"""The files of an export: their names, and what each holds."""

from importlib.util import find_spec

from tui_runge.runs.layout import HISTORY, METRICS

FIT_F, FIT_DF = "runge_fit_f.png", "runge_fit_df.png"
LOSS_TOTAL, LOSS_F, LOSS_DF = "loss_total.png", "loss_f.png", "loss_df.png"
ERROR_BY_PLACE = "error_by_place.png"
GRADIENTS_FIGURE = "gradients.png"
FIT, CURVE, CLASSICAL, GRADIENTS = "fit.csv", "curve.csv", "classical.csv", "gradients.csv"
MODEL = "model.py"
PREDICT = "predict.py"
REPORT_MARKDOWN = "report.md"
REPORT_HTML = "report.html"
REPORT_PDF = "report.pdf"
REPORT_LATEX = "report.tex"
TENSORBOARD = "tensorboard"
"""The folder of the event file, where that is asked for."""

FILES = {
    FIT_F: "the fit of f",
    FIT_DF: "the fit of f′",
    LOSS_TOTAL: "the total loss by epoch",
    LOSS_F: "the function loss by epoch",
    LOSS_DF: "the derivative loss by epoch",
    ERROR_BY_PLACE: "the errors of f and f′ over x",
    GRADIENTS_FIGURE: "the gradients of the two losses by epoch, and the cosine of their angle",
    METRICS: "all numbers, and the command that repeats the run",
    FIT: "x, f, f′, f̂ and f̂′ on the evaluation grid",
    HISTORY: "the six losses of every epoch",
    GRADIENTS: "the norms of those gradients and the cosine, of the epochs that were sampled",
    CLASSICAL: "the errors and times of classical methods on the same points, and of the network",
    MODEL: "the model: f(x) and f_and_df(x), which need NumPy alone",
    PREDICT: "f̂ and f̂′ at given x, from model.py",
    REPORT_MARKDOWN: "this report",
    REPORT_HTML: "this report as one page, figures included",
}
"""All of them that a function is exported to, in the order in which the report lists them."""
FILES_OF_POINTS = {
    ERROR_BY_PLACE: "the residuals of the measured points over x",
    FIT: "the measured points in their order, with f̂ and f̂′ there and the part that each is of",
    CURVE: "f̂ and f̂′ on the evaluation grid",
}
"""What is otherwise of measured points."""
FILES_OF_FORMATS = {
    "c": {
        "model.h": "the declarations of model.c",
        "model.c": "the model in C99: f(x) and f_and_df(x, &df)",
    },
    "numpy": {MODEL: FILES[MODEL]},
    "onnx": {"model.onnx": "the model for ONNX, from x (n, 1) to f and df"},
    "chebyshev": {
        "chebyshev.json": "the Chebyshev series of f̂, its integral and roots",
        "chebyshev.py": "f, df and integral from chebyshev.json, with NumPy alone",
    },
    "torch": {"model.pt2": "the model, for torch.export.load"},
    "latex": {REPORT_LATEX: "this report for LaTeX, with the figures beside it"},
    "pdf": {REPORT_PDF: "this report as pages to print, figures included"},
}
"""What an export has by each of the formats that can be chosen."""
ONNX_NOT_INSTALLED = "onnx must be installed for --as onnx: pip install 'runge-tui[onnx]'"


def onnx_is_installed() -> bool:
    """Whether what builds the ONNX file is there."""
    return find_spec("onnx") is not None
