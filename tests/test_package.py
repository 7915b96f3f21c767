"""What a user installs: the wheel holds all it needs to start."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.support.terminal import Terminal

ROOT = Path(__file__).parent.parent


def test_a_wheel_installed_elsewhere_starts(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    elsewhere = tmp_path / "elsewhere"
    with zipfile.ZipFile(wheel) as archive:
        assert "tui_runge/tui/app.tcss" in archive.namelist()
        assert "tui_runge/tui/lessons/weight.md" in archive.namelist()
        assert "tui_runge/problems/examples/copper.csv" in archive.namelist()
        assert "tui_runge/cli/templates/app_index.html" in archive.namelist()
        assert not any(name.startswith(("tests/", "snapshots/")) for name in archive.namelist())
        archive.extractall(elsewhere)
    terminal = Terminal("--epochs", "3", cwd=elsewhere, PYTHONPATH=str(elsewhere), PYTHONSAFEPATH="1")
    terminal.until("✓ finished")
    terminal.press("q")
    assert terminal.end() == 0
