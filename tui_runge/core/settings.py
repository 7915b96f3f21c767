"""Where options come from: a flag, else the environment, else the configuration file, else the default."""

import contextlib
import os
import stat
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.field_types import NONE, Choice, Integer, Value, ValueType
from tui_runge.core.presets import PRESETS
from tui_runge.core.text import hint, show_path
from tui_runge.core.user_files import user_file

PREFIX = "RUNGE_TUI_"
DEFAULT_EXPORT_FOLDER = "runge-tui-exports"
DEFAULT_LOG_FOLDER = "runge-tui-logs"
LOG_TO_STDOUT = "jsonl"
THEME_NAMES = ("auto", "dark", "light")
REFRESH_RATE_NAMES = ("normal", "fast", "slow")
EXPORT_FORMATS = ("c", "numpy", "onnx", "chebyshev", "torch", "latex", "pdf")
"""What a fit can be handed on as; each export has it for NumPy."""
YES, NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


@dataclass(frozen=True)
class YesNo:
    """True or false."""

    rule = "yes or no"

    def check(self, name: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be true or false, got {value!r}")
        return value

    def parse(self, name: str, text: str) -> bool:
        if text.lower() not in YES + NO:
            raise ValueError(f"{name} must be {self.rule}, got {text!r}")
        return text.lower() in YES


@dataclass(frozen=True)
class FolderPath:
    """The path of a folder, which may not exist yet."""

    rule = "a folder"

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str) or not value:
            raise ValueError(f"{name} must be {self.rule}, got {value!r}")
        path = expand_home(name, value)
        mode = _mode(name, self.rule, path)
        if mode is not None and not stat.S_ISDIR(mode):
            raise ValueError(f"{name} must be a folder, got the file {show_path(path)}")
        return path

    parse = check


@dataclass(frozen=True)
class LogTarget:
    """Where losses are logged while they fall: a kind and, behind a colon, a path of the user's; empty for nowhere."""

    rule = f"jsonl, jsonl:PATH, tensorboard, tensorboard:DIR or {NONE}"

    def check(self, name: str, value: object) -> str:
        if value in ("", NONE):
            return ""
        kind, colon, path = value.partition(":") if isinstance(value, str) else ("", "", "")
        if kind not in ("jsonl", "tensorboard") or (colon and not path):
            raise ValueError(f"{name} must be {self.rule}, got {value!r}")
        return kind + colon + expand_home(name, path)

    parse = check


@dataclass(frozen=True)
class Names:
    """Some of a few names, separated by commas, in the order of those; none is an empty text."""

    option: str
    options: tuple[str, ...]

    @property
    def rule(self) -> str:
        return f"some of {', '.join(self.options)}, separated by commas"

    def check(self, name: str, value: object) -> str:
        del name  # the user knows the option by another
        if not isinstance(value, str):
            raise ValueError(f"{self.option} must be {self.rule}, got {value!r}")
        names = list(filter(None, map(str.strip, value.split(","))))
        for each in names:
            if each not in self.options:
                raise ValueError(f"{self.option} must be {self.rule}, got {each!r}")
        return ",".join(option for option in self.options if option in names)

    parse = check


def expand_home(name: str, path: str) -> str:
    """A path with the home that ~ stands for; raises ValueError where there is none."""
    expanded = os.path.expanduser(path)  # noqa: PTH111 - pathlib's raises where there is no home
    if expanded == path and path.partition("/")[0] == "~":
        raise ValueError(f"{name} must not begin with ~ for a user who has no home, got {show_path(path)}")
    return expanded


def _mode(name: str, rule: str, path: str) -> int | None:
    """The mode of what lies at a path, None where nothing does; raises ValueError where a path can lead nowhere."""
    try:
        with contextlib.suppress(FileNotFoundError):
            return Path(path).stat().st_mode
        for part in Path(path).parts:  # below a folder that is missing the system has looked at no name
            with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
                Path(part).lstat()
        return None
    except OSError as error:
        reason = error.strerror
    except ValueError:  # what the system's calls do not take
        reason = "No name of a file can hold one of its letters"
    raise ValueError(f"{name} must be {rule}, got {show_path(path)}: {reason}")


SCREEN_SETTINGS: dict[str, ValueType] = {
    "theme": Choice(THEME_NAMES),
    "ascii": YesNo(),
    "slow": YesNo(),
    "mouse": YesNo(),
    "refresh": Choice(REFRESH_RATE_NAMES),
    "out": FolderPath(),
    "runs_dir": FolderPath(),
    "tensorboard": YesNo(),
    "log": LogTarget(),
    "log_every": Integer(1, 10**9),
    "export_as": Names("as", EXPORT_FORMATS),
}
SETTING_TYPES: dict[str, ValueType] = {name: knob.kind for name, knob in HYPERPARAMETERS.items()}
SETTING_TYPES |= SCREEN_SETTINGS


@dataclass(frozen=True)
class Settings:
    """What a start is asked for; None where nothing was given. `keys` are the keys by the name of their action."""

    config: Config
    theme: str | None = None
    ascii: bool | None = None
    slow: bool | None = None
    mouse: bool | None = None
    refresh: str | None = None
    out: str = DEFAULT_EXPORT_FOLDER
    runs_dir: str | None = None
    tensorboard: bool | None = None
    log: str = ""
    log_every: int = 1
    export_as: str = ""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def formats(self) -> tuple[str, ...]:
        """Those of `EXPORT_FORMATS` that an export has besides NumPy's."""
        return tuple(filter(None, self.export_as.split(",")))


def load_settings(
    flags: Mapping[str, object],
    environment: Mapping[str, str],
    file: str | os.PathLike[str] | None = None,
    preset: str | None = None,
    *,
    ignored: Collection[str] = (),
) -> Settings:
    """The options: a flag goes before the preset, the environment, the file and the default; None is a flag not given.

    Options that are `ignored` are not taken from the environment and the file, whatever stands there.

    Raises ValueError in one line that names the file or the variable, the value and the rule, also where a stronger
    source would hide the mistake.
    """
    variables = {name: text for name, text in _variables(environment).items() if name not in ignored}
    path = _required_file(file, variables.pop("config", None)) or user_file("config", "config.toml", environment)
    tables = _read(path) if path else _Tables()
    source = show_path(path or "")
    written = {name: value for name, value in tables.values.items() if name not in ignored}
    values: dict[str, Any] = {name: _checked(source, name, value) for name, value in written.items()}
    values |= {name: _parsed(environment_variable(name), name, text) for name, text in variables.items()}
    if preset is not None:
        values |= PRESETS[Choice(tuple(PRESETS)).check("preset", preset)].values
    for name, flag in flags.items():
        if flag is not None:
            values[name] = SETTING_TYPES[name].parse(name, flag) if isinstance(flag, str) else flag
    config = Config(**{name: value for name, value in values.items() if name in HYPERPARAMETERS})
    screen = {name: value for name, value in values.items() if name in SCREEN_SETTINGS}
    return Settings(config, **screen, keys=tables.keys)


def environment_variable(name: str) -> str:
    """The environment variable of an option."""
    return PREFIX + name.removesuffix("_dir").upper()


def locale_is_utf8(environment: Mapping[str, str]) -> bool:
    """Whether the locale's encoding is UTF-8, or not told."""
    # Python itself sets LC_CTYPE to C.UTF-8 in a C locale, which says nothing about the terminal.
    coerced = environment.get("LC_CTYPE") == "C.UTF-8"
    names = (environment.get(name, "") for name in ("LC_ALL", "" if coerced else "LC_CTYPE", "LANG"))
    locale = next(filter(None, names), "")
    encoding = locale.partition("@")[0].partition(".")[2].lower().replace("-", "")
    return encoding == "utf8" or (not encoding and locale not in ("C", "POSIX"))


@dataclass(frozen=True)
class _Tables:
    values: Mapping[str, object] = field(default_factory=dict)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _required_file(flag: str | os.PathLike[str] | None, variable: str | None) -> Path | None:
    """The configuration file named by the flag or the variable, None where neither names one.

    Raises ValueError where it does not exist.
    """
    source = environment_variable("config") if flag is None else "--config"
    named = variable if flag is None else os.fspath(flag)
    if named is None:
        return None
    path = expand_home(source, named)
    mode = _mode(source, "a file", path)
    if mode is None or not stat.S_ISREG(mode):
        raise ValueError(f"{source} must be a file, got {show_path(path)}")
    return Path(path)


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The texts by the name of their option; an empty variable is as good as none."""
    ours = {name: text for name, text in environment.items() if name.startswith(PREFIX) and text}
    names = {environment_variable(name): name for name in (*SETTING_TYPES, "config")}
    for name in ours:
        if name not in names:
            raise ValueError(f"unknown variable {name}{hint(name, names)}")
    return {names[name]: text for name, text in ours.items()}


def _read(path: Path) -> _Tables:
    """The tables of a file: nothing where there is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows' editors begin a file with a byte-order mark
    except FileNotFoundError:
        return _Tables()
    except OSError as error:
        raise ValueError(f"{show_path(path)}: cannot be read: {error.strerror}") from None
    except ValueError as error:  # no UTF-8, or a path that the system's calls do not take
        raise ValueError(f"{show_path(path)}: cannot be read: {error}") from None
    import tomllib

    try:
        return _tables(tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{show_path(path)}: {error}") from None


def _tables(document: dict[str, Any]) -> _Tables:
    tables = {name: document.pop(name, {}) for name in ("config", "screen", "keys")}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ValueError(f"{name} must be a table, as in [{name}], got {table!r}")
    for name in document:
        if name in tables["config"]:
            raise ValueError(f"{name} stands both at the top and in [config]")
    config = document | tables["config"]
    _refuse_unknown(config, HYPERPARAMETERS, "[screen]", SCREEN_SETTINGS)
    _refuse_unknown(tables["screen"], SCREEN_SETTINGS, "[config]", HYPERPARAMETERS)
    return _Tables(config | tables["screen"], {name: _keys(name, keys) for name, keys in tables["keys"].items()})


def _keys(action: str, keys: object) -> tuple[str, ...]:
    listed = [keys] if isinstance(keys, str) else keys
    if not isinstance(listed, list) or not listed or not all(isinstance(key, str) and key for key in listed):
        raise ValueError(f'{action} must be a key or a list of keys, such as "x" or ["x", "ctrl+x"], got {keys!r}')
    return tuple(listed)


def _refuse_unknown(names: Iterable[str], known: Iterable[str], other_table: str, other_names: Iterable[str]) -> None:
    for name in names:
        if name in other_names:
            raise ValueError(f"{name} belongs in {other_table}")
        if name not in known:
            raise ValueError(f"unknown name {name}{hint(name, known)}")


def _checked(source: str, name: str, value: object) -> Value:
    try:
        return SETTING_TYPES[name].check(name, value)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None


def _parsed(source: str, name: str, text: str) -> Value:
    try:
        return SETTING_TYPES[name].parse(name, text)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None
