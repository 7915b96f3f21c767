"""The four errors that a fit is judged by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Errors:
    """Mean squared and maximal absolute errors of f̂ and f̂' on the evaluation grid, in the user's units."""

    mse_f: float
    mse_df: float
    max_f: float
    max_df: float


ERROR_LABELS = {"mse_f": "MSE(f)", "mse_df": "MSE(f′)", "max_f": "MaxErr(f)", "max_df": "MaxErr(f′)"}
