"""What each unit of the last hidden layer contributes to a fit."""

from dataclasses import dataclass

import numpy as np

from tui_runge.analysis.network import last_hidden
from tui_runge.core.progress import Floats, Model


@dataclass(frozen=True)
class Contributions:
    """The largest contributions (k, n), the largest first, and the `rest` (n,): together they are the fit.

    `units` are the stage and the number of each unit, both from 1 on.
    """

    units: tuple[tuple[int, int], ...]
    largest: Floats
    rest: Floats


def contributions(model: Model, x: Floats, *, derivative: bool, most: int) -> Contributions:
    """What the units w_j h_j(x) contribute to f̂, or w_j h_j'(x) to f̂', at x (n,) in the user's units.

    The largest are those of the largest mean square over x. The constants, which no unit makes, are in the rest.
    """
    scaling = model.scaling
    unit = scaling.df_scale if derivative else scaling.f_scale
    parts, names, constant = [], [], 0.0 if derivative else scaling.f_center
    with np.errstate(all="ignore"):  # a run that diverged is looked at too
        for stage, (scale, layers) in enumerate(zip(model.scales, model.stages, strict=True)):
            output = layers[-1][0].astype(np.float64)
            parts.append(scale * unit * output[:-1, None] * last_hidden(model, stage, x)[derivative])
            names += [(stage + 1, number) for number in range(1, output.size)]
            constant += 0.0 if derivative else scale * unit * float(output[-1])
        every = np.concatenate(parts)
        order = np.argsort(-np.square(every).mean(axis=1), kind="stable")
        rest = every[order[most:]].sum(axis=0) + constant
    shown = order[:most]
    return Contributions(tuple(names[at] for at in shown), every[shown], rest)
