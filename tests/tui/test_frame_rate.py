"""The time budget of drawing."""

import pytest

from tui_runge.tui.frame_rate import NORMAL, SLOW, YOUNG, YOUNG_SECONDS, FrameRate


def wait(cost: float, frames: int = 20, trained: float = 60.0, slow: bool = False) -> float:
    """The wait after some frames that cost the same."""
    frame_rate = FrameRate("slow" if slow else "normal")
    return [frame_rate.seconds_to_next(cost * frame, trained) for frame in range(frames)][-1]


@pytest.mark.parametrize("cost", [0.013, 0.016, 0.022])
def test_drawing_takes_its_share_of_the_time(cost: float) -> None:
    assert wait(cost) == pytest.approx(cost / NORMAL.share, rel=0.01)


def test_cheap_frames_come_no_faster_and_dear_ones_no_slower_than_the_limits() -> None:
    assert wait(0.0001) == NORMAL.fastest
    assert wait(1.0) == NORMAL.slowest


def test_a_young_run_is_drawn_more_often() -> None:
    assert wait(0.001, trained=YOUNG_SECONDS / 2) == YOUNG.fastest < NORMAL.fastest
    assert wait(1.0, trained=YOUNG_SECONDS / 2) == YOUNG.slowest


def test_a_slow_line_gets_few_frames_at_any_age() -> None:
    assert wait(0.001, trained=0.1, slow=True) == wait(0.001, slow=True) == SLOW.fastest


def test_one_dear_frame_is_soon_forgotten() -> None:
    frame_rate = FrameRate()
    frame_rate.seconds_to_next(0.5, 60)
    waits = [frame_rate.seconds_to_next(0.5 + 0.001 * frame, 60) for frame in range(8)]
    assert waits[-1] == NORMAL.fastest
