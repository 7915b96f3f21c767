"""Where a user's own files lie: the configuration, the preferences of the screen and the runs."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

PROGRAM = "runge-tui"
XDG_FOLDERS = {"config": ".config", "state": ".local/state", "data": ".local/share"}


def user_file(kind: Literal["config", "state", "data"], name: str, environment: Mapping[str, str]) -> Path | None:
    """The path of a file of ours, or of a folder, in the user's folder of a kind; it need not exist.

    None for a user who has no home, where no variable names another folder.

    The folder is that of XDG_CONFIG_HOME and the like where it is absolute, else the platform's. Files that lie only
    in ~/.config and the like, where they were on every platform once, are used there.
    """
    named = Path(os.path.expanduser(environment.get(f"XDG_{kind.upper()}_HOME", "")))  # noqa: PTH111 - as below
    if named.is_absolute():
        return named / PROGRAM / name
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - pathlib's raises where there is no home
    if not home.is_absolute():
        return None
    former = home / XDG_FOLDERS[kind] / PROGRAM / name
    path = _platform_folder(kind) / name
    # platformdirs takes a relative XDG_CONFIG_HOME as it is; the specification asks to ignore it.
    return former if not path.is_absolute() or (_exists(former) and not _exists(path)) else path


def _exists(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - pathlib's raises for a folder that may not be looked into


def _platform_folder(kind: str) -> Path:
    import platformdirs  # 5 ms that a start with the XDG variables set need not spend

    folders = {
        "config": platformdirs.user_config_path,
        "state": platformdirs.user_state_path,
        "data": platformdirs.user_data_path,
    }
    return folders[kind](PROGRAM, appauthor=False)
