"""What all screens laid over the main one share."""

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Modal(ModalScreen[Result]):
    """A screen that is left once, however quickly its keys are pressed twice; not while another lies over it."""

    _left = False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        if self._left or self.app.screen is not self:
            return AwaitComplete()
        self._left = True
        return super().dismiss(result)
