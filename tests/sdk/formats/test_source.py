"""Bytes of a file, and places in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.sdk.formats.source import (
    MAX_BYTES,
    STDIN,
    Lines,
    Located,
    Source,
    Unreadable,
    mark_at,
    may_be_large,
)


def test_places_count_from_one() -> None:
    """Lines and columns count from 1, columns in characters."""
    text = "äb\ncd"
    assert [mark_at(text, offset) for offset in range(5)] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 1),
        (2, 2),
    ]


@given(st.text("ab\n", max_size=30))
def test_the_index_of_lines_agrees(text: str) -> None:
    """The quick way to a place gives the same as the plain one, and leads back."""
    lines = Lines(text)
    for offset in range(len(text) + 1):
        assert lines.mark(offset) == mark_at(text, offset)
        assert lines.offset(lines.mark(offset)) == offset


def test_the_nearest_part() -> None:
    """A part without a mark of its own stands where the part around it does."""
    located = Located(None, {(): (1, 1), ("questions", 2): (7, 3)})
    assert located.find(("questions", 2, "text")) == (7, 3)
    assert located.find(("questions", 3)) == (1, 1)
    assert Located(None, {}).find(("x",)) == (1, 1)


def test_line_ends_of_every_kind() -> None:
    """Readers of lines see one kind of line end; the text itself stays as it is."""
    source = Source(b"a\r\nb\rc\nd")
    assert source.text == "a\r\nb\rc\nd"
    assert source.plain == "a\nb\nc\nd"


def test_text_has_a_limit_and_containers_a_larger_one() -> None:
    """A megabyte is enough for text; XML and archives may hold pictures."""
    with pytest.raises(Unreadable, match="more than 1000000 bytes"):
        _ = Source(b"a" * (MAX_BYTES + 1)).text
    assert Source(b"<a>" + b" " * MAX_BYTES + b"</a>").text.startswith("<a>")
    assert may_be_large(b"PK\x03\x04")
    assert not may_be_large(b"title: T")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("capitals.gift", "capitals"),
        ("C:\\quizzes\\World_capitals.v2.csv", "World capitals.v2"),
        ("/tmp/geo", "geo"),
        (".csv", ".csv"),
        (STDIN, "Quiz"),
        ("x" * 300 + ".csv", "x" * 200),
    ],
)
def test_titles_of_files(name: str, title: str) -> None:
    """Formats without a title take the file's name."""
    assert Source(b"", name).title == title


def test_lines_are_shown_also_of_damaged_text() -> None:
    """What cannot be read can still be pointed at; containers have no lines."""
    assert Source(b"title: \xff\x81").lines == ["title: ��"]
    assert Source(b"PK\x03\x04\x00").lines == [""]
