"""`runge-tui sweep --report`: the tables and charts of a sweep, and what its numbers say."""

from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from tui_runge.cli.invocation import Invocation
from tui_runge.cli.output import write_problem
from tui_runge.core.text import show_path
from tui_runge.sweeps.directory import SweepsDirectory
from tui_runge.sweeps.results import read_rows


def report_sweep(invocation: Invocation, sweeps: SweepsDirectory) -> int:
    """Write the report of a sweep, and print what its numbers say; the exit status. Raises ValueError."""
    from tui_runge.sweeps.findings import findings
    from tui_runge.sweeps.report import write_report

    name = sweeps.find(invocation.arguments.report)
    plan, out = sweeps.read(name), Path(invocation.settings.out)
    folder = out if invocation.arguments.out else out / name
    rows = read_rows(plan, sweeps.runs)
    if all(row.status == "waiting" for row in rows):
        raise ValueError(f"no run of sweep {name} was trained yet: runge-tui sweep --resume {name} trains them")
    try:
        write_report(plan, rows, folder)
    except OSError as error:
        invocation.parser.exit(1, f"{invocation.parser.prog}: {write_problem(error, folder)}\n")
    console = Console(highlight=False)
    console.print(Markdown("\n\n".join(findings(rows))))
    console.print(f"\nsweep {name}, files in {show_path(folder)}", markup=False, soft_wrap=True)
    return 0
