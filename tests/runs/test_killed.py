"""A process that is killed at any moment loses no run: it goes on bit for bit, and no file is torn.

Each case is killed three times, exports as often.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.killed import PARTS

KILLS = 3
pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kills what it forks"),
    pytest.mark.slow,
]


def killed(folder: Path, part: str) -> dict[str, Any]:
    """What became of each case of a part."""
    words = [
        sys.executable,
        "-m",
        "tests.support.killed",
        str(folder),
        os.environ.get("KILLED_SEED", "1"),
        str(KILLS),
        part,
    ]
    became: dict[str, Any] = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    return became


@pytest.mark.parametrize("part", ["first", "second"])
def test_runs_killed_at_random_moments_end_as_if_nothing_had_happened(tmp_path: Path, part: str) -> None:
    became = killed(tmp_path, part)
    assert list(became) == [str(values) for values in PARTS[part]]
    for case in became.values():
        assert case.items() >= {"same": True, "sound": True, "left": [], "status": "finished"}.items()
        assert case["killed"] == KILLS


def test_exports_killed_at_random_moments_leave_no_torn_file(tmp_path: Path) -> None:
    assert killed(tmp_path, "exporting") == {"exporting": {"sound": True, "whole": True}}
