"""The four errors that a fit is judged by."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Errors:
    """Mean squared and maximal absolute errors of f̂ and f̂' in the user's units; NaN where f, or f', is not known.

    Those of a function are on the evaluation grid, those of measured points on the points held out, or on all.
    """

    mse_f: float
    mse_df: float
    max_f: float
    max_df: float


UNKNOWN_ERRORS = Errors(math.nan, math.nan, math.nan, math.nan)

ERROR_LABELS = {"mse_f": "MSE(f)", "mse_df": "MSE(f′)", "max_f": "MaxErr(f)", "max_df": "MaxErr(f′)"}
