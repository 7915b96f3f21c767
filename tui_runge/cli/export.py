"""`runge-tui export`: the files of a run, figures, tables, the report and the model."""

from pathlib import Path

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.output import stdout_console, write_problem
from tui_runge.core.text import show_path
from tui_runge.export.exporter import ExportRequest, export


def run(invocation: Invocation) -> int:
    """Write the files of a run that was kept to a folder."""
    runs_directory, out = invocation.runs_directory, Path(invocation.settings.out)
    try:
        name = runs_directory.runs.find(invocation.arguments.run)
        progress = runs_directory.runs.read(name).progress
    except ValueError as error:
        invocation.error(error)
    settings = invocation.settings
    request = ExportRequest(progress, runs_directory.history(name), bool(settings.tensorboard), settings.formats)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        invocation.path_error(error)
    try:
        export(request, out)
    except OSError as error:
        invocation.parser.exit(1, f"{invocation.parser.prog}: {write_problem(error, out)}\n")
    except ValueError as error:
        invocation.parser.exit(1, f"{invocation.parser.prog}: {error}\n")
    stdout_console().print(f"run {name} at epoch {progress.epoch}, files in {show_path(out)}", markup=False)
    return 0
