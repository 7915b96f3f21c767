"""Where options come from: a flag, else the environment, else the configuration file, else the default."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.field_types import Choice, Value, ValueType
from tui_runge.core.presets import PRESETS
from tui_runge.core.text import hint
from tui_runge.core.user_files import user_file

PREFIX = "RUNGE_TUI_"
DEFAULT_EXPORT_FOLDER = "runge-tui-exports"
THEME_NAMES = ("auto", "dark", "light")
REFRESH_RATE_NAMES = ("normal", "fast", "slow")
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
        path = os.path.expanduser(value)  # noqa: PTH111 - pathlib's raises where there is no home
        if Path(path).exists() and not Path(path).is_dir():
            raise ValueError(f"{name} must be a folder, got the file {path}")
        return path

    parse = check


SCREEN_SETTINGS: dict[str, ValueType] = {
    "theme": Choice(THEME_NAMES),
    "ascii": YesNo(),
    "slow": YesNo(),
    "mouse": YesNo(),
    "refresh": Choice(REFRESH_RATE_NAMES),
    "out": FolderPath(),
    "runs_dir": FolderPath(),
    "tensorboard": YesNo(),
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
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def load_settings(
    flags: Mapping[str, object], environment: Mapping[str, str], file: Path | None = None, preset: str | None = None
) -> Settings:
    """The options: a flag goes before the preset, the environment, the file and the default; None is a flag not given.

    Raises ValueError in one line that names the file or the variable, the value and the rule, also where a stronger
    source would hide the mistake.
    """
    variables = _variables(environment)
    path = _required_file(file, variables.pop("config", None)) or user_file("config", "config.toml", environment)
    tables = _read(path)
    values: dict[str, Any] = {name: _checked(str(path), name, value) for name, value in tables.values.items()}
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


def _required_file(flag: Path | None, variable: str | None) -> Path | None:
    """The configuration file named by the flag or the variable, None where neither names one.

    Raises ValueError where it does not exist.
    """
    source = "--config" if flag else environment_variable("config")
    path = flag or (Path(variable) if variable else None)
    if path is not None and not path.is_file():
        raise ValueError(f"{source} must be a file, got {path}")
    return path


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
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return _Tables()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: cannot be read: {error}") from None
    import tomllib

    try:
        return _tables(tomllib.loads(text))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


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
