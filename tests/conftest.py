"""What many tests need."""

import pytest
from hypothesis import settings

from tui_runge import Config, train
from tui_runge.progress import Progress

settings.register_profile("unhurried", deadline=None)  # a busy machine must not fail a test
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def small() -> Config:
    """An experiment that trains in a few milliseconds."""
    return Config(hidden=(4,), train_points=8, validation_points=5, evaluation_points=9, epochs=5)


@pytest.fixture(scope="session")
def report() -> Progress:
    """The report's experiment, trained once."""
    return train()
