"""Texts that no stream, file or shell may choke on."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tui_runge.core.text import shell_word, show_path, utf8

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Surrogates included, which Python makes of bytes that are no UTF-8."""
FILE_NAMES = st.binary(min_size=1).filter(lambda name: b"\0" not in name).map(os.fsdecode)


@given(ANY_TEXT)
def test_every_text_can_be_written_and_json_stays_json(text: str) -> None:
    assert json.loads(utf8(json.dumps({"text": text}, ensure_ascii=False))) == {"text": text}


@given(ANY_TEXT)
def test_a_path_is_shown_in_one_line_of_printable_letters(text: str) -> None:
    assert show_path(text).isprintable()
    assert shell_word(text).isprintable()


@given(st.text(st.characters(categories=("L", "N", "P"))))
def test_a_path_of_printable_letters_is_shown_as_it_is(text: str) -> None:
    assert show_path(text) == text


@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
@hypothesis_settings(max_examples=25)
@given(st.lists(FILE_NAMES, min_size=1, max_size=20))
def test_a_shell_reads_every_files_name_back(names: list[str]) -> None:
    line = " ".join(map(shell_word, names))
    read = subprocess.run(["bash", "-c", rf"printf '%s\0' {line}"], capture_output=True, check=True).stdout
    assert read == b"".join(os.fsencode(name) + b"\0" for name in names)
