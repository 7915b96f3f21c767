"""A tree of plain values and arrays in one file: safetensors, whose header holds the rest as JSON.

Reading it runs no code, whoever wrote the file, unlike a pickle.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_runge.core.atomic_files import atomic_write

HEADER = "runge-tui"
"""The name under which the header holds the JSON."""


def write(path: Path, tree: Mapping[str, Any], *, durable: bool) -> None:
    """Write a tree of dicts with text keys, lists, tuples, plain values and arrays; raises OSError."""
    from safetensors.numpy import save

    arrays: dict[str, NDArray[Any]] = {}
    text = json.dumps(_plain(tree, arrays, ""), allow_nan=False)
    with atomic_write(path, durable=durable) as file:
        file.write(save(arrays, {HEADER: text}))


def read(path: Path) -> dict[str, Any]:
    """The tree in a file, its tuples as lists; raises ValueError for a file that is not such, OSError."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
            tree = _tree(json.loads((file.metadata() or {})[HEADER]), arrays)
    except (SafetensorError, KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is not a checkpoint: {_line(error)}") from None
    if not isinstance(tree, dict):
        raise ValueError(f"{path.name} is not a checkpoint: it holds no tree")
    return tree


def _line(error: Exception) -> str:
    text = f"no {error}" if isinstance(error, KeyError) else str(error)
    return text.partition("\n")[0][:120]


def _plain(value: Any, arrays: dict[str, NDArray[Any]], name: str) -> Any:
    """The JSON of a value; its arrays are put aside under the names of their places."""
    match value:
        case np.ndarray():
            arrays[name] = np.asarray(value, order="C")
            return {"array": name}
        case float() if not math.isfinite(value):
            return {"float": str(value)}
        case Mapping():
            return {key: _plain(each, arrays, f"{name}.{key}".lstrip(".")) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each, arrays, f"{name}.{n}") for n, each in enumerate(value)]
        case _:
            return value


def _tree(value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    match value:
        case {"array": str(name), **others} if not others:
            return arrays[name]
        case {"float": str(text), **others} if not others:
            return float(text)
        case dict():
            return {key: _tree(each, arrays) for key, each in value.items()}
        case list():
            return [_tree(each, arrays) for each in value]
        case _:
            return value
