"""A process that is killed at any moment loses no run: it goes on bit for bit, and no file is torn."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.killed import CASES, KILLS


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills what it forks")
def test_runs_killed_at_random_moments_end_as_if_nothing_had_happened(tmp_path: Path) -> None:
    seed = os.environ.get("KILLED_SEED", "1")
    words = [sys.executable, "-m", "tests.killed", str(tmp_path), seed]
    became: dict[str, Any] = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    assert became.pop("exporting") == {"sound": True, "whole": True}
    assert len(became) == len(CASES)
    for case in became.values():
        assert case.items() >= {"same": True, "sound": True, "left": [], "status": "finished"}.items()
    assert sum(case["killed"] for case in became.values()) == KILLS * len(CASES) >= 20
