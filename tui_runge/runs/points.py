"""The measured points of a run in its files: as a table in its folder, as arrays in a parent's checkpoint."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from tui_runge.core.config import Config
from tui_runge.core.measured_points import MeasuredPoints
from tui_runge.core.run_state import RunState
from tui_runge.core.text import printable
from tui_runge.problems.points_file import parse_points
from tui_runge.runs.layout import POINTS

LABEL, HASH = "points_name", "points_sha256"
"""What config.json and metrics.json call the name of the points, and the hash of their table."""
TREE_POINTS = "points"
"""Where the points stand in the tree of a parent's checkpoint."""


def points_facts(config: Config) -> dict[str, Any]:
    """What config.json and metrics.json say of the points of a configuration; nothing where it has none."""
    points = config.points
    return {} if points is None else {LABEL: points.name, HASH: points.sha256}


def with_points(run_state: RunState, points: MeasuredPoints) -> RunState:
    """A run whose configuration has the points that it is fitted to."""
    progress = run_state.progress
    return replace(run_state, progress=replace(progress, config=progress.config.with_values(points=points)))


def parsed_points(content: bytes, name: object) -> MeasuredPoints:
    """The points of the table in a run's folder, by the name that they had; raises ValueError for a table that is none.

    The same object as before where a run's snapshots are read one after another.
    """
    if not isinstance(name, str):
        raise ValueError(f"{LABEL} must be a text, got {printable(str(name))[:20]!r}")
    return _parsed(content, printable(name))


@lru_cache(maxsize=2)
def _parsed(content: bytes, name: str) -> MeasuredPoints:
    return replace(parse_points(content, POINTS), name=name)


def parent_tree(parent: RunState) -> dict[str, Any]:
    """The tree of a run that a branch began from, with its points: a branch may be fitted to others."""
    points = parent.progress.config.points
    tree = parent.to_tree()
    return tree if points is None else {**tree, TREE_POINTS: points_tree(points)}


def points_tree(points: MeasuredPoints) -> dict[str, Any]:
    """The arrays and the name of points, which `points_from_tree` reads back."""
    return {name: getattr(points, name) for name in MeasuredPoints.__annotations__}


def points_from_tree(tree: Mapping[str, Any]) -> MeasuredPoints:
    """The points of a tree; raises ValueError, KeyError and TypeError for what are none."""
    columns = {name: tree[name] for name in ("x", "f", "df", "held_out")}
    return MeasuredPoints.of(**columns, name=printable(tree["name"]))
