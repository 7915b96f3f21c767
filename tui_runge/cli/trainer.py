"""The commands that train: the screen, `resume` and `train`."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from tui_runge import __version__
from tui_runge.cli.names import COMMANDS
from tui_runge.cli.parser import Parser, add_options, gathered, parsed_words, run_start, runs_directory_of
from tui_runge.cli.terminal_background import asked, worth_asking
from tui_runge.core.settings import DEFAULT_EXPORT_FOLDER, REFRESH_RATE_NAMES, THEME_NAMES
from tui_runge.core.text import hint
from tui_runge.core.user_files import user_file

SCREEN = """\
Train a network on a function and its derivative, live in the terminal.

Trains at once; ? shows the keys. The defaults are the report's experiment: Runge's function, 256 points, a 1-64-64-1
tanh network, Adam, 1200 epochs. Every run is kept. Other commands: train (without a screen), resume, runs, compare,
export; each has its own --help.
"""
SCREEN_EXAMPLES = """\
examples:
  runge-tui                                    the report's experiment
  runge-tui --derivative-weight 10             weigh the slopes ten times as much
  runge-tui --hidden 128,128,128 --epochs 5000
  runge-tui resume                             go on with the latest run
  runge-tui train --out results                without a screen: figures and metrics.json to a folder
"""
RESUME = """\
Go on with a run that was kept, bit for bit as if it had never been interrupted; the latest by default.

Hyperparameters that act while training may be given, such as --epochs.
"""
RESUME_EXAMPLES = """\
examples:
  runge-tui resume
  runge-tui resume amber --epochs 5000         a run by its last word
  runge-tui train --resume amber               without a screen
"""
TRAIN = """\
Train without a screen and write what a run hands in: the report's five figures, metrics.json and more.

A progress bar goes to standard error, the table of errors to standard output. Exit status: 0 done, 1 failed (diverged,
cannot write), 2 bad usage, 130 interrupted (what was reached is written all the same).
"""
TRAIN_EXAMPLES = """\
examples:
  runge-tui train --out results                the report's experiment
  runge-tui train --out deep --hidden 64,64,64 --learning-rate 5e-4
  runge-tui train --preset precise             to the limit of the arithmetic, in about ten seconds
  runge-tui train --at 600:learning-rate=1e-4  a change while it trains: after epoch 600
  runge-tui train --branch amber@473 --optimizer lm
"""


def screen(words: Sequence[str]) -> int:
    """Open the screen on a new run."""
    parser = Parser("runge-tui", SCREEN, SCREEN_EXAMPLES)
    if words and not words[0].startswith("-"):
        parser.error(f"unknown command {words[0]!r}{hint(words[0], COMMANDS)} (none opens the screen)")
    parser.add_argument("--version", action="version", version=f"runge-tui {__version__}")
    _add_screen_options(parser)
    parsed = parsed_words(parser, words)
    parsed.resume = None
    return _open(parser, parsed)


def resume(words: Sequence[str]) -> int:
    """Open the screen on a run that was kept."""
    parser = Parser("runge-tui resume", RESUME, RESUME_EXAMPLES)
    parser.add_argument("resume", metavar="RUN", nargs="?", default="", help="name of a run, its beginning or its end")
    _add_screen_options(parser)
    return _open(parser, parsed_words(parser, words))


def _add_screen_options(parser: Parser) -> None:
    add_options(parser, f"folder in which each export makes a new one (default {DEFAULT_EXPORT_FOLDER})")
    text = f"one of {', '.join(THEME_NAMES)} (default the last one chosen, else as the terminal)"
    parser.add_argument("--theme", metavar="NAME", help=text)
    text = "draw in ASCII alone (default where the locale is not UTF-8)"
    parser.add_argument("--ascii", action=argparse.BooleanOptionalAction, help=text)
    text = "draw less often, for a slow line (default over SSH)"
    parser.add_argument("--slow", action=argparse.BooleanOptionalAction, help=text)
    rates = ", ".join(REFRESH_RATE_NAMES)
    text = f"how often a run is drawn: {rates} (default the last one chosen, else {REFRESH_RATE_NAMES[0]})"
    parser.add_argument("--refresh", metavar="RATE", help=text)


def _open(parser: Parser, parsed: argparse.Namespace) -> int:
    options = gathered(parser, parsed)
    runs_directory = runs_directory_of(parser, parsed, options)
    start = run_start(parser, parsed, options, runs_directory)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        parser.error("the screen needs a terminal on standard input and output: use runge-tui train --out DIR")
    with _asked() as is_light:
        from tui_runge.tui.app import run
        from tui_runge.tui.appearance import Appearance

        light = is_light()
    try:
        appearance = Appearance.of(options, os.environ, light)
    except ValueError as error:
        parser.error(f"[keys] of the configuration file: {error}")
    preferences = user_file("state", "preferences.json", os.environ)
    return run(start, runs_directory, Path(options.out), appearance, preferences, tensorboard=bool(options.tensorboard))


def _asked() -> AbstractContextManager[Callable[[], bool | None]]:
    """The question of the terminal's background, where an answer can be had in time."""
    if worth_asking(os.environ):
        return asked(sys.stdin.fileno(), sys.stdout.fileno())
    return nullcontext(lambda: None)


def train(words: Sequence[str]) -> int:
    """Train without a screen."""
    parser = Parser("runge-tui train", TRAIN, TRAIN_EXAMPLES)
    add_options(parser, f"folder for the files, made if need be (default a new one in {DEFAULT_EXPORT_FOLDER})")
    text = "go on with a run that was kept (default the latest)"
    parser.add_argument("--resume", metavar="RUN", nargs="?", const="", help=text)
    live = "change a hyperparameter that acts while training, once EPOCH epochs are done; may be given again"
    parser.add_argument("--at", action="append", default=[], metavar="EPOCH:NAME=VALUE", help=live)
    parsed = parsed_words(parser, words)
    # A folder named here takes the files; one from elsewhere takes a new folder a run, or each would undo the last.
    options = gathered(parser, parsed)
    runs_directory = runs_directory_of(parser, parsed, options)
    from tui_runge.cli.headless import train
    from tui_runge.core.scheduled_change import ScheduledChange

    try:
        plan = [ScheduledChange.parse(text) for text in parsed.at]
    except ValueError as error:
        parser.error(str(error))
    if plan and parsed.resume is not None:
        parser.error("--at cannot change a run that is gone on with: give the values themselves, or --branch RUN")
    start = run_start(parser, parsed, options, runs_directory)
    out = Path(options.out)
    return train(start, plan, runs_directory, out if parsed.out else None, out, tensorboard=bool(options.tensorboard))
