"""Encodings that people's files have: taken, said, or refused."""

from __future__ import annotations

import pytest

from quizkit.sdk.formats.encoding import decode
from quizkit.sdk.formats.source import Unreadable


def test_utf_8_is_silent() -> None:
    """UTF-8 with and without a byte order mark, CRLF and all planes: nothing is said."""
    for content in ("a\r\n\tb 🙂".encode(), "\ufeffa\r\n\tb 🙂".encode()):
        decoded = decode(content)
        assert decoded.text == "a\r\n\tb 🙂"
        assert decoded.note is None


@pytest.mark.parametrize("name", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
def test_wide_encodings_are_said(name: str) -> None:
    """What spreadsheets call Unicode text is read, also without its mark, and told of."""
    text = "Frage\tAntwort\nWelcher Fluß?\tRhein\n"
    decoded = decode(text.encode(name))
    assert decoded.text == text
    assert decoded.note is not None
    assert decoded.note[1].startswith("the file was read as UTF-")


def test_latin_1_is_said_with_a_word_of_it() -> None:
    """Old Western files are read, and a word shows whether the guess was right."""
    decoded = decode("a\nwas heißt “Grüße”?".encode("cp1252"))
    assert decoded.text == "a\nwas heißt “Grüße”?"
    assert decoded.note is not None
    place, message = decoded.note
    assert place == (2, 5)
    assert "“heißt”" in message


def test_damaged_utf_8_is_not_latin_1() -> None:
    """A file that is UTF-8 but for a byte is refused at that byte, not garbled."""
    with pytest.raises(Unreadable, match="not UTF-8") as caught:
        decode("ä\nöß".encode() + b"\xff" + b"abc")
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (2, 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"\xff\xfe", "empty"),
        (b"a\x81\x8d", "not UTF-8"),
        (b"\xff\xfea\x00b", "not UTF-16-LE"),
        (b"a\x00b\x00c", "control character|not UTF"),
        (b"a\x1b[2Jb", r"U\+001B"),
    ],
)
def test_what_is_refused(content: bytes, reason: str) -> None:
    """Nothing, cut-off and unknown encodings, and characters that terminals act on."""
    with pytest.raises(Unreadable, match=reason):
        decode(content)
