"""The command line: with a screen, or `train` without one; only what is chosen is imported."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NoReturn

from tui_runge import __version__
from tui_runge.config import KNOBS
from tui_runge.options import EXPORTS, KINDS, THEMES, Options, gather, hint, home
from tui_runge.presets import PRESETS

STATE = ".local/state"
ORDER = "\nOrder: a flag, else the variable RUNGE_TUI_NAME, else the --config file, else the default.\n"
SCREEN = """\
Train a network on a function and its derivative, live in the terminal.

Trains at once; ? shows the keys. The defaults are the report's experiment: Runge's function, 256 points, a 1-64-64-1
tanh network, Adam, 1200 epochs. Without a screen: runge-tui train.
"""
SCREEN_EXAMPLES = """\
examples:
  runge-tui                                    the report's experiment
  runge-tui --derivative-weight 10             weigh the slopes ten times as much
  runge-tui --hidden 128,128,128 --epochs 5000
  runge-tui train --out results                without a screen: figures and metrics.json to a folder
"""
TRAIN = """\
Train without a screen and write the report's six files: five figures and metrics.json.

A progress bar goes to standard error, the table of errors to standard output. Exit status: 0 done, 1 failed (diverged,
cannot write), 2 bad usage, 130 interrupted (what was reached is written all the same).
"""
TRAIN_EXAMPLES = """\
examples:
  runge-tui train --out results                the report's experiment
  runge-tui train --out deep --hidden 64,64,64 --learning-rate 5e-4
  runge-tui train --preset precise             to the limit of the arithmetic, in about ten seconds
  runge-tui train --at 600:learning-rate=1e-4  a change while it trains: after epoch 600
"""


class Parser(argparse.ArgumentParser):
    """A parser that shows its texts as written and whose errors are one line."""

    def __init__(self, prog: str, description: str, epilog: str) -> None:
        super().__init__(
            prog,
            description=description,
            epilog=epilog + ORDER,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")

    def refuse_unknown(self, words: Sequence[str]) -> None:
        """End with a hint where a word looks like an option and is none."""
        flags = [flag for action in self._actions for flag in action.option_strings]
        for word in (word.partition("=")[0] for word in words if word.startswith("--")):
            if word not in flags:
                near = hint(word, flags)
                self.error(f"unknown option {word}{near if near.endswith('?') else ': see --help'}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] == ["train"]:
        return _train(words[1:])
    return _screen(words)


def _screen(words: Sequence[str]) -> int:
    parser = Parser("runge-tui", SCREEN, SCREEN_EXAMPLES)
    if words and not words[0].startswith("-"):
        parser.error(f"unknown command {words[0]!r}: the command is train, or none for the screen")
    parser.add_argument("--version", action="version", version=f"runge-tui {__version__}")
    _add_options(parser, f"folder in which each export makes a new one (default {EXPORTS})")
    parser.add_argument(
        "--theme",
        metavar="NAME",
        help=f"one of {', '.join(THEMES)} (default the last one chosen, else as the terminal)",
    )
    text = "draw in ASCII alone (default where the locale is not UTF-8)"
    parser.add_argument("--ascii", action=argparse.BooleanOptionalAction, help=text)
    text = "draw less often, for a slow line (default over SSH)"
    parser.add_argument("--slow", action=argparse.BooleanOptionalAction, help=text)
    options = _options(parser, vars(_parse(parser, words)))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        parser.error("the screen needs a terminal on standard input and output: use runge-tui train --out DIR")
    from tui_runge.tui.app import run
    from tui_runge.tui.look import Look

    try:
        look = Look.of(options, os.environ)
    except ValueError as error:
        parser.error(f"[keys] of the configuration file: {error}")
    return run(options.config, Path(options.out), look, home(os.environ, "XDG_STATE_HOME", STATE, "preferences.json"))


def _train(words: Sequence[str]) -> int:
    parser = Parser("runge-tui train", TRAIN, TRAIN_EXAMPLES)
    _add_options(parser, f"folder for the files, made if need be (default a new one in {EXPORTS})")
    live = "change a hyperparameter that acts while training, once EPOCH epochs are done; may be given again"
    parser.add_argument("--at", action="append", default=[], metavar="EPOCH:NAME=VALUE", help=live)
    parsed = _parse(parser, words)
    # A folder named here takes the files; one from elsewhere takes a new folder a run, or each would undo the last.
    options = _options(parser, vars(parsed))
    from tui_runge.plan import Planned

    try:
        plan = [Planned.parse(text) for text in parsed.at]
    except ValueError as error:
        parser.error(str(error))
    from tui_runge.headless import train

    return train(options.config, plan, Path(options.out) if parsed.out else None, Path(options.out))


def _add_options(parser: Parser, out: str) -> None:
    parser.add_argument("--out", metavar="DIR", help=out)
    text = f"start from a preset, which flags override: {', '.join(PRESETS)}"
    parser.add_argument("--preset", metavar="NAME", help=text)
    text = "configuration file, TOML (default ~/.config/runge-tui/config.toml, where there is one)"
    parser.add_argument("--config", type=Path, metavar="FILE", help=text)
    for name, knobs in groupby(KNOBS.values(), key=lambda knob: knob.group):
        group = parser.add_argument_group(name)
        for knob in knobs:
            text = f"{knob.help}; {knob.kind.rule} (default {knob.kind.show(knob.default)})"
            group.add_argument(knob.flag, metavar=knob.kind.metavar, help=text)


def _parse(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    parser.refuse_unknown(words)
    return parser.parse_args(words)


def _options(parser: Parser, parsed: Mapping[str, object]) -> Options:
    """What was parsed, with what the environment and the configuration file add."""
    flags = {name: parsed[name] for name in KINDS if name in parsed}
    file, preset = parsed["config"], parsed["preset"]
    assert file is None or isinstance(file, Path)
    assert preset is None or isinstance(preset, str)
    try:
        return gather(flags, os.environ, file, preset)
    except ValueError as error:
        parser.error(str(error))
