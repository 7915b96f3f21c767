"""Where a user's own files lie on each platform, and that those of an earlier version are still found."""

import sys
from pathlib import Path
from typing import Literal, get_args

import platformdirs
import pytest
from platformdirs.api import PlatformDirsABC
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from tui_runge.core.settings import load_settings
from tui_runge.core.user_files import user_file

Kind = Literal["config", "state", "data"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without files, and no XDG variables."""
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    for kind in KINDS:
        monkeypatch.delenv(f"XDG_{kind.upper()}_HOME")
    return tmp_path


def use(platform: type[PlatformDirsABC], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the folders be those of a platform."""
    for kind in KINDS:
        name = f"user_{kind}_path"
        monkeypatch.setattr(platformdirs, name, lambda *args, name=name, **kw: getattr(platform(*args, **kw), name))


@pytest.mark.parametrize(
    ("platform", "folders"),
    [
        (Unix, (".config/runge-tui", ".local/state/runge-tui", ".local/share/runge-tui")),
        (MacOS, ("Library/Application Support/runge-tui",) * 3),
        (Windows, ("runge-tui",) * 3),
    ],
)
def test_files_lie_where_the_platform_has_them(
    home: Path, monkeypatch: pytest.MonkeyPatch, platform: type[PlatformDirsABC], folders: tuple[str, ...]
) -> None:
    use(platform, monkeypatch)
    if platform is Windows and sys.platform != "win32":
        monkeypatch.setattr(platformdirs.windows, "get_win_folder", lambda _: str(home))
    assert [user_file(kind, "file", {}) for kind in KINDS] == [home / folder / "file" for folder in folders]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_only_an_earlier_version_left_is_still_used(
    home: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    use(MacOS, monkeypatch)
    new = user_file(kind, "file", {})
    assert new is not None
    former = home / {"config": ".config", "state": ".local/state", "data": ".local/share"}[kind] / "runge-tui" / "file"
    for path, expected in ((former, former), (new, new)):
        path.parent.mkdir(parents=True)
        path.touch()
        assert user_file(kind, "file", {}) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_an_xdg_variable_goes_before_the_platform_unless_it_is_relative(
    home: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    variable, default = f"XDG_{kind.upper()}_HOME", user_file(kind, "file", {})
    assert user_file(kind, "file", {variable: str(home / "other")}) == home / "other" / "runge-tui" / "file"
    monkeypatch.setenv(variable, "relative")  # platformdirs reads it from there
    assert user_file(kind, "file", {variable: "relative"}) == default


def test_the_configuration_of_an_earlier_version_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(MacOS, monkeypatch)
    file = home / ".config/runge-tui/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("epochs = 7\n")
    assert load_settings({}, {}).config.epochs == 7
