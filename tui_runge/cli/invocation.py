"""What the words of a command line mean: the settings, the folder of runs, and how a run starts."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

from tui_runge.cli.parser import CommandParser
from tui_runge.core.config import FUNCTION_NAMES, HYPERPARAMETERS, Config
from tui_runge.core.field_types import NONE, STANDARD_INPUT, Integer
from tui_runge.core.run_start import Branch, New, Resume, RunStart
from tui_runge.core.scheduled_change import ScheduledChange
from tui_runge.core.settings import SETTING_TYPES, FolderPath, Settings, environment_variable, load_settings
from tui_runge.core.text import show_path
from tui_runge.export.layout import ONNX_NOT_INSTALLED, onnx_is_installed
from tui_runge.export.tensorboard import NOT_INSTALLED, is_installed
from tui_runge.problems import check_problem
from tui_runge.runs.directory import RunsDirectory, default_path

if TYPE_CHECKING:  # NumPy would cost the start
    from tui_runge.export.live_log import LiveLog

READING_OPTIONS = ("columns", "skip_rows", "validation_data")
"""The options that say how the points of --data are read."""
SKIPPED_ROWS = Integer(0, 10**9)


@dataclass(frozen=True)
class Invocation:
    """A command as it was given. What it asks for and cannot have ends the program with status 2 and one line."""

    parser: CommandParser
    arguments: argparse.Namespace
    settings: Settings
    runs_directory: RunsDirectory

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Self:
        """The command that was parsed, with what the environment and the configuration file add."""
        parser: CommandParser = arguments.parser
        _choose_function_or_data(parser, arguments)
        settings = _load_settings(parser, arguments)
        return cls(parser, arguments, settings, _runs_directory(parser, arguments, settings))

    def error(self, message: object) -> NoReturn:
        """End the program with status 2 and a line that names the command."""
        self.parser.error(str(message))

    def path_error(self, problem: OSError) -> NoReturn:
        """End the program with status 2 and a line on a path that cannot be used."""
        path = problem.filename
        self.error(f"cannot use {show_path(path)}: {problem.strerror}" if path else problem)

    def planned_changes(self) -> list[ScheduledChange]:
        """The changes that --at plans; ends the program where one is none."""
        try:
            return [ScheduledChange.parse(text) for text in self.arguments.at]
        except ValueError as error:
            self.error(error)

    def new_run(self) -> RunStart:
        """The new run to train, or the branch of another."""
        try:
            if self.arguments.branch:
                start: RunStart = self._branch()
            else:
                start = New(self._with_points(self.settings.config))
            check_problem(start.config)
            return start
        except ValueError as error:
            self.error(error)

    def _branch(self) -> Branch:
        """The branch of another run that is asked for; raises ValueError."""
        run, _, epoch = self.arguments.branch.partition("@")
        run_state = self.runs_directory.runs.read_parent(run, _parse_epoch(epoch))
        values, before = self._given_hyperparameters(), run_state.progress.config
        if "data" in values:
            values["points"] = None  # read anew, since the file may have others by now
        config = self._with_points(before.with_values(**values))
        if config.points == before.points:
            config = config.with_values(data=before.data, points=before.points)
        return Branch(run_state, config)

    def _with_points(self, config: Config) -> Config:
        """The configuration with the measured points that it names, as the options say; raises ValueError."""
        given = vars(self.arguments)
        for name in READING_OPTIONS:
            if given[name] is not None and (not config.data or config.points is not None):
                raise ValueError(f"--{name.replace('_', '-')} says how --data is read: give --data too")
        if config.data == given["validation_data"] == STANDARD_INPUT:
            raise ValueError("--data and --validation-data cannot both be standard input: give one of them a file")
        skip_rows = SKIPPED_ROWS.parse("skip_rows", given["skip_rows"] or "0")
        return self.runs_directory.read_data(config, given["columns"] or "", skip_rows, given["validation_data"] or "")

    def open_log(self) -> "LiveLog | None":
        """Begin the log of losses that is asked for, if any; ends the program where it cannot be begun."""
        if not self.settings.log:
            if vars(self.arguments).get("log_every") is not None:  # a sweep has no such option
                self.error("--log-every says how often --log does: give --log too")
            return None
        from tui_runge.export.live_log import open_log

        try:
            return open_log(self.settings.log, self.settings.log_every)
        except ValueError as error:
            self.error(error)

    @property
    def reads_standard_input(self) -> bool:
        """Whether points are to be read from standard input."""
        return STANDARD_INPUT in (self.settings.config.data, self.arguments.data, self.arguments.validation_data)

    def resumed_run(self, run: str) -> Resume:
        """The run to go on with, by its name, that name's beginning or end; the latest where it is empty."""
        if self.arguments.branch:
            self.error("--branch begins a new run, which cannot go on with another: give one of them")
        for name in READING_OPTIONS:
            if getattr(self.arguments, name) is not None:
                self.error(
                    f"--{name.replace('_', '-')} cannot change in a run that goes on: begin another with --branch"
                )
        runs = self.runs_directory.runs
        try:
            values = self._given_hyperparameters()
            return Resume.of(runs.read(runs.find(run)), values)
        except ValueError as error:
            self.error(error)

    def _given_hyperparameters(self) -> dict[str, Any]:
        """The hyperparameters given by flags; raises ValueError."""
        texts = {name: text for name in HYPERPARAMETERS if (text := getattr(self.arguments, name)) is not None}
        return {name: HYPERPARAMETERS[name].kind.parse(name, text) for name, text in texts.items()}


def _choose_function_or_data(parser: CommandParser, arguments: argparse.Namespace) -> None:
    """Let a function that is given go before data that is named elsewhere; ends the program where both are given."""
    functions = [name for name in FUNCTION_NAMES if getattr(arguments, name, None) is not None]
    if not functions:
        return
    if arguments.data is None:
        arguments.data = NONE
    elif arguments.data.strip() not in ("", NONE):
        parser.error(f"--{functions[0]} is of a function and --data of points: give --{functions[0]} or --data")


def _load_settings(parser: CommandParser, arguments: argparse.Namespace) -> Settings:
    flags = {name: value for name, value in vars(arguments).items() if name in SETTING_TYPES}
    if flags.get("export_as") is not None:
        flags["export_as"] = ",".join(flags["export_as"])
    file, preset = getattr(arguments, "config", None), getattr(arguments, "preset", None)
    ignored = HYPERPARAMETERS if _has_its_own_values(arguments) else ()
    try:
        settings = load_settings(flags, os.environ, file, preset, ignored=ignored)
    except ValueError as error:
        parser.error(str(error))
    if settings.tensorboard and not is_installed():
        parser.error(NOT_INSTALLED.format("tensorboard"))
    if "onnx" in settings.formats and not onnx_is_installed():
        parser.error(ONNX_NOT_INSTALLED)
    return settings


def _has_its_own_values(arguments: argparse.Namespace) -> bool:
    """Whether no hyperparameter is from the configuration file: so it was asked, or another run has them."""
    goes_on = arguments.command == "resume" or getattr(arguments, "resume", None) is not None
    return goes_on or getattr(arguments, "no_config", False) or bool(getattr(arguments, "branch", None))


def _runs_directory(parser: CommandParser, arguments: argparse.Namespace, settings: Settings) -> RunsDirectory:
    try:
        default = f"the default of {environment_variable('runs_dir')}"
        path = settings.runs_dir or FolderPath().check(default, str(default_path()))
    except ValueError as error:
        parser.error(str(error))
    try:
        return RunsDirectory(Path(path), getattr(arguments, "name", ""))
    except ValueError as error:
        parser.error(f"--{error}")


def _parse_epoch(text: str) -> int | None:
    if text and not text.isdecimal():
        raise ValueError(f"--branch must be RUN or RUN@EPOCH, got the epoch {text!r}")
    return int(text) if text else None
