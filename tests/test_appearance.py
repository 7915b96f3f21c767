"""The look of the screen: its keys, its colours, its letters."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.geometry import Region

from tests.support.canned import CHANGED, CannedSession, keep, progress
from tests.support.pilot import observed
from tui_runge.core.commands import RequestProgress
from tui_runge.core.config import Config
from tui_runge.core.presets import PRESETS
from tui_runge.core.progress import Progress
from tui_runge.core.run_start import New
from tui_runge.core.settings import THEME_NAMES as NAMES
from tui_runge.core.settings import Settings
from tui_runge.runs.directory import RunsDirectory
from tui_runge.runs.layout import METRICS
from tui_runge.tui.app import RungeApp
from tui_runge.tui.appearance import Appearance
from tui_runge.tui.ascii_filter import to_ascii
from tui_runge.tui.keys import KEYS, remapped
from tui_runge.tui.palette import Actions
from tui_runge.tui.screens.help import Help
from tui_runge.tui.themes import THEMES, suitable_theme

STATES: dict[str, Progress | None] = {
    "loading": None,
    "running": progress("running", changes=CHANGED),
    "paused": progress("paused"),
    "finished": progress("finished", epoch=1200),
    "diverged": progress("diverged", epoch=12, message="the loss became inf at epoch 13: lower the learning rate"),
}


def make_app(state: str = "running", appearance: Appearance = Appearance()) -> RungeApp:  # noqa: B008 - frozen
    return RungeApp(New(Config()), Path(), partial(CannedSession, first=STATES[state]), appearance=appearance)


def sent(app: RungeApp) -> list[str]:
    """The commands sent by keys: all but the screen's own questions."""
    assert isinstance(app.experiment.session, CannedSession)
    return [
        type(command).__name__ for command in app.experiment.session.sent if not isinstance(command, RequestProgress)
    ]


def segments(app: App[None], within: Region) -> Iterator[Segment]:
    """What stands in a part of the screen."""
    for y, strip in enumerate(app.screen._compositor.render_strips(app.size)):
        if within.y <= y < within.bottom:
            yield from strip.crop(within.x, within.right)


def contrast(segment: Segment) -> float:
    """WCAG's contrast of a text to its background."""
    style = segment.style
    assert style is not None
    assert style.color is not None
    assert style.bgcolor is not None
    dark, light = sorted(luminance(Color.from_rich_color(colour)) for colour in (style.color, style.bgcolor))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Color) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("keys", [(), ("question_mark",)], ids=["charts", "help"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_every_text_and_every_curve_stands_out(theme: str, state: str, keys: tuple[str, ...]) -> None:
    async with observed(app := make_app(state, Appearance(theme=theme)), (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == state)
        await pilot.press(*keys)
        await pilot.pause()
        within = pilot.app.screen.query_one("#help").region if keys else pilot.app.screen.region
        for segment in segments(pilot.app, within):
            if any(letter.isalnum() for letter in segment.text):
                assert contrast(segment) >= 4.5, segment
            elif any(0x2800 < ord(letter) < 0x2900 or letter in "▖▘▗▝━" for letter in segment.text):
                assert contrast(segment) >= 3, segment


DIALOGUES: dict[str, tuple[str, ...]] = {
    "presets": ("p", "down"),
    "a value": ("enter",),
    "a wrong value": ("enter", *["backspace"] * 5, "-"),
    "a selected value": ("enter", "home", "shift+right", "shift+right"),
    "help": ("question_mark",),
    "help, search": ("question_mark", "slash"),
    "help, nothing found": ("question_mark", "slash", "z"),
    "lessons": ("L", "n"),
    "palette": ("ctrl+p", "down"),
    "palette, nothing found": ("ctrl+p", "z", "z"),
    "runs": ("v",),
    "runs, cursor below": ("v", "down"),
    "runs, cursor on the last": ("v", "end"),
    "runs, marked": ("v", "space", "space"),
    "runs, filter": ("v", "slash"),
    "runs, nothing found": ("v", "slash", "z", "z"),
    "runs, note": ("v", "n"),
    "runs, delete": ("v", "d"),
    "comparison": ("v", "end", "space", "up", "up", "space", "c"),
}


HOVERED = {"palette": "CommandList", "runs": "FooterKey", "comparison": "FooterKey"}
"""What the mouse is over in a dialogue, of what looks different there."""


@pytest.mark.parametrize("theme", ["dark", pytest.param("light", marks=pytest.mark.slow)])
async def test_every_text_of_every_dialogue_stands_out_chosen_or_not(theme: str, tmp_path: Path) -> None:
    for name, shown in (("a", progress("finished", 20)), ("b", progress("paused", 15)), ("c", progress("finished", 9))):
        keep(tmp_path, f"20261123-1712-{name}", shown)
    (tmp_path / "20261123-1712-c" / METRICS).write_text("no JSON")
    app = RungeApp(
        New(Config()),
        Path(),
        partial(CannedSession, first=STATES["running"]),
        Appearance(theme=theme),
        runs_directory=RunsDirectory(tmp_path),
    )
    async with observed(app, (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == "running")
        for severity in ("information", "warning", "error"):
            app.notify("a message", title="its title", severity=severity)
        for name, keys in DIALOGUES.items():
            for key in keys:
                await pilot.press(key)
                await pilot.until(lambda: not any(each.group in ("reading", "opening") for each in app.workers))
            if name in HOVERED:
                assert await pilot.hover(HOVERED[name], offset=(3, 0)), name
            # What lies below a dialogue is dimmed, which is meant.
            boxes = list(app.screen.query("#help, #edit, #presets, .question, #--input, CommandList")) or [app.screen]
            seen = [segment for box in boxes if box.region for segment in segments(app, box.region)]
            texts = [segment for segment in seen if any(map(str.isalnum, segment.text))]
            assert texts, name
            for segment in texts:
                assert contrast(segment) >= 4.5, (name, segment)
            while app.screen is not app.main_screen:
                await pilot.press("escape")
                await pilot.pause()


def test_the_options_know_the_themes() -> None:
    assert ("auto", *(theme.name for theme in THEMES)) == NAMES


@pytest.mark.parametrize(
    ("background", "name"),
    [("15;0", "dark"), ("0;15", "light"), ("0;default;15", "light"), ("0;7", "light"), ("7;8", "dark"), ("x", "dark")],
)
def test_the_theme_follows_the_terminals_background(background: str, name: str) -> None:
    assert suitable_theme({"COLORFGBG": background}) == name
    assert Appearance.of(Settings(Config(), theme="auto"), {"COLORFGBG": background}).theme == name


async def test_t_changes_the_theme_and_the_palette_offers_ours_alone() -> None:
    async with (app := make_app()).run_test() as pilot:
        assert list(app.available_themes) == [theme.name for theme in THEMES]
        for name in ("light", "dark"):
            await pilot.press("t")
            assert app.theme == name


@pytest.mark.parametrize("keys", [(), ("question_mark",), ("question_mark", "slash", "z"), ("ctrl+p",)])
@pytest.mark.parametrize("state", STATES)
async def test_in_ascii_the_whole_screen_is_ascii(state: str, keys: tuple[str, ...]) -> None:
    async with observed(app := make_app(state, Appearance(ascii=True)), (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == state)
        pilot.app.notify("Größe → 日本")
        await pilot.press(*keys)
        await pilot.pause()
        shown = "".join(segment.text for segment in segments(pilot.app, pilot.app.screen.region))
        assert shown.isascii()
        assert shown.strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10⁻³┤", "1e-3+"),
        ("10²┼", "1e2+"),
        ("25 x²)   1–64", "25 x^2)  1-64"),
        ("x²", "x2"),
        ("◀ replay", "< replay"),
        (" ━ train ▖ val", " * train o val"),
        ("━━──", "==--"),
        ("⠤⠒⠀", "** "),
        ("Größe 日", "Gro?e ??"),
    ],
)
def test_ascii_keeps_the_meaning_and_the_width(text: str, expected: str) -> None:
    assert to_ascii(text) == expected


@given(st.text(st.characters(blacklist_categories=("Cc", "Cs"))))
def test_any_text_becomes_ascii_of_its_own_width(text: str) -> None:
    assert to_ascii(text).isascii()
    assert len(to_ascii(text)) == cell_len(text)


def test_every_action_has_a_name_of_its_own() -> None:
    names = [key.id for key in KEYS]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in names)


async def test_a_remapped_key_works_and_stands_in_footer_help_and_palette() -> None:
    appearance = Appearance(keys=remapped({"pause": ["z", "f2"], "restart": ["?"], "help": ["r"]}))
    async with observed(app := make_app("running", appearance), (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == "running")
        bindings = app.screen.active_bindings
        assert {bindings[key].binding.description for key in ("z", "f2")} == {"Pause"}
        assert bindings["question_mark"].binding.description == "Restart"
        await pilot.press("space", "z", "r")
        assert sent(app) == ["Pause"]
        assert isinstance(app.screen, Help)
        assert "z, f2 " in str(app.screen.query_one("#list").content)  # type: ignore[attr-defined]


async def test_keys_that_share_a_key_go_on_sharing_it_when_another_moves() -> None:
    async with observed(app := make_app("paused", Appearance(keys=remapped({"quit": ["z"]})))) as pilot:
        await pilot.until(lambda: app.experiment.state == "paused")
        await pilot.press("space")
        assert sent(app) == ["Unpause"]


@pytest.mark.parametrize(
    ("new_keys", "line"),
    [
        ({"paus": ["x"]}, "unknown action paus: did you mean pause?"),
        ({"quit": ["r"]}, "r cannot stand for both restart and quit: give one another key"),
        ({"quit": [","], "help": [","]}, "comma cannot stand for both help and quit: give one another key"),
    ],
)
def test_keys_that_cannot_be_are_refused(new_keys: dict[str, list[str]], line: str) -> None:
    with pytest.raises(ValueError, match=f"^{line.replace('?', '[?]')}$"):
        remapped(new_keys)


async def test_the_help_is_searched_as_one_types() -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:

        def shown() -> str:
            return str(pilot.app.screen.query_one("#list").content)  # type: ignore[attr-defined]

        await pilot.press("question_mark")
        whole = shown()
        await pilot.press("slash", *"CHART fit")
        assert [line.split()[0] for line in shown().splitlines()] == ["charts", "4", "5"]
        await pilot.press("enter", "slash", *"zz")
        assert shown() == "no key does that"
        await pilot.press("escape")
        assert shown() == whole
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, Help)


async def test_the_palette_has_every_action_that_applies() -> None:
    async with observed(app := make_app("paused"), (120, 36)) as pilot:
        await pilot.until(lambda: app.experiment.state == "paused")
        hits = {hit.text async for hit in Actions(app.screen).discover()}
        idle = {"pause the training", "undo the last change of a knob", "the chosen chart alone", "back"}
        idle |= {"the run before, behind the curves, or not", "back to the present"}
        idle |= {"train on from here, with the knobs as they are"}
        idle |= {"go on with the unfinished run that is offered"}
        applying = {key.help for key in KEYS if key.group != "in a maximised chart"} - idle
        assert hits == applying | {f"preset {name}" for name in PRESETS} | {"Theme", "Screenshot"}
        found = [hit async for hit in Actions(app.screen).search("one epoch")]
        assert max(found).text == "train one epoch, when paused"
        await pilot.press("ctrl+p", *"one epoch")
        best = max(found).help or ""
        await pilot.until(lambda: best in "".join(segment.text for segment in segments(app, app.screen.region)))
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert sent(app) == ["Step"]
