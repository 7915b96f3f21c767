"""How this program starts a module of its own as another process."""

import os
import sys
from collections.abc import Mapping


def module_command(module: str, *arguments: str) -> list[str]:
    """The words of the command that runs a module; a user's numbers.py in the folder is not imported (-P)."""
    return [sys.executable, "-P", "-m", module, *arguments]


def module_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """An environment in which that command finds the packages where this process does."""
    return {**environment, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
