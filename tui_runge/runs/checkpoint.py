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
    text = json.dumps(_to_json(tree, arrays, ""), allow_nan=False)
    with atomic_write(path, durable=durable) as file:
        file.write(save(arrays, {HEADER: text}))


def read(path: Path) -> dict[str, Any]:
    """The tree in a file, its tuples as lists; raises ValueError for a file that is no checkpoint, OSError."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
            tree = _from_json(json.loads((file.metadata() or {})[HEADER]), arrays)
    except (SafetensorError, KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is not a checkpoint: {_first_line(error)}") from None
    if not isinstance(tree, dict):
        raise ValueError(f"{path.name} is not a checkpoint: it holds no tree")
    return tree


def _first_line(error: Exception) -> str:
    text = f"no {error}" if isinstance(error, KeyError) else str(error)
    return text.partition("\n")[0][:120]


def _to_json(value: Any, arrays: dict[str, NDArray[Any]], path: str) -> Any:
    """The JSON of a value at a path such as trainer.weights.0; its arrays are put into `arrays` under their paths."""
    match value:
        case np.ndarray():
            arrays[path] = np.asarray(value, order="C")
            return {"array": path}
        case float() if not math.isfinite(value):
            return {"float": str(value)}
        case Mapping():
            return {key: _to_json(item, arrays, f"{path}.{key}".lstrip(".")) for key, item in value.items()}
        case list() | tuple():
            return [_to_json(item, arrays, f"{path}.{n}") for n, item in enumerate(value)]
        case _:
            return value


def _from_json(value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    match value:
        case {"array": str(name), **others} if not others:
            return arrays[name]
        case {"float": str(text), **others} if not others:
            return float(text)
        case dict():
            return {key: _from_json(item, arrays) for key, item in value.items()}
        case list():
            return [_from_json(item, arrays) for item in value]
        case _:
            return value
