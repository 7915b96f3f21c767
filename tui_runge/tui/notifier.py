"""How the parts of the screen tell the user something without knowing how it is shown."""

from typing import Literal, Protocol


class Notify(Protocol):
    """Shows a message for some seconds, by default as long as the screen shows any."""

    def __call__(
        self,
        message: str,
        *,
        title: str = "",
        severity: Literal["information", "warning", "error"] = "information",
        timeout: float | None = None,
    ) -> object: ...
