"""The commands and their options. Which words there are is said here; what they mean in `invocation`."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NoReturn

from tui_runge import __version__
from tui_runge.analysis.classical_table import DEFAULT_DEGREE
from tui_runge.core.config import HYPERPARAMETERS, Hyperparameter
from tui_runge.core.errors import ERROR_LABELS
from tui_runge.core.field_types import Function, IntervalText
from tui_runge.core.presets import PRESETS
from tui_runge.core.settings import (
    DEFAULT_EXPORT_FOLDER,
    DEFAULT_LOG_FOLDER,
    EXPORT_FORMATS,
    REFRESH_RATE_NAMES,
    THEME_NAMES,
)
from tui_runge.core.text import hint
from tui_runge.export.layout import TENSORBOARD

SCREEN = """\
Train a network on a function and its derivative, live in the terminal.

Trains at once; ? shows the keys. The defaults are the report's experiment: Runge's function, 256 points, a 1-64-64-1
tanh network, Adam, 1200 epochs. Every run is kept. Other commands: train (without a screen), resume, learn, runs,
compare, front, export, predict, record, classical, sweep, serve; each has its own --help.
"""
SCREEN_EXAMPLES = """\
  runge-tui                                    the report's experiment
  runge-tui --derivative-weight 10             weigh the slopes ten times as much
  runge-tui --hidden 128,128,128 --epochs 5000
  runge-tui --target "exp(-x^2) sin(8x)" --interval -2,2
  runge-tui --data points.csv --columns t,y    points of your own; --data example:copper shows how
  runge-tui resume                             go on with the latest run
  runge-tui train --out results                without a screen: figures and metrics.json to a folder
"""
RESUME = """\
Go on with a run that was kept, bit for bit as if it had never been interrupted; the latest by default.

Hyperparameters that act while training may be given, such as --epochs.
"""
RESUME_EXAMPLES = """\
  runge-tui resume
  runge-tui resume amber --epochs 5000         a run by its last word
  runge-tui train --resume amber               without a screen
"""
LEARN = """\
Open the screen with the lessons over it, as the key L does.

Each says what will be seen, trains it when enter is pressed, and checks it on the numbers that were measured.
"""
LEARN_EXAMPLES = """\
  runge-tui learn
"""
SERVE = """\
Open the screen in browsers, as for a classroom: each visitor has a process and a run of their own.

Only this machine can open it, unless --host says otherwise. A page that is closed ends its process; the run is kept.
All other options are those of each visitor's screen. Visitors see, rename and delete the runs that are kept in
--runs-dir. They read no other file of this machine, since only examples can be typed as data, and write none: an
export is a download, a ZIP of its files. The theme and the like that one chooses are not kept for the next.
"""
SERVE_EXAMPLES = """\
  runge-tui serve                              at http://127.0.0.1:8000
  runge-tui serve --host 0.0.0.0 --runs-dir classroom
  runge-tui serve --data points.csv            each visitor fits these points
"""
TRAIN = """\
Train without a screen and write what a run hands in: the report's five figures, metrics.json and more.

A progress bar goes to standard error, the table of errors to standard output. Exit status: 0 done, 1 failed (diverged,
cannot write), 2 bad usage, 130 interrupted (what was reached is written all the same).
"""
TRAIN_EXAMPLES = """\
  runge-tui train --out results                the report's experiment
  runge-tui train --out deep --hidden 64,64,64 --learning-rate 5e-4
  runge-tui train --preset precise             to the limit of the arithmetic, in about ten seconds
  runge-tui train --at 600:learning-rate=1e-4  a change while it trains: after epoch 600
  runge-tui train --branch amber@473 --optimizer lm
  runge-tui train --log jsonl | jq .train_total
"""
SWEEP = """\
Train many runs: every combination of the values that are varied, each with several seeds. The runs are kept as all are.

Values are separated by commas, or by colons where they contain commas; log:1e-4..1e-2:5 and lin:0..1:5 are ranges. What
is not varied is given as for train. Trains what is left of a sweep when it is resumed, and only that. Exit status: 0
all runs have ended (one that diverged has), 1 runs failed or cannot be written, 2 bad usage, 130 interrupted.
"""
SWEEP_EXAMPLES = """\
  runge-tui sweep --vary derivative_weight=0.1,1,10 --vary hidden=20,20:64,64 --seeds 5
  runge-tui sweep --vary learning_rate=log:1e-4..1e-2:5 --epochs 500 --dry-run
  runge-tui sweep --vary hidden=32:64 --vary epochs=600,1200 --zip
  runge-tui sweep --vary learning_rate=log:1e-4..1e-1 --vary hidden=32:64:32,32 --search 40 --minimise max_f
  runge-tui sweep --vary hidden=32:64 --seeds 50 --slurm partition=cpu,time=30
  runge-tui sweep --resume amber               a sweep by its last word
  runge-tui sweep --status amber --json
  runge-tui sweep --watch amber                the screen, whoever trains it
  runge-tui sweep --report amber --out results tables, charts, and whether differences are more than chance
"""
RUNS = "List the runs that were kept, the newest first.\n"
RUNS_EXAMPLES = """\
  runge-tui runs
  runge-tui runs --json | jq '.[0].errors'
"""
COMPARE = "Compare runs: the hyperparameters in which they differ, and their errors, the best of each marked by *.\n"
COMPARE_EXAMPLES = """\
  runge-tui compare amber birch                runs by their last words
  runge-tui compare 20261123-1712-amber birch --json
"""
EXPORT = (
    "Write what a run hands in, as the key e does: figures, tables, a report and the model. The latest by default.\n"
)
EXPORT_EXAMPLES = """\
  runge-tui export --out results
  runge-tui export amber --out results
  runge-tui export amber --out results --as c,onnx    C source and ONNX of the model too
"""
PREDICT = """\
Print x, f̂(x) and f̂′(x) of a run as CSV, in the units of its points and precise to the last digit.

The x are numbers or expressions such as pi/4, read from standard input for -. Of a file, the first cell of each line is
taken. Outside the interval that was fitted a line on standard error says so.
"""
PREDICT_EXAMPLES = """\
  runge-tui predict amber -0.5 0 pi/4          a run by its last word
  seq -1 0.01 1 | runge-tui predict amber -
  runge-tui predict amber --file points.csv > fit.csv
"""
RECORD = """\
Write a new file that shows a run as it trained, made from its snapshots: no terminal is needed.

The file's ending says what it is: .cast a recording of the screen (asciicast, which asciinema plays), .gif and .apng
(or .png) an animated figure of the fit, the error by place and the losses.
"""
RECORD_EXAMPLES = """\
  runge-tui record amber --out amber.cast      then: asciinema play amber.cast
  runge-tui record amber --out amber.cast --size 80x24 --seconds 10
  runge-tui record amber --out amber.gif
"""
DEFAULT_RECORDING_SECONDS = 20
CLASSICAL = """\
Hold classical methods against a network: polynomials, splines, smoothing and rational functions on the same points.

Prints each method's errors and the seconds that its fit took, the best marked by *; with a RUN those of its network
too, and the degree of the Chebyshev series that is as accurate.
"""
CLASSICAL_EXAMPLES = """\
  runge-tui classical                          on the report's points
  runge-tui classical amber --degree 40        beside the network of a run, by its last word
  runge-tui classical --target "abs(x)" --noise 0.05
"""
NEW_FOLDERS = f"folder in which each export makes a new one (default {DEFAULT_EXPORT_FOLDER})"
FRONT = """\
List the kept runs of one problem by their errors, MSE(f) against MSE(f'); * marks those that no other beats in both.

The problem is that of RUN, by default of the latest: the same function on the same interval, or the same points.
"""
FRONT_EXAMPLES = """\
  runge-tui front
  runge-tui front amber --json
"""
ORDER = "Order: a flag, else the variable RUNGE_TUI_NAME, else the --config file, else the default.\n"


SIGNED_FLAGS = tuple(knob.flag for knob in HYPERPARAMETERS.values() if isinstance(knob.kind, Function | IntervalText))
"""The options whose value may begin with a minus without being a number."""


class CommandParser(argparse.ArgumentParser):
    """The parser of one command: shows its texts as written, and ends in one line at words that it does not know."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")

    def parse_known_args(self, args: Iterable[str] | None = None, namespace: Any = None) -> tuple[Any, list[str]]:
        args = list(args or ())
        self._refuse_unknown_options(args)
        return super().parse_known_args(args, namespace)

    def _refuse_unknown_options(self, words: Sequence[str]) -> None:
        flags = [flag for action in self._actions for flag in action.option_strings]
        for word in (word.partition("=")[0] for word in words if word.startswith("--")):
            if word not in flags:
                nearest = hint(word, flags)
                self.error(f"unknown option {word}{nearest if nearest.endswith('?') else ': see --help'}")


def _screen_options(parser: CommandParser) -> None:
    parser.add_argument("--version", action="version", version=f"runge-tui {__version__}")
    _add_screen_options(parser)


def _resume_options(parser: CommandParser) -> None:
    _add_run(parser, nargs="?", default="")
    _add_screen_options(parser)


def _serve_options(parser: CommandParser) -> None:
    text = "name or address of this machine to be reached by, such as 0.0.0.0 for all (default 127.0.0.1: itself alone)"
    parser.add_argument("--host", metavar="HOST", default="127.0.0.1", help=text)
    parser.add_argument("--port", metavar="N", default="8000", help="port, or 0 for any that is free (default 8000)")
    _add_screen_options(parser, "without effect in a browser, whose exports are downloads")


def _train_options(parser: CommandParser) -> None:
    text = f"folder for the files, made if need be (default a new one in {DEFAULT_EXPORT_FOLDER})"
    _add_training_options(parser, text)
    text = "go on with a run that was kept (default the latest)"
    parser.add_argument("--resume", metavar="RUN", nargs="?", const="", help=text)
    _add_planned_changes(parser)


def _sweep_options(parser: CommandParser) -> None:
    parser.set_defaults(branch=None)
    text = "a hyperparameter and its values, or a range of them; may be given again"
    parser.add_argument("--vary", action="append", default=[], metavar="NAME=VALUES", help=text)
    text = "vary together: the first values of all, then the second ones, and so on (default every combination)"
    parser.add_argument("--zip", action="store_true", help=text)
    text = "runs of each setting, of so many seeds from that of --seed on (default 1)"
    parser.add_argument("--seeds", metavar="N", help=text)
    text = "let Optuna choose so many settings within the ranges and lists, one after another"
    parser.add_argument("--search", metavar="N", help=text)
    text = f"the error that a search makes small: {', '.join(ERROR_LABELS)} (default mse_df)"
    parser.add_argument("--minimise", metavar="ERROR", help=text)
    parser.add_argument("--jobs", metavar="N", help="processes that train at once (default one a core)")
    text = "have a Slurm cluster train, by options of sbatch: partition=cpu,time=60,array_parallelism=20 for 20 tasks"
    parser.add_argument("--slurm", metavar="KEY=VALUE,...", nargs="?", const="", help=text)
    text = "print a script for sbatch, with the options of --slurm, in place of submitting by submitit"
    parser.add_argument("--sbatch", action="store_true", help=text)
    text = "print the plan, its size and how long it will take, and train nothing that is kept"
    parser.add_argument("--dry-run", action="store_true", help=text)
    text = "train what is left of a sweep (default the latest)"
    parser.add_argument("--resume", metavar="SWEEP", nargs="?", const="", help=text)
    text = "train without the screen, which opens in a terminal else"
    parser.add_argument("--headless", action="store_true", help=text)
    text = "open the screen on a sweep that is trained elsewhere, or was (default the latest)"
    parser.add_argument("--watch", metavar="SWEEP", nargs="?", const="", help=text)
    text = "write tables, charts and what the numbers say to the folder of --out (default of the latest sweep)"
    parser.add_argument("--report", metavar="SWEEP", nargs="?", const="", help=text)
    text = f"folder of a report, made if need be (default one of the sweep's name in {DEFAULT_EXPORT_FOLDER})"
    parser.add_argument("--out", metavar="DIR", help=text)
    text = "of what is left of a resumed sweep, train these runs by their numbers, such as 1,5,9-12"
    parser.add_argument("--only", metavar="NUMBERS", help=text)
    text = "put this job of Slurm into the queue again, when SIGUSR2 says that its time is nearly up"
    parser.add_argument("--requeue", action="store_true", help=text)
    text = "print how far a sweep has come; without a name, of all sweeps"
    parser.add_argument("--status", metavar="SWEEP", nargs="?", const="", help=text)
    parser.add_argument("--json", action="store_true", help="print the runs as JSON")
    _add_presets(parser)
    _add_name(parser)
    _add_planned_changes(parser)
    _add_runs_dir(parser)
    _add_hyperparameters(parser, HYPERPARAMETERS.values())


def _runs_options(parser: CommandParser) -> None:
    text = "as JSON: all that the table shows, and the whole configuration"
    parser.add_argument("--json", action="store_true", help=text)
    _add_runs_dir(parser)


def _compare_options(parser: CommandParser) -> None:
    _add_run(parser, nargs="+")
    parser.add_argument("--json", action="store_true", help="as JSON")
    _add_runs_dir(parser)


def _export_options(parser: CommandParser) -> None:
    _add_run(parser, nargs="?", default="")
    parser.add_argument("--out", metavar="DIR", required=True, help="folder for the files, made if need be")
    _add_what_is_exported(parser)
    _add_runs_dir(parser)


def _front_options(parser: CommandParser) -> None:
    _add_run(parser, nargs="?", default="")
    parser.add_argument("--json", action="store_true", help="as JSON")
    _add_runs_dir(parser)


def _predict_options(parser: CommandParser) -> None:
    _add_run(parser, nargs=None)
    text = "a number, or an expression such as pi/4; - for those on standard input, one a line"
    parser.add_argument("x", metavar="X", nargs="*", help=text)
    parser.add_argument("--file", metavar="FILE", help="a file that has one x a line, behind those given")
    _add_runs_dir(parser)


def _record_options(parser: CommandParser) -> None:
    _add_run(parser, nargs=None)
    parser.add_argument("--out", dest="file", metavar="FILE", required=True, help="the file, which must not exist yet")
    parser.add_argument("--size", metavar="COLUMNSxROWS", help="size of the recorded screen (default 120x36)")
    text = f"how long it lasts (default {DEFAULT_RECORDING_SECONDS})"
    parser.add_argument("--seconds", metavar="S", default=str(DEFAULT_RECORDING_SECONDS), help=text)
    _add_theme(parser)
    _add_ascii(parser)
    _add_runs_dir(parser)


def _classical_options(parser: CommandParser) -> None:
    parser.set_defaults(branch=None)
    _add_run(parser, nargs="?")
    text = f"degree of the polynomials (default {DEFAULT_DEGREE})"
    parser.add_argument("--degree", metavar="N", default=str(DEFAULT_DEGREE), help=text)
    parser.add_argument("--json", action="store_true", help="as JSON")
    _add_presets(parser)
    _add_runs_dir(parser)
    _add_hyperparameters(parser, [knob for knob in HYPERPARAMETERS.values() if _says_what_is_fitted(knob)])


def _says_what_is_fitted(knob: Hyperparameter) -> bool:
    return knob.group == "target and data" or knob.name == "seed"


def _add_screen_options(parser: CommandParser, out: str = NEW_FOLDERS) -> None:
    """Add the options of every command that opens the screen; `out` is the help of --out."""
    _add_training_options(parser, out)
    _add_theme(parser)
    _add_ascii(parser)
    text = "draw less often, for a slow line (default over SSH)"
    parser.add_argument("--slow", action=argparse.BooleanOptionalAction, help=text)
    text = "take clicks and the wheel (default); without, selecting text is left to the terminal"
    parser.add_argument("--mouse", action=argparse.BooleanOptionalAction, help=text)
    rates = ", ".join(REFRESH_RATE_NAMES)
    text = f"how often a run is drawn: {rates} (default the last one chosen, else {REFRESH_RATE_NAMES[0]})"
    parser.add_argument("--refresh", metavar="RATE", help=text)


def _add_theme(parser: CommandParser) -> None:
    text = f"one of {', '.join(THEME_NAMES)} (default the last one chosen, else as the terminal)"
    parser.add_argument("--theme", metavar="NAME", help=text)


def _add_ascii(parser: CommandParser) -> None:
    text = "draw in ASCII alone (default where the locale is not UTF-8)"
    parser.add_argument("--ascii", action=argparse.BooleanOptionalAction, help=text)


def _add_training_options(parser: CommandParser, out: str) -> None:
    """Add the options of every command that trains; `out` is the help of --out."""
    parser.add_argument("--out", metavar="DIR", help=out)
    _add_presets(parser)
    text = "go on from a run, or from its snapshot after an epoch, as a new run; what is not given is as there"
    parser.add_argument("--branch", metavar="RUN[@EPOCH]", help=text)
    _add_name(parser)
    _add_what_is_exported(parser)
    _add_log(parser)
    _add_runs_dir(parser)
    _add_hyperparameters(parser, HYPERPARAMETERS.values())


def _add_name(parser: CommandParser) -> None:
    text = "word in the name of the run (default one by chance)"
    parser.add_argument("--name", metavar="WORD", default="", help=text)


def _add_planned_changes(parser: CommandParser) -> None:
    text = "change a hyperparameter that acts while training, once EPOCH epochs are done; may be given again"
    parser.add_argument("--at", action="append", default=[], metavar="EPOCH:NAME=VALUE", help=text)


def _add_presets(parser: CommandParser) -> None:
    """Add the options that say which hyperparameters others begin with."""
    text = f"start from a preset, which flags override: {', '.join(PRESETS)}"
    parser.add_argument("--preset", metavar="NAME", help=text)
    text = (
        "configuration file, TOML (default config.toml in the user's configuration folder, such as ~/.config/runge-tui)"
    )
    parser.add_argument("--config", metavar="FILE", help=text)
    text = "begin with the defaults, whatever hyperparameters stand in the configuration file or the environment"
    parser.add_argument("--no-config", action="store_true", help=text)


def _add_hyperparameters(parser: CommandParser, declared: Iterable[Hyperparameter]) -> None:
    for name, knobs in groupby(declared, key=lambda knob: knob.group):
        group = parser.add_argument_group(name)
        for knob in knobs:
            text = f"{knob.help}; {knob.kind.rule} (default {knob.kind.show(knob.default)})"
            group.add_argument(knob.flag, metavar=knob.kind.metavar, help=text)
            if knob.name == "data":
                _add_reading_options(group)


def _add_reading_options(group: argparse._ArgumentGroup) -> None:
    """Add the options that say how the file of --data is read."""
    text = "the columns of the file, by header names or numbers from 1 (default those called x, f and df, or y and dy)"
    group.add_argument("--columns", metavar="X,F[,DF]", help=text)
    group.add_argument("--skip-rows", metavar="N", help="lines at the file's beginning to pass over (default 0)")
    text = "points to validate on, read like those of --data, all of which are then trained on"
    group.add_argument("--validation-data", metavar="FILE", help=text)


def _add_run(parser: CommandParser, nargs: str | None, default: str | None = None) -> None:
    text = "name of a run, its beginning or its end"
    parser.add_argument("run", metavar="RUN", nargs=nargs, default=default, help=text)


def _add_what_is_exported(parser: CommandParser) -> None:
    text = f"export the model or report as these too: {', '.join(EXPORT_FORMATS)}; commas between, or given again"
    parser.add_argument("--as", dest="export_as", metavar="FORMATS", action="append", help=text)
    text = f"export the losses for TensorBoard too, to a folder {TENSORBOARD} beside the files"
    parser.add_argument("--tensorboard", action=argparse.BooleanOptionalAction, help=text)


def _add_log(parser: CommandParser) -> None:
    text = (
        "log the losses while it trains: jsonl, a JSON object an epoch, on standard output or in a new file or pipe; "
        f"tensorboard, event files in a folder (default {DEFAULT_LOG_FOLDER}), of at most 5 epochs a second"
    )
    parser.add_argument("--log", metavar="KIND[:PATH]", help=text)
    parser.add_argument("--log-every", metavar="N", help="log every Nth epoch (default 1)")


def _add_runs_dir(parser: CommandParser) -> None:
    text = "folder in which runs are kept (default RUNGE_TUI_RUNS, else the user's data folder)"
    parser.add_argument("--runs-dir", metavar="DIR", help=text)


@dataclass(frozen=True)
class Command:
    """A command: the texts of its help, and what adds its options to its parser."""

    description: str
    examples: str
    add_options: Callable[[CommandParser], None]
    takes_numbers: bool = False
    """Whether a word such as -0.5 or -pi/4 is a number, and no option."""


SCREEN_COMMAND = Command(SCREEN, SCREEN_EXAMPLES, _screen_options)
"""The command that runs where none is named."""
COMMANDS = {
    "train": Command(TRAIN, TRAIN_EXAMPLES, _train_options),
    "resume": Command(RESUME, RESUME_EXAMPLES, _resume_options),
    "learn": Command(LEARN, LEARN_EXAMPLES, _add_screen_options),
    "serve": Command(SERVE, SERVE_EXAMPLES, _serve_options),
    "runs": Command(RUNS, RUNS_EXAMPLES, _runs_options),
    "compare": Command(COMPARE, COMPARE_EXAMPLES, _compare_options),
    "export": Command(EXPORT, EXPORT_EXAMPLES, _export_options),
    "front": Command(FRONT, FRONT_EXAMPLES, _front_options),
    "predict": Command(PREDICT, PREDICT_EXAMPLES, _predict_options, takes_numbers=True),
    "record": Command(RECORD, RECORD_EXAMPLES, _record_options),
    "classical": Command(CLASSICAL, CLASSICAL_EXAMPLES, _classical_options),
    "sweep": Command(SWEEP, SWEEP_EXAMPLES, _sweep_options),
}
"""Those that are named, each after its module."""


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The arguments that words give: `command`, the `parser` of that, its options by name and as they are, `words`.

    Ends the program after --help and --version, and with status 2 and one line where the words are wrong.
    """
    if not words or words[0].startswith("-"):
        name, program, command, options = "screen", "runge-tui", SCREEN_COMMAND, words
    else:
        name, options = words[0], words[1:]
        if name not in COMMANDS:
            known = hint(name, COMMANDS)
            CommandParser("runge-tui").error(f"unknown command {name!r}{known} (none opens the screen)")
        program, command = f"runge-tui {name}", COMMANDS[name]
    parser = CommandParser(
        program,
        description=command.description,
        epilog=f"examples:\n{command.examples}\n{ORDER}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_options(parser)
    joined = _join_signed(parser, options, command.takes_numbers)
    parser.set_defaults(command=name, parser=parser, words=joined)
    return parser.parse_args(joined)


def _join_signed(parser: CommandParser, words: Sequence[str], takes_numbers: bool) -> list[str]:
    """The words with `--interval -2,2` written as `--interval=-2,2`: argparse takes -2,2 for an option.

    Before a number it takes a blank for what tells it from an option.
    """
    options = {flag for action in parser._actions for flag in action.option_strings}
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in SIGNED_FLAGS and word[:1] == "-" and word[:2] != "--" and word not in options:
            joined[-1] += f"={word}"
        elif takes_numbers and word[:1] == "-" and word[:2] != "--" and word not in options:
            joined.append(f" {word}")
        else:
            joined.append(word)
    return joined
