"""A sweep that another process trains: it is stopped, or its failure is told; and the report from the command line."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.canned_sweep import NAME, kept_sweep
from tui_runge.cli import main
from tui_runge.runs.directory import RunsDirectory
from tui_runge.sweeps.background import LOG, SweepProcess
from tui_runge.sweeps.directory import SweepsDirectory


def process(folder: Path, program: str) -> SweepProcess:
    """A process that stands for the one that trains a sweep."""
    sweeps = SweepsDirectory(kept_sweep(folder, ("1",)))
    with (sweeps.folder(NAME) / LOG).open("wb") as log:
        return SweepProcess(NAME, subprocess.Popen([sys.executable, "-c", program], stdout=log, stderr=log), sweeps)


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("", ""),
        ("raise SystemExit('one\\nno room')", "the training of the sweep ended with status 1: no room"),
    ],
)
def test_a_failure_is_told_with_the_last_line_of_the_log(tmp_path: Path, program: str, problem: str) -> None:
    trained = process(tmp_path, program)
    trained._process.wait(60)
    assert not trained.running
    assert trained.problem() == problem


def test_a_stopped_process_has_not_failed(tmp_path: Path) -> None:
    trained = process(tmp_path, "import time; time.sleep(60)")
    assert trained.running
    assert str(trained._process.pid) in trained.farewell
    trained.stop()
    trained._process.wait(60)
    assert trained.problem() == ""


@pytest.mark.slow
def test_the_process_trains_what_is_left(tmp_path: Path) -> None:
    runs = ["--runs-dir", str(tmp_path / "runs")]
    with pytest.raises(SystemExit):
        main(["sweep", "--report", *runs])
    words = ["sweep", "--headless", "--vary", "derivative_weight=1,2", "--epochs", "3", "--name", "fir", *runs]
    assert main(words) == 0
    sweeps = SweepsDirectory(RunsDirectory(tmp_path / "runs"))
    name = sweeps.find("fir")
    last = sweeps.read(name).runs[-1].name
    sweeps.runs.runs.delete(last)
    trained = SweepProcess.start(name, sweeps, 1)
    trained._process.wait(100)
    assert trained.problem() == ""
    assert last in sweeps.runs.runs.names()


@pytest.mark.slow
def test_a_report_is_written_and_its_findings_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = kept_sweep(tmp_path / "runs")
    assert main(["sweep", "--report", "amber", "--out", str(tmp_path / "out"), "--runs-dir", str(directory.path)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "MSE(f) is smallest with derivative weight 1:" in told
    assert f"sweep {NAME}, files in" in told
    assert (tmp_path / "out" / "report.md").exists()


def test_a_folder_is_only_for_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sweep", "--vary", "epochs=1,2", "--out", str(tmp_path), "--runs-dir", str(tmp_path)])
    assert "--out is the folder of --report" in capsys.readouterr().err
