"""Where a user's own files lie: the configuration, the preferences of the screen and the runs."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

PROGRAM = "runge-tui"
XDG_FOLDERS = {"config": ".config", "state": ".local/state", "data": ".local/share"}


def user_file(kind: Literal["config", "state", "data"], name: str, environment: Mapping[str, str]) -> Path:
    """The path of a file of ours, or of a folder, in the user's folder of a kind; it need not exist.

    The folder is that of XDG_CONFIG_HOME and the like where it is absolute, else the platform's. Files that lie only
    in ~/.config and the like, where they were on every platform once, are used there.
    """
    named = Path(environment.get(f"XDG_{kind.upper()}_HOME", ""))
    if named.is_absolute():
        return named / PROGRAM / name
    former = Path(os.path.expanduser("~"), XDG_FOLDERS[kind], PROGRAM, name)  # noqa: PTH111 - pathlib's may raise
    path = _platform_folder(kind) / name
    # platformdirs takes a relative XDG_CONFIG_HOME as it is; the specification asks to ignore it.
    return former if not path.is_absolute() or (former.exists() and not path.exists()) else path


def _platform_folder(kind: str) -> Path:
    import platformdirs  # 5 ms that a start with the XDG variables set need not spend

    folders = {
        "config": platformdirs.user_config_path,
        "state": platformdirs.user_state_path,
        "data": platformdirs.user_data_path,
    }
    return folders[kind](PROGRAM, appauthor=False)
