"""HTML of other tools as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.html_text import MAX_HTML, looks_like_html, noted, words_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>A</p>\n<p>B<br>C</p>", "A\n\nB\nC"),
        ("<ul><li>a</li> <li>b</li></ul>x", "- a\n- b\nx"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>", "a | b\nc | d"),
        ("10<sup>3</sup> m<sup>-2</sup>, H<sub>2</sub>O", "10³ m⁻², H₂O"),
        ("x<sup>ab</sup> x<sup>k</sup> a<sub>ij</sub>", "x^(ab) x^k a_(ij)"),
        ("<pre>if x:\n    y</pre>z", "if x:\n    y\n\nz"),
        ("<ruby>村田<rp>(</rp><rt>むらた</rt><rp>)</rp></ruby>", "村田(むらた)"),
        ("a<script>alert(1)</script><style>b{}</style>b", "ab"),
        ("a &lt; b &amp; c&nbsp;&#8222;d", "a < b & c „d"),
        ("x <![CDATA[y]]> <!-- z -->", "x y"),
        ("no html, 1 < 2 and <3", "no html, 1 < 2 and <3"),
        ("<![ foo", "<![ foo"),
        ("<math><mi>x</mi><annotation>x</annotation></math>", "x"),
    ],
)
def test_the_words_stay(html: str, text: str) -> None:
    """Blocks become lines, raised digits stay raised, and nothing that is no text shows."""
    assert words_of(html).text == text


def test_media_are_handed_on() -> None:
    """Pictures and sounds come with their addresses and alternative texts."""
    found = words_of(
        '<img src="a%20b.png" alt=" A tree "><audio controls><source src="x.mp3"></audio>'
        '<object data="c.png" type="image/png"></object><object data="t.html" type="text/html">'
    )
    assert found.media == [("a%20b.png", "A tree"), ("x.mp3", ""), ("c.png", "")]
    assert found.lost == ["an embedded text"]


def test_losses_are_named_once_and_noted() -> None:
    """Formatting and addresses of links are lost, and that is said."""
    html = '<p><b>a</b> <i>b</i> <a href="https://example.org">c</a></p>'
    notes = Notes()
    assert noted(html, notes, (4, 2)).text == "a b c"
    assert [(note.message, note.line) for note in notes.warnings] == [
        ("formatting such as bold or tables is lost: texts are plain here", 4),
        ("the address of a link is lost: texts are plain here", 4),
    ]


@pytest.mark.parametrize("text", ["<br>", "a<b>c", "x &amp; y", "&#39;", "</p>", "<IMG src=x>"])
def test_what_looks_like_html(text: str) -> None:
    """Tags and entities that people use."""
    assert looks_like_html(text)


@pytest.mark.parametrize("text", ["a < b > c", "x & y", "<lakes>", "AT&T", "1<2"])
def test_what_does_not_look_like_html(text: str) -> None:
    """Comparisons and names in angle brackets are text."""
    assert not looks_like_html(text)


def test_endless_html_is_left_alone() -> None:
    """A text that is much too long is not parsed; the rules refuse it anyway."""
    html = "<p>" * MAX_HTML
    assert words_of(html).text == html


@given(
    st.lists(st.sampled_from(["<", ">", "</", "sup", "p", "li", "<!--", "&", "]]>", "a", '"', "="]))
)
def test_nothing_breaks_it(parts: list[str]) -> None:
    """Whatever comes in, text comes out."""
    assert isinstance(words_of("".join(parts)).text, str)
