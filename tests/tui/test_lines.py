"""A panel of lines: what changed is drawn again, and nothing else."""

from textual.app import App, ComposeResult
from textual.content import Content

from tui_runge.tui.widgets.lines import Lines


class Panel(App[None]):
    CSS = "Lines { width: 20; height: 5; }"

    def compose(self) -> ComposeResult:
        yield Lines()


def shown(panel: Lines) -> list[str]:
    return [panel.render_line(y).text.rstrip() for y in range(panel.size.height)]


async def test_lines_that_did_not_change_are_not_drawn_again() -> None:
    async with Panel().run_test() as pilot:
        panel = pilot.app.query_one(Lines)
        panel.update(Content("one\ntwo\n\nfour"))
        assert shown(panel) == ["one", "two", "", "four", ""]
        before = [panel.render_line(y) for y in range(5)]
        panel.update(Content("one\n2\n\nfour"))
        assert shown(panel) == ["one", "2", "", "four", ""]
        assert [panel.render_line(y) is strip for y, strip in enumerate(before)] == [True, False, True, True, True]


async def test_lines_that_are_gone_leave_nothing() -> None:
    async with Panel().run_test() as pilot:
        panel = pilot.app.query_one(Lines)
        panel.update(Content("one\ntwo"))
        assert shown(panel)[:2] == ["one", "two"]
        panel.update(Content("a line far too long for its panel"))
        assert shown(panel)[1:] == [""] * 4
        assert [panel.render_line(y).cell_length for y in range(5)] == [20] * 5
