"""How the numbers of a run are written for a person."""

import math


def format_error(value: float, unknown: str = "–") -> str:
    """An error or a loss in four digits, such as 2.31e-08; `unknown` for one that is not finite."""
    return f"{value:.2e}" if math.isfinite(value) else unknown


def format_duration(seconds: float) -> str:
    """Seconds as a person says them: 4.2 s, 3:07 or 1:02:09; a dash for what is not finite."""
    if not math.isfinite(seconds):
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
