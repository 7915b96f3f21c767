"""What the subcommands' parsers have in common: one-line errors, and an option for every hyperparameter."""

import argparse
import os
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NoReturn

from tui_runge.core.config import HYPERPARAMETERS
from tui_runge.core.presets import PRESETS
from tui_runge.core.run_start import Branch, New, Resume, RunStart
from tui_runge.core.settings import SETTING_TYPES, Settings, load_settings
from tui_runge.core.text import hint
from tui_runge.export.layout import TENSORBOARD
from tui_runge.export.tensorboard import NOT_INSTALLED, is_installed
from tui_runge.runs.directory import RunsDirectory, default_path

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
    text = (
        "configuration file, TOML (default config.toml in the user's configuration folder, such as ~/.config/runge-tui)"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help=text)
    text = "go on from a run, or from its snapshot after an epoch, as a new run; what is not given is as there"
    parser.add_argument("--branch", metavar="RUN[@EPOCH]", help=text)
    text = "word in the name of the run (default one by chance)"
    parser.add_argument("--name", metavar="WORD", default="", help=text)
    add_tensorboard(parser)
    add_runs_dir(parser)
    for name, knobs in groupby(HYPERPARAMETERS.values(), key=lambda knob: knob.group):
        group = parser.add_argument_group(name)
        for knob in knobs:
            text = f"{knob.help}; {knob.kind.rule} (default {knob.kind.show(knob.default)})"
            group.add_argument(knob.flag, metavar=knob.kind.metavar, help=text)


def add_tensorboard(parser: Parser) -> None:
    """Add the option to export for TensorBoard too."""
    text = f"export the losses for TensorBoard too, to a folder {TENSORBOARD} beside the files"
    parser.add_argument("--tensorboard", action=argparse.BooleanOptionalAction, help=text)


def add_runs_dir(parser: Parser) -> None:
    """Add the option of the folder that runs are kept in."""
    text = "folder in which runs are kept (default RUNGE_TUI_RUNS, else the user's data folder)"
    parser.add_argument("--runs-dir", metavar="DIR", help=text)


def parsed_words(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    """What the words say; ends with one line where one is unknown."""
    parser.refuse_unknown(words)
    return parser.parse_args(words)


def gathered(parser: Parser, parsed: argparse.Namespace) -> Settings:
    """What was parsed, with what the environment and the configuration file add."""
    flags = {name: value for name, value in vars(parsed).items() if name in SETTING_TYPES}
    try:
        options = load_settings(flags, os.environ, getattr(parsed, "config", None), getattr(parsed, "preset", None))
    except ValueError as error:
        parser.error(str(error))
    if options.tensorboard and not is_installed():
        parser.error(NOT_INSTALLED)
    return options


def runs_directory_of(parser: Parser, parsed: argparse.Namespace, options: Settings) -> RunsDirectory:
    """Where runs are kept."""
    try:
        return RunsDirectory(
            Path(options.runs_dir) if options.runs_dir else default_path(), getattr(parsed, "name", "")
        )
    except ValueError as error:
        parser.error(f"--{error}")


def run_start(
    parser: Parser, parsed: argparse.Namespace, settings: Settings, runs_directory: RunsDirectory
) -> RunStart:
    """What is to be trained: a new run, one that is resumed, or a branch."""
    if parsed.resume is not None and parsed.branch:
        parser.error("--branch begins a new run, which cannot go on with another: give one of them")
    if parsed.resume is None and not parsed.branch:
        return New(settings.config)
    texts = {name: getattr(parsed, name) for name in HYPERPARAMETERS if getattr(parsed, name) is not None}
    try:
        values = {name: HYPERPARAMETERS[name].kind.parse(name, text) for name, text in texts.items()}
        runs = runs_directory.runs
        if parsed.branch:
            run, _, epoch = parsed.branch.partition("@")
            return Branch.of(runs.read(runs.find(run), _epoch(epoch)), values)
        return Resume.of(runs.read(runs.find(parsed.resume)), values)
    except ValueError as error:
        parser.error(str(error))


def _epoch(text: str) -> int | None:
    if text and not text.isdecimal():
        raise ValueError(f"--branch must be RUN or RUN@EPOCH, got the epoch {text!r}")
    return int(text) if text else None
