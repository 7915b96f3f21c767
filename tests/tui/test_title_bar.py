"""The first line of the main screen."""

from tests.support.canned import progress
from tui_runge.core.config import Config
from tui_runge.tui.title_bar import title_line


def test_a_run_that_is_kept_without_a_lock_says_so_beside_what_is_trained() -> None:
    shown = progress(run="amber", warning="not locked: No locks available")
    line = title_line(Config(), shown, None, None, 120).plain
    assert line.startswith(" runge-tui   amber (not locked: No locks available)   f(x) = ")
