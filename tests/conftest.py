"""What the tests share."""

import pytest
import syrupy.extensions.base


def pytest_configure() -> None:
    # syrupy matches paths as text: the ".." has to stay unresolved, and tests/ flat.
    syrupy.extensions.base.SNAPSHOT_DIRNAME = "../snapshots"


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Screens look the same whatever the terminal that the tests are run from asks for."""
    for name in ("NO_COLOR", "TEXTUAL_THEME", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
