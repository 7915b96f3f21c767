"""Where options come from: the order of the sources, and what each refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runge.core.config import HYPERPARAMETERS, Config
from tui_runge.core.field_types import Choice, Function, Integer, IntervalText, Real, RealOrAuto, Sizes, ValueType
from tui_runge.core.settings import (
    SETTING_TYPES,
    LogTarget,
    Names,
    Settings,
    YesNo,
    environment_variable,
    load_settings,
    locale_is_utf8,
)

TEXTS = {IntervalText: ("-2,2", "-pi,pi"), LogTarget: ("jsonl", "tensorboard", "jsonl:some-file")}


def values(kind: ValueType) -> st.SearchStrategy[Any]:
    """Values that a kind allows, small enough to write down."""
    found: st.SearchStrategy[Any] = st.just("some-folder")
    match kind:
        case Choice(options):
            found = st.sampled_from(options)
        case Function(names):
            found = st.sampled_from((*names, "-x**2"))
        case IntervalText() | LogTarget():
            found = st.sampled_from(TEXTS[type(kind)])
        case Integer(low, high):
            found = st.integers(low, min(high, 10**6))
        case Real():
            found = st.floats(1e-6, min(1e6, kind.below), exclude_max=True)
        case Sizes():
            found = st.lists(st.integers(1, 4096), min_size=1, max_size=8).map(tuple)
        case RealOrAuto(real):
            found = st.just("auto") | values(real)
        case Names(options=options):
            found = st.sets(st.sampled_from(options)).map(lambda some: ",".join(filter(some.__contains__, options)))
        case YesNo():
            found = st.booleans()
    return found


SOURCES = st.sampled_from(sorted(SETTING_TYPES)).flatmap(
    lambda name: st.tuples(st.just(name), *[st.none() | values(SETTING_TYPES[name])] * 3)
)


def value(options: Settings, name: str) -> object:
    return getattr(options.config if name in HYPERPARAMETERS else options, name)


def text(name: str, value: Any) -> str:
    """What a person types for a value of an option."""
    if name in HYPERPARAMETERS:
        return HYPERPARAMETERS[name].kind.show(value)
    return {True: "yes", False: "no"}.get(value, str(value))


def toml(name: str, value: object) -> str:
    return f"[{'config' if name in HYPERPARAMETERS else 'screen'}]\n{name} = {json.dumps(value)}\n"


@given(SOURCES)
def test_a_flag_goes_before_the_environment_the_file_and_the_default(
    tmp_path_factory: pytest.TempPathFactory, sources: tuple[str, Any, Any, Any]
) -> None:
    name, flag, variable, written = sources
    file = tmp_path_factory.mktemp("options") / "config.toml"
    file.write_text("" if written is None else toml(name, written))
    environment = {} if variable is None else {environment_variable(name): text(name, variable)}
    given = {name: flag if flag is None or isinstance(flag, bool) else text(name, flag)}
    default = value(Settings(Config()), name)
    expected = next((given for given in (flag, variable, written) if given is not None), default)
    assert value(load_settings(given, environment, file), name) == expected


def test_what_is_ignored_is_not_taken_from_the_file_nor_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("epochs = 80\nhidden = 'wide'\n[screen]\nslow = true\n")
    options = load_settings({"seed": "3"}, {"RUNGE_TUI_STAGES": "none"}, file, ignored=HYPERPARAMETERS)
    assert (options.config, options.slow) == (Config(seed=3), True)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("epochs = 0", "epochs must be >= 1, got 0"),
        ('epochs = "many"', "epochs must be a whole number from 1 to 1000000000, got many"),
        ("epoch = 3", "unknown name epoch: did you mean epochs?"),
        ("theme = 'dark'", "theme belongs in [screen]"),
        ("[screen]\nepochs = 3", "epochs belongs in [config]"),
        ("[screen]\ntheme = 'blue'", "theme must be one of auto, dark, light, got 'blue'"),
        ("[screen]\nascii = 'yes'", "ascii must be true or false, got 'yes'"),
        ("epochs = 3\n[config]\nepochs = 4", "epochs stands both at the top and in [config]"),
        ("screen = 3", "screen must be a table, as in [screen], got 3"),
        ("[keys]\npause = 3", 'pause must be a key or a list of keys, such as "x" or ["x", "ctrl+x"], got 3'),
        ("epochs", "Expected '=' after a key in a key/value pair (at end of document)"),
    ],
)
def test_a_mistake_in_the_file_names_the_file_and_the_rule(tmp_path: Path, text: str, rule: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared
        load_settings({}, {}, file)
    assert str(refused.value) == f"{file}: {rule}"


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"RUNGE_TUI_EPOCHS": "0"}, "RUNGE_TUI_EPOCHS: epochs must be >= 1, got 0"),
        ({"RUNGE_TUI_ASCII": "maybe"}, "RUNGE_TUI_ASCII: ascii must be yes or no, got 'maybe'"),
        ({"RUNGE_TUI_EPOCH": "3"}, "unknown variable RUNGE_TUI_EPOCH: did you mean RUNGE_TUI_EPOCHS?"),
        ({"RUNGE_TUI_CONFIG": "/no/such"}, "RUNGE_TUI_CONFIG must be a file, got /no/such"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(environment: dict[str, str], line: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the whole message is compared
        load_settings({}, environment)
    assert str(refused.value) == line


def test_the_file_is_looked_for_in_the_place_for_it(tmp_path: Path) -> None:
    file = tmp_path / "runge-tui" / "config.toml"
    file.parent.mkdir()
    file.write_text('epochs = 7\n[keys]\nquit = "x"\npause = ["p", "f2"]\n')
    options = load_settings({}, {"XDG_CONFIG_HOME": str(tmp_path), "RUNGE_TUI_SEED": ""})
    assert (options.config.epochs, options.config.seed) == (7, Config().seed)
    assert options.keys == {"quit": ("x",), "pause": ("p", "f2")}


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("epochs = 7\n", encoding="utf-8-sig")
    assert load_settings({}, {}, file).config.epochs == 7


def test_a_file_nested_beyond_measure_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("epochs = " + "[" * 100_000)
    with pytest.raises(ValueError, match=r"^/.*config.toml: "):
        load_settings({}, {}, file)


@pytest.mark.parametrize("name", ["out", "runs_dir"])
@pytest.mark.parametrize("path", ["\0", "x" * 300])
def test_a_path_that_the_system_does_not_take_is_refused(tmp_path: Path, name: str, path: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[screen]\n{name} = {json.dumps(path)}\n")
    with pytest.raises(ValueError, match=rf"config.toml: {name} must be a folder, got .*: .*name"):
        load_settings({}, {}, file)


def test_the_home_is_written_as_a_tilde_in_every_place_for_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    file = tmp_path / "config.toml"
    file.write_text("[screen]\nout = '~/out'\n")
    assert load_settings({"runs_dir": "~/runs"}, {}, "~/config.toml").out == str(tmp_path / "out")
    settings = load_settings({"runs_dir": "~/runs"}, {"RUNGE_TUI_CONFIG": "~/config.toml"})
    assert (settings.out, settings.runs_dir) == (str(tmp_path / "out"), str(tmp_path / "runs"))
    (tmp_path / "runge-tui").mkdir()
    (tmp_path / "runge-tui" / "config.toml").write_text("epochs = 7")
    assert load_settings({}, {"XDG_CONFIG_HOME": "~"}).config.epochs == 7


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, True),
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_DE.utf8@euro"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "C"}, False),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, False),  # as Python leaves it
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, True),
    ],
)
def test_the_locale_tells_whether_the_terminal_speaks_utf8(environment: dict[str, str], expected: bool) -> None:
    assert locale_is_utf8(environment) is expected
