"""Where a formula or its derivative has no value in an interval, and where it has a kink or jumps.

The interval is sampled, and where something that must not be 0, such as a denominator, changes its sign or touches 0
between two samples, the place is searched for there. So a pole is found although no sample meets it.
"""

from collections.abc import Callable, Iterator

import numpy as np

from tui_runge.core.formula import Binary, Call, Name, Negative, Number, Tree, children, constant, show
from tui_runge.core.text import shorten
from tui_runge.problems.derivative import depends_on_x, derivative
from tui_runge.problems.evaluation import Floats, evaluate

SAMPLES = 2001
STEPS = 45
"""Of a search: each halves, or nearly, what is left of the room between two samples."""
MOST_SEARCHED = 50
"""Places between samples that are searched for one reason."""

Search = Callable[[Tree, Floats], Floats]


def check_interval(tree: Tree, interval: tuple[float, float]) -> tuple[str, ...]:
    """What is to be said of the kinks and jumps of a formula in an interval, a sentence each.

    Raises ValueError naming the first place found where the formula or its derivative is not finite.
    """
    with np.errstate(all="ignore"):
        return _check(tree, np.linspace(*interval, SAMPLES))


def _check(tree: Tree, grid: Floats) -> tuple[str, ...]:
    if found := _undefined(tree, grid):
        raise ValueError(not_finite(*found))
    if found := _undefined(derivative(tree), grid):
        raise ValueError(f"in the derivative, {not_finite(*found)}")
    return tuple(_notes(tree, grid))


def not_finite(part: Tree, x: float) -> str:
    """What to say of a part of a formula that has no value at x."""
    return f"{shorten(show(part), 60)} is not finite at x = {x:.4g}: choose an interval without it"


def culprit(tree: Tree, x: float) -> Tree:
    """The innermost part of a formula that is to blame for having no finite value at x."""
    for child in children(tree):
        if not np.isfinite(evaluate(child, np.array(x))):
            return culprit(child, x)
    return tree


def _undefined(tree: Tree, grid: Floats) -> tuple[Tree, float] | None:
    """A part of a formula with a place in the interval where it is not finite, or None."""
    bad = grid[~np.isfinite(evaluate(tree, grid))]
    if bad.size:
        return culprit(tree, bad[0]), bad[0]
    searched = set[tuple[Tree, Search]]()
    for part, critical, search in _hazards(tree):
        if depends_on_x(critical) and (critical, search) not in searched:
            searched.add((critical, search))
            if (places := search(critical, grid)).size:
                return part, places[0]
    return None


def _hazards(tree: Tree) -> Iterator[tuple[Tree, Tree, Search]]:  # noqa: C901 a table
    """The parts of a formula that lack a value somewhere: each with what is 0 there, or changes its sign."""
    for child in children(tree):
        yield from _hazards(child)
    match tree:
        case Binary("/", _, below):
            yield from ((tree, factor, _zeros) for factor in _factors(below))
        case Binary("**", base, exponent):
            value = None if depends_on_x(exponent) else constant(exponent)
            if value is not None and value < 0:
                yield from ((tree, factor, _zeros) for factor in _factors(base))
            elif value is None or not value.is_integer():
                yield tree, base, _crossings
        case Call("log", (u,)):
            yield from ((tree, factor, _zeros) for factor in _factors(u))
        case Call("sqrt", (u,)):
            yield tree, u, _crossings
        case Call("asin" | "acos", (u,)):
            yield tree, _one_minus_square(u), _crossings
        case Call("acosh", (u,)):
            yield tree, Binary("-", u, Number(1.0)), _crossings
        case Call("atanh", (u,)):
            yield tree, _one_minus_square(u), _zeros
        case Call("tan", (u,)):
            yield tree, Call("cos", (u,)), _zeros
        case Call("gamma" | "digamma", (u,)):  # poles at 0, -1, -2, ...
            below = Call("min", (u, Number(0.5)))
            yield tree, Call("sin", (Binary("*", Name("pi"), below),)), _zeros


def _one_minus_square(tree: Tree) -> Tree:
    return Binary("-", Number(1.0), Binary("**", tree, Number(2.0)))


def _factors(tree: Tree) -> Iterator[Tree]:
    """Parts of which one is 0 wherever the tree is: those change their sign where a square of them only touches 0."""
    match tree:
        case Negative(part) | Call("sqrt" | "abs", (part,)) | Binary("/" | "**", part, _):
            yield from _factors(part)
        case Binary("*", left, right):
            yield from _factors(left)
            yield from _factors(right)
        case Call("exp" | "cosh", _):
            pass
        case _:
            yield tree


def _crossings(tree: Tree, grid: Floats) -> Floats:
    """Where a continuous formula changes its sign, in rising order."""
    values = evaluate(tree, grid)
    signs = np.where(np.isfinite(values), np.sign(values), 0)
    met: Floats = grid[1:-1][(signs[1:-1] == 0) & (signs[:-2] * signs[2:] < 0)]
    between = np.flatnonzero(signs[:-1] * signs[1:] < 0)[:MOST_SEARCHED]
    if not between.size:
        return met
    low, high = grid[between], grid[between + 1]
    for _ in range(STEPS):
        middle = (low + high) / 2
        beyond = np.sign(evaluate(tree, middle)) != signs[between]
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    height = np.maximum(np.abs(values[between]), np.abs(values[between + 1]))
    through_zero = np.abs(evaluate(tree, high)) < 1e-3 * height  # neither a jump nor a pole
    return _in_order(grid, met, high[through_zero])


def _zeros(tree: Tree, grid: Floats) -> Floats:
    """Where a continuous formula is 0, in rising order: where it changes its sign or touches 0."""
    values = np.abs(evaluate(tree, grid))
    before, middle, after = values[:-2], values[1:-1], values[2:]
    # A parabola, or a kink, that touches 0 between two samples is at most 0.4 as high at the nearer one as beside it.
    near_zero = middle <= 0.4 * np.maximum(before, after)
    lowest = 1 + np.flatnonzero((middle <= before) & (middle <= after) & near_zero)[:MOST_SEARCHED]
    reached = _in_order(grid, grid[values == 0], _crossings(tree, grid))
    if not lowest.size:
        return reached
    low, high = grid[lowest - 1], grid[lowest + 1]
    for _ in range(2 * STEPS):  # a third less each
        left, right = low + (high - low) / 3, high - (high - low) / 3
        rises = np.abs(evaluate(tree, left)) < np.abs(evaluate(tree, right))
        low, high = np.where(rises, low, left), np.where(rises, right, high)
    place = (low + high) / 2
    height = np.maximum(values[lowest - 1], values[lowest + 1])
    touches = np.abs(evaluate(tree, place)) < 1e-10 * height
    return _in_order(grid, reached, place[touches])


def _in_order(grid: Floats, *places: Floats) -> Floats:
    """Places in rising order, with the 0 that rounding missed."""
    every = np.concatenate(places)
    rounded: Floats = np.where(np.abs(every) < 1e-12 * (grid[-1] - grid[0]), 0, every)
    return np.unique(rounded)


def _notes(tree: Tree, grid: Floats) -> Iterator[str]:
    """What is to be said of kinks and jumps."""
    for child in children(tree):
        yield from _notes(child, grid)
    match tree:
        case Call("abs", (u,)):
            yield from _kinks(tree, u, grid)
        case Call("min" | "max", (left, right)):
            yield from _kinks(tree, Binary("-", left, right), grid)
        case Call("sign" | "heaviside", (u,)) if (places := _reached(u, grid)).size:
            yield f"{shorten(show(tree), 60)} jumps at {_listed(places)}: f' is that of both sides, without the jump"


def _kinks(tree: Tree, critical: Tree, grid: Floats) -> Iterator[str]:
    """What is to be said of a function that bends where `critical` changes its sign with a slope."""
    places, step = _reached(critical, grid), 1e-4 * (grid[-1] - grid[0])
    near, far = (_size_beside(critical, places, distance) for distance in (step / 2, step))
    if (places := places[far < 3 * near]).size:  # of x**3 it would be 8 times, of x 2 times
        yield f"{shorten(show(tree), 60)} has a kink at {_listed(places)}: f' there is the mean of both sides"


def _size_beside(tree: Tree, places: Floats, distance: float) -> Floats:
    """The larger size of a formula on both sides of places."""
    return np.fmax(np.abs(evaluate(tree, places - distance)), np.abs(evaluate(tree, places + distance)))


def _reached(critical: Tree, grid: Floats) -> Floats:
    """Where a formula changes its sign in an interval, or may do so at its ends."""
    if not depends_on_x(critical):
        return np.empty(0)
    ends = grid[[0, -1]]
    return _in_order(grid, ends[evaluate(critical, ends) == 0], _crossings(critical, grid))


def _listed(places: Floats) -> str:
    """Places as text, the first three of many."""
    shown = ", ".join(f"{x:.4g}" for x in places[:3])
    return f"x = {shown}" + (f" and {places.size - 3} more places" if places.size > 3 else "")
