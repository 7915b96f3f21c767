"""The bar of a training without a screen."""

import io

from rich.console import Console

from tests.support.canned import progress
from tui_runge.cli.progress_display import progress_display
from tui_runge.core.config import Config


def test_time_asleep_does_not_count_for_the_time_left() -> None:
    now, written = [0.0], io.StringIO()
    console = Console(file=written, force_terminal=True, width=200, get_time=lambda: now[0])
    config = Config(epochs=740 + 822 * 90)  # at 822 epochs a second
    with progress_display(config.epochs, console) as show:
        show(progress("running", 700, config))
        now[0] = 10_000.0  # asleep
        show(progress("running", 740, config))
    last = written.getvalue().rpartition("epoch 740")[2]
    assert "1:30 left" in last


def test_nothing_is_left_of_a_run_that_has_ended() -> None:
    written = io.StringIO()
    with progress_display(740, Console(file=written, force_terminal=True, width=200)) as show:
        show(progress("finished"))
    assert "740/740" in written.getvalue()
    assert "left" not in written.getvalue()
