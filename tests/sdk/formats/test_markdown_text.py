"""Escapes of the Markdown form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.sdk.formats.markdown_text import inline, is_structure, resolved, shielded

LINE = st.lists(
    st.sampled_from(
        [
            *"ab #-*+>[]()!x_`~\\&;:.=1 \t\r\x07\u2028é",
            "- [x] y",
            "points: 3",
            "&#32;",
            "1. ",
            "<!--",
        ]
    ),
    max_size=8,
).map("".join)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"2 \* 3 \\ 4 \a", "2 * 3 \\ 4 \\a"),
        ("&amp; &lt;b&gt; &quot;&nbsp;&copy;", '& <b> "\xa0&copy;'),
        ("&#65;&#x42;&#13;", "AB\r"),
        (r"\&#65;", "&#65;"),
        ("&#xD800; &#x110000;", "&#xD800; &#x110000;"),
    ],
)
def test_what_is_meant(written: str, meant: str) -> None:
    """A backslash before punctuation, and references to characters."""
    assert resolved(written) == meant


@given(LINE)
def test_any_line_can_be_written(line: str) -> None:
    """What is written is read as it was, ends in nothing invisible, and stays one line."""
    for written in (inline(line), shielded(line)):
        assert resolved(written) == line
        assert written == written.rstrip(" \t")
        assert not set(written) & set("\r\x07")


@given(LINE)
def test_shielded_lines_begin_nothing(line: str) -> None:
    """A line of text is never taken for an option, a heading or a field."""
    assert not is_structure(shielded(line))


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("plain *text* [here](x) 5 > 3", "plain *text* [here](x) 5 > 3"),
        ("# no", r"\# no"),
        ("  - [ ] no", r"  \- [ ] no"),
        ("12. no", r"12\. no"),
        ("points: 3", r"points\: 3"),
        ("---", r"\---"),
        ("> no", r"\> no"),
        ("```", r"\```"),
        ("<!-- no", r"\<!-- no"),
        ("end ", "end&#32;"),
    ],
)
def test_escapes_are_where_they_are_needed(line: str, written: str) -> None:
    """Files stay readable."""
    assert shielded(line) == written
