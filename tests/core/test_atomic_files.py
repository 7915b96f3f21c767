"""Files that are there whole or not at all: whatever goes wrong, the file is named by its own name."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_runge.core.atomic_files import atomic_write


def write(path: Path, content: bytes = b"content") -> None:
    with atomic_write(path, durable=True) as file:
        file.write(content)


def a_folder(path: Path) -> Path:
    (path / "name" / "inside").mkdir(parents=True)
    return path / "name"


def below_a_file(path: Path) -> Path:
    (path / "file").touch()
    return path / "file" / "name"


def below_a_loop(path: Path) -> Path:
    (path / "loop").symlink_to(path / "loop")
    return path / "loop" / "name"


@pytest.mark.parametrize(
    ("make", "number"),
    [
        (lambda path: path / "nothing" / "name", errno.ENOENT),
        (lambda path: path / ("x" * 300), errno.ENAMETOOLONG),
        (lambda path: path.joinpath(*["x" * 200] * 30), errno.ENAMETOOLONG),
        (a_folder, errno.EISDIR),
        (below_a_file, errno.ENOTDIR),
        (below_a_loop, errno.ELOOP),
    ],
)
def test_a_file_that_cannot_be_written_is_named_by_its_own_name(
    tmp_path: Path, make: Callable[[Path], Path], number: int
) -> None:
    path = make(tmp_path)
    there = sorted(tmp_path.iterdir())
    with pytest.raises(OSError, match=r".") as error:
        write(path)
    assert (error.value.errno, error.value.filename, error.value.filename2) == (number, str(path), None)
    assert sorted(tmp_path.iterdir()) == there


def test_a_full_disk_names_the_file_and_keeps_the_one_before(tmp_path: Path) -> None:
    def fill(path: Path) -> None:
        with atomic_write(path) as file:
            file.write(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write(tmp_path / "name")
    with pytest.raises(OSError, match=rf"No space left on device: '{tmp_path}/name'"):
        fill(tmp_path / "name")
    assert (tmp_path / "name").read_bytes() == b"content"
    assert len(list(tmp_path.iterdir())) == 1


def test_an_error_of_another_file_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="'other'"), atomic_write(tmp_path / "name"):
        raise FileNotFoundError(errno.ENOENT, "No such file", "other")


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127], ids=["letters", "accents"])
def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"content"
