"""What a chart shows, as plain values: importing it costs the screen's first frame nothing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Role = Literal[
    "train",
    "validation",
    "target",
    "points",
    "model",
    "faint",
    "ghost",
    "mark",
    "cross",
    "title",
    "chosen",
    "axis",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
]
"""What a part of a chart is, which decides its colour."""
Row = tuple[tuple[str, Role], ...]
"""A row of characters, as runs of text that have a role each."""
DOT = "▖"
"""The mark of a point, as a legend shows it: a quarter of a cell, placed more finely than a letter."""


@dataclass(frozen=True)
class Curve:
    """A line, or sparse points that leave a line below them visible. x, low and high (k,): a band where they differ.

    One without a label is not in the legend; of one drawn by its `median` a column shows one value. A ghost has a
    `letter`: it is drawn with that, coarsely and below all else; it is `brief` where room is scarce. Of measured
    points, in whatever order, all are shown as `dots`: with `DOT`, or a letter.
    """

    label: str
    role: Role
    x: "Floats"
    low: "Floats"
    high: "Floats"
    points: bool = False
    letter: str = ""
    brief: str = ""
    median: bool = False
    dots: str = ""


@dataclass(frozen=True)
class Plot:
    """What a chart shows; nothing yet where it has no curves.

    `x_limits` are fixed, so that what is drawn stays where it is; y fits the curves, closely on a `snug` logarithmic
    axis and in whole decades else, and the `level`, a faint horizontal line, and holds the values of `holds`, yet
    leaves out what lies outside of `y_limits`, and leaves `headroom` rows free above. `marks` are vertical lines with a
    text each, `cross` is where the crosshair stands and `replay_x` where a replay does; `ticks` (k,) are places marked
    on the x axis, and `x_ticks` the places and texts of its labels in place of round numbers. `chosen` marks the title.
    `note` says why there is nothing to draw but ghosts. With `x_decades` x holds logarithms to the base 10, and its
    limits are whole.
    """

    title: str
    curves: tuple[Curve, ...] = ()
    x_limits: tuple[float, float] = (0.0, 1.0)
    x_label: str = ""
    log: bool = False
    snug: bool = False
    marks: tuple[tuple[float, str], ...] = ()
    level: float | None = None
    cross: float | None = None
    replay_x: float | None = None
    ticks: "Floats | None" = None
    holds: tuple[float, ...] = ()
    y_limits: tuple[float, float] | None = None
    headroom: int = 0
    note: str = ""
    chosen: bool = False
    x_decades: bool = False
    x_ticks: tuple[tuple[float, str], ...] = ()
