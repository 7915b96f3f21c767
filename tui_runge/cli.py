"""The command line: with a screen, or `train` without one; only what is chosen is imported."""

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NoReturn

from tui_runge import __version__
from tui_runge.config import KNOBS, Config

EXPORTS = Path("runge-tui-exports")

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
  runge-tui train --at 600:learning-rate=1e-4  a change while it trains: after epoch 600
"""


class Parser(argparse.ArgumentParser):
    """A parser that shows its texts as written and whose errors are one line."""

    def __init__(self, prog: str, description: str, epilog: str) -> None:
        super().__init__(
            prog,
            description=description,
            epilog=epilog,
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
                near = difflib.get_close_matches(word, flags, 1, cutoff=0.7)
                self.error(f"unknown option {word}: {f'did you mean {near[0]}?' if near else 'see --help'}")


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
    slow = "send little to the terminal; on by itself where SSH_CONNECTION is set"
    parser.add_argument("--slow", action="store_true", default="SSH_CONNECTION" in os.environ, help=slow)
    options = _options(parser, words)
    config = _config(parser, options)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        parser.error("the screen needs a terminal on standard input and output: use runge-tui train --out DIR")
    from tui_runge.tui.app import run

    return run(config, options.out or EXPORTS, options.slow)


def _train(words: Sequence[str]) -> int:
    parser = Parser("runge-tui train", TRAIN, TRAIN_EXAMPLES)
    _add_options(parser, f"folder for the files, made if need be (default a new one in {EXPORTS})")
    live = "change a hyperparameter that acts while training, once EPOCH epochs are done; may be given again"
    parser.add_argument("--at", action="append", default=[], metavar="EPOCH:NAME=VALUE", help=live)
    options = _options(parser, words)
    config = _config(parser, options)
    from tui_runge.plan import Planned

    try:
        plan = [Planned.parse(text) for text in options.at]
    except ValueError as error:
        parser.error(str(error))
    from tui_runge.headless import train

    return train(config, plan, options.out, EXPORTS)


def _add_options(parser: Parser, out: str) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help=out)
    for name, knobs in groupby(KNOBS.values(), key=lambda knob: knob.group):
        group = parser.add_argument_group(name)
        for knob in knobs:
            text = f"{knob.help}; {knob.kind.rule} (default {knob.kind.show(knob.default)})"
            group.add_argument(knob.flag, metavar=knob.kind.metavar, help=text)


def _options(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    parser.refuse_unknown(words)
    options = parser.parse_args(words)
    if options.out is not None and options.out.exists() and not options.out.is_dir():
        parser.error(f"--out must be a folder, got the file {options.out}")
    return options


def _config(parser: Parser, options: argparse.Namespace) -> Config:
    texts = {name: text for name in KNOBS if (text := getattr(options, name)) is not None}
    try:
        return Config.from_text(texts)
    except ValueError as error:
        parser.error(str(error))
