"""Reads measured points from a NumPy archive (.npz), whose sizes are checked before anything is unpacked."""

import io
import struct
import tokenize
import warnings
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

from tui_runge.core.measured_points import MOST_POINTS, MeasuredPoints, too_many
from tui_runge.problems.points_columns import choose_columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIGNATURE = b"PK\x03\x04"
"""How an archive begins."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""NumPy's own: the others may ask for memory before they give anything."""
BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What zipfile and NumPy raise over broken archives."""


def parse_archive(content: bytes, name: str, wanted: list[str]) -> MeasuredPoints:
    """The points of an archive with arrays x, f and perhaps df; `wanted` is what `parse_columns` gives.

    Raises ValueError in one line that names what is wrong.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except BROKEN as error:
        raise ValueError(_broken(name)) from error
    members = {info.filename[:-4]: info for info in archive.infolist() if info.filename.endswith(".npy")}
    if not members:
        raise ValueError(f"{name} holds no arrays: write it with numpy.savez(file, x=x, f=f)")
    names = list(members)
    chosen = choose_columns(wanted, names, len(names), name)
    arrays = {role: _array(archive, members[names[place]], name) for role, place in chosen.items() if role != "part"}
    return MeasuredPoints.of(**arrays, name=name)


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> "NDArray[np.generic]":
    """An array (n,) of real numbers, read only once its header says that it is one."""
    from numpy.lib import format as npy

    place = f"{name}: array {member.filename[:-4][:40]!r}"
    if member.compress_type not in METHODS:
        raise ValueError(f"{place} is packed by another method than NumPy's: write it with numpy.savez_compressed")
    try:
        with archive.open(member) as file:
            shape, dtype = _header(file)
    except BROKEN as error:
        raise ValueError(_broken(name)) from error
    if len(shape) != 1:
        raise ValueError(f"{place} must have one dimension, got shape {shape}"[:200])
    if dtype.kind not in "iuf":
        raise ValueError(f"{place} must hold real numbers, got {dtype}"[:200])
    if shape[0] > MOST_POINTS:
        raise ValueError(too_many(name))
    try:
        with archive.open(member) as file, warnings.catch_warnings(action="ignore"):
            return npy.read_array(file, allow_pickle=False)
    except BROKEN as error:
        raise ValueError(_broken(name)) from error


def _header(file: IO[bytes]) -> "tuple[tuple[int, ...], np.dtype[np.generic]]":
    """The shape and the type that an array's header claims."""
    from numpy.lib import format as npy

    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[npy.read_magic(file)]
    with warnings.catch_warnings(action="ignore"):  # of headers that Python 2 wrote
        shape, _, dtype = read(file)
    return shape, dtype


def _broken(name: str) -> str:
    return f"{name} is a broken archive: write it with numpy.savez(file, x=x, f=f)"
