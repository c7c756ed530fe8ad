"""Bytes into text, and places in it."""

from __future__ import annotations

import pytest

from quizkit.sdk.formats.source import Located, Unreadable, decode, mark_at


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


def test_the_nearest_part() -> None:
    """A part without a mark of its own stands where the part around it does."""
    located = Located(None, {(): (1, 1), ("questions", 2): (7, 3)})
    assert located.find(("questions", 2, "text")) == (7, 3)
    assert located.find(("questions", 3)) == (1, 1)
    assert Located(None, {}).find(("x",)) == (1, 1)


def test_text_is_kept() -> None:
    """Line ends of every kind, tabs and characters of every plane pass."""
    assert decode("a\r\n\tb \U0001f600".encode()) == "a\r\n\tb \U0001f600"
    with pytest.raises(Unreadable, match=r"U\+0000"):
        decode(b"a\0b")
