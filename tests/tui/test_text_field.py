"""The field that text is typed into."""

from textual.app import App, ComposeResult
from textual.events import Key

from tui_runge.tui.widgets.text_field import TextField


class OneField(App[None]):
    def compose(self) -> ComposeResult:
        yield TextField("runge", select_on_focus=False)


async def test_keys_that_come_at_once_act_in_their_order() -> None:
    app = OneField()
    async with app.run_test() as pilot:
        for key in ("ctrl+u", *"sinn", "backspace", "left", "i", "end", "x"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert app.query_one(TextField).value == "siinx"
