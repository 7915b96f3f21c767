"""What the user does arrives, whole and in order, and what the terminal answers does not, however both come."""

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.events import AppFocus, Key, MouseEvent, Paste
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from tui_runge.tui.driver import TokenParser
from tui_runge.tui.terminal_input import ESC, PATIENCE, InputSplitter

DELAY = 0.1
KEYS = (
    *"abcdefghijklmnopqrstuvwxyzABCDEFNRW 0123456789+-<>?[]/;:\\é€\r\t\x7f\x03\x1a",
    *("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[Z", "\x1b[H", "\x1b[5~", "\x1b[1;2C", "\x1b[1;5D"),
    *("\x1bOA", "\x1bOP", "\x1b[15~", "\x1b[[A", "\x1bx", "\x1bf", "\x1b\x7f"),
    *("\x1b[27u", "\x1b[97;;97u", "\x1b[114;5u", "\x1b[13;2u"),
    *("\x1b[<35;14;7M", "\x1b[<0;140;37m", "\x1b[<64;2;3M", "\x1b[I"),
    *("\x1b[200~pasted q\n\x1b[201~", "\x1b[?2026;2$y"),
)
ANSWERS = (
    *("\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\", "\x1b]10;rgb:ff/EE/dd\x07", "\x1b]11;rgba:0000/0000/0000/cccc\x1b\\"),
    *("\x1b]11;#1e1e1e\x07", "\x1b]4;5;rgb:a0a0/0000/a0a0\x1b\\", "\x1b]52;c;cmVzdGFydA==\x07"),
    *("\x1b[?62;22c", "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28;29;42;52c", "\x1b[>41;380;0c", "\x1b[=1;0c"),
    *("\x1bP>|XTerm(380)\x1b\\", "\x1bP!|7E565445\x1b\\", "\x1bP1$r0;1m\x1b\\", "\x1bP1+r436f=323536\x1b\\"),
    *("\x1b_Gi=31;OK\x1b\\", "\x1b[?1u", "\x1b[?997;1n", "\x1b[0n", "\x1b[8;36;120t", "\x1b[4;1$y", "\x1b[?12;4$y"),
)


class Reader:
    """What the driver does with what it reads, on a clock of its own."""

    def __init__(self, answer_until: float = 0.0) -> None:
        self.now = 0.0
        self._splitter, self._parser = InputSplitter(DELAY, answer_until), TokenParser()

    def read(self, text: str, wait: float = 0.0) -> list[str]:
        """What comes of some characters, and of some seconds of silence after them."""
        tokens = self._splitter.feed(text, self.now)
        self.now += wait
        if wait:
            tokens += self._splitter.tick(self.now)
        return [told(message) for token in tokens for message in self._parser.feed(token)]


def told(message: Message) -> str:
    """A message, in words that can be compared."""
    match message:
        case Key():
            return f"{message.key} {message.character!r}"
        case MouseEvent():
            return f"{type(message).__name__} {message.x} {message.y} {message.button}"
        case Paste():
            return f"pasted {message.text!r}"
    return type(message).__name__


def cut(text: str, rng: random.Random) -> list[str]:
    """A text in pieces."""
    places = sorted({0, len(text), *(rng.randrange(len(text) + 1) for _ in range(rng.randrange(6)))})
    return [text[start:end] for start, end in pairwise(places)]


@pytest.mark.parametrize("interleavings", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_interleavings_of_answers_and_keys_lose_none_and_invent_none(interleavings: int) -> None:
    rng = random.Random(1)
    expected = {key: Reader().read(key) for key in KEYS} | {ESC: ["escape '\\x1b'"]}
    assert all(expected.values())
    for number in range(interleavings):
        reader, got = Reader(), list[str]()
        sent = rng.choices([*KEYS, *rng.choices(ANSWERS, k=len(KEYS)), ESC], k=rng.randint(1, 9))
        for part in sent:
            pieces = cut(part, rng)
            for piece in pieces:
                # Silence after ESC alone makes it a key; elsewhere in a sequence only a long one does.
                silence = 2 * DELAY if part == ESC else 0.9 * (DELAY if piece.endswith(ESC) else PATIENCE / len(pieces))
                got += reader.read(piece, silence if part == ESC else rng.choice((0.0, silence)))
        assert got == [message for part in sent for message in expected.get(part, [])], (number, sent)


@pytest.mark.parametrize("sequence", [each for each in ANSI_SEQUENCES_KEYS if each != "\x1b\x1b"])
def test_every_key_that_textual_knows_is_one_token(sequence: str) -> None:
    splitter = InputSplitter(DELAY)
    assert splitter.feed(sequence, 0.0) + splitter.tick(DELAY) == [sequence]


@pytest.mark.parametrize(
    ("pieces", "keys"),
    [
        (("\x1b]11;rgb:1e1e/", "r", "1e1e/1e1e\x1b\\", "q"), ["r", "q"]),
        (("\x1b]11;rgb:1e1e/1", "\x1b[A", "e1e/1e1e\x1b", "\\"), ["up"]),
        (("\x1b[?6", "\x1b[B", "2;22", " ", "c"), ["down", "space"]),
        (("\x1bP>|XTe", "\r", "rm\x1b\\"), ["enter"]),
    ],
)
def test_a_key_between_the_pieces_of_an_answer_arrives(pieces: Sequence[str], keys: list[str]) -> None:
    reader = Reader()
    assert [each.split()[0] for piece in pieces for each in reader.read(piece, DELAY)] == keys


@pytest.mark.parametrize("silence", [0.0, 2 * DELAY, 3 * DELAY])
def test_an_answer_that_is_expected_may_come_in_single_bytes(silence: float) -> None:
    reader = Reader(answer_until=60)
    answer = "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\\x1b[?62;22c"
    assert [each for character in answer for each in reader.read(character, silence)] == []
    assert reader.read(ESC, 1.01 * DELAY) == ["escape '\\x1b'"]


def test_while_an_answer_is_expected_escape_and_another_key_are_two() -> None:
    reader = Reader(answer_until=60)
    assert reader.read(ESC, 3 * DELAY) == []
    assert reader.read("q") == ["escape '\\x1b'", "q 'q'"]
    assert reader.read(ESC, 1.0) == ["escape '\\x1b'"]
    assert reader.read("\x1b[A") == ["up None"]


@pytest.mark.parametrize("beginning", ["\x1b]11;rgb:1e1e/", "\x1b]52;c;", "\x1bP>|", "\x1b[?62", "\x1b[1;", "\x1b_G"])
def test_an_answer_that_never_ends_swallows_no_keys_for_ever(beginning: str) -> None:
    reader = Reader()
    assert reader.read(beginning, PATIENCE) == []
    assert reader.read("re\x1b[A") == ["r 'r'", "e 'e'", "up None"]


def test_what_is_typed_without_a_break_does_not_keep_a_broken_answer_alive() -> None:
    reader = Reader()
    reader.read("\x1b]52;c;")
    arrived = [key for _ in range(40) for key in reader.read("r", 0.11)]
    assert len(arrived) >= 20


@pytest.mark.parametrize(
    ("sequence", "keys"),
    [
        ("\x1b[", ["left_square_bracket '['"]),  # textual's name, with alt or without
        ("\x1bO", ["alt+shift+o 'O'"]),
        ("\x1b]r", ["right_square_bracket ']'", "r 'r'"]),
        ("\x1b]1r", ["right_square_bracket ']'", "1 '1'", "r 'r'"]),
        ("\x1b[r", ["left_square_bracket '['", "r 'r'"]),
        ("\x1bPr", ["alt+shift+p 'P'", "r 'r'"]),
        ("\x1b_r", ["underscore '_'", "r 'r'"]),
    ],
)
def test_what_only_looks_like_the_beginning_of_an_answer_was_typed(sequence: str, keys: list[str]) -> None:
    assert Reader().read(sequence, PATIENCE) == keys


def test_escape_comes_after_the_silence_that_textual_waits_for() -> None:
    reader = Reader()
    assert reader.read(ESC, 0.9 * DELAY) == []
    assert reader.read("", 0.1 * DELAY) == ["escape '\\x1b'"]
    assert reader.read("\x1b\x1b[A") == ["escape '\\x1b'", "up None"]


def test_what_was_late_to_be_read_is_not_late_to_come() -> None:
    """Where the program was busy, all that waits is read before silence is said to be any."""
    reader = Reader()
    reader.read(ESC)
    reader.now += 5
    assert reader.read("]11;rgb:1e1e/1e1e/1e1e\x1b\\r") == ["r 'r'"]


def test_what_textual_has_asked_for_reaches_it() -> None:
    (message,) = TokenParser().feed("\x1b[?2026;2$y")
    assert isinstance(message, TerminalSupportsSynchronizedOutput)
    (resize,) = TokenParser().feed("\x1b[48;36;120;720;1200t")
    assert type(resize).__name__ == "Resize"
    (focus,) = TokenParser().feed("\x1b[I")
    assert isinstance(focus, AppFocus)


def test_sequences_in_pasted_text_press_no_keys() -> None:
    reader = Reader()
    text = "\x1b[200~a\x1b[31mred\x1b[0m \x1b]11;rgb:0/0/0\x07\x1br\x1b[201~"
    assert [each for character in text for each in reader.read(character)] == ["pasted 'ared r'"]
    assert reader.read("q") == ["q 'q'"]


@given(st.text(st.sampled_from("\x1b\x07\\[]OP_?<>;:0123rgbaeMRcu~$/\r é"), max_size=40), st.randoms())
def test_where_a_text_is_cut_makes_no_difference(text: str, rng: random.Random) -> None:
    whole, cut_up = Reader(), Reader()
    expected = whole.read(text)
    got = [each for piece in (cut(text, rng) if text else []) for each in cut_up.read(piece)]
    assert got == expected
    assert cut_up.read("", 2 * PATIENCE) == whole.read("", 2 * PATIENCE)


@given(st.text(st.sampled_from("\x1b\x07\\[]OP_?<>;:0123rgbaeRcu$/\r é"), max_size=40))
def test_after_any_text_keys_arrive_again(text: str) -> None:
    reader = Reader()
    reader.read(text, 2 * PATIENCE)
    assert reader.read("r") == ["r 'r'"]
