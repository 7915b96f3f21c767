"""What the subcommands' parsers have in common: one-line errors, and an option for every hyperparameter."""

import argparse
import os
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NoReturn

from tui_runge.board import BOARD, MISSING, installed
from tui_runge.config import KNOBS
from tui_runge.options import KINDS, Options, gather, hint
from tui_runge.presets import PRESETS
from tui_runge.runs.place import Place, default_path
from tui_runge.start import Start

ORDER = "\nOrder: a flag, else the variable RUNGE_TUI_NAME, else the --config file, else the default.\n"


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


def add_options(parser: Parser, out: str) -> None:
    """Add what every command that trains can be given."""
    parser.add_argument("--out", metavar="DIR", help=out)
    text = f"start from a preset, which flags override: {', '.join(PRESETS)}"
    parser.add_argument("--preset", metavar="NAME", help=text)
    text = "configuration file, TOML (default ~/.config/runge-tui/config.toml, where there is one)"
    parser.add_argument("--config", type=Path, metavar="FILE", help=text)
    text = "go on from a run, or from its snapshot after an epoch, as a new run; what is not given is as there"
    parser.add_argument("--branch", metavar="RUN[@EPOCH]", help=text)
    text = "word in the name of the run (default one by chance)"
    parser.add_argument("--name", metavar="WORD", default="", help=text)
    add_board(parser)
    add_runs(parser)
    for name, knobs in groupby(KNOBS.values(), key=lambda knob: knob.group):
        group = parser.add_argument_group(name)
        for knob in knobs:
            text = f"{knob.help}; {knob.kind.rule} (default {knob.kind.show(knob.default)})"
            group.add_argument(knob.flag, metavar=knob.kind.metavar, help=text)


def add_board(parser: Parser) -> None:
    """Add the option to export for TensorBoard too."""
    text = f"export the losses for TensorBoard too, to a folder {BOARD} beside the files"
    parser.add_argument("--tensorboard", action=argparse.BooleanOptionalAction, help=text)


def add_runs(parser: Parser) -> None:
    """Add the option of the folder that runs are kept in."""
    text = "folder in which runs are kept (default RUNGE_TUI_RUNS, else the user's data folder)"
    parser.add_argument("--runs-dir", metavar="DIR", help=text)


def parsed_words(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    """What the words say; ends with one line where one is unknown."""
    parser.refuse_unknown(words)
    return parser.parse_args(words)


def gathered(parser: Parser, parsed: argparse.Namespace) -> Options:
    """What was parsed, with what the environment and the configuration file add."""
    flags = {name: value for name, value in vars(parsed).items() if name in KINDS}
    try:
        options = gather(flags, os.environ, getattr(parsed, "config", None), getattr(parsed, "preset", None))
    except ValueError as error:
        parser.error(str(error))
    if options.tensorboard and not installed():
        parser.error(MISSING)
    return options


def place_of(parser: Parser, parsed: argparse.Namespace, options: Options) -> Place:
    """Where runs are kept."""
    try:
        return Place(Path(options.runs_dir) if options.runs_dir else default_path(), getattr(parsed, "name", ""))
    except ValueError as error:
        parser.error(f"--{error}")


def started(parser: Parser, parsed: argparse.Namespace, options: Options, place: Place) -> Start:
    """What is to be trained: a new run, one that goes on, or a branch."""
    if parsed.resume is not None and parsed.branch:
        parser.error("--branch begins a new run, which cannot go on with another: give one of them")
    if parsed.resume is None and not parsed.branch:
        return Start.new(options.config)
    texts = {name: getattr(parsed, name) for name in KNOBS if getattr(parsed, name) is not None}
    try:
        values = {name: KNOBS[name].kind.parse(name, text) for name, text in texts.items()}
        runs = place.runs
        if parsed.branch:
            run, _, epoch = parsed.branch.partition("@")
            return Start.branch(runs.read(runs.find(run), _epoch(epoch)), values)
        return Start.again(runs.read(runs.find(parsed.resume)), values)
    except ValueError as error:
        parser.error(str(error))


def _epoch(text: str) -> int | None:
    if text and not text.isdecimal():
        raise ValueError(f"--branch must be RUN or RUN@EPOCH, got the epoch {text!r}")
    return int(text) if text else None
