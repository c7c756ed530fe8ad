"""HTML of other tools' questions as plain text.

Quizzes are shown on terminals and phones as text, so mark-up goes. What would change the
meaning stays: `10<sup>3</sup>` becomes `10³`, not `103`, lines and list items stay apart, and
pictures are handed on. What is lost is named, so that the reader can say it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Final

from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.source import Mark

#: Longer texts are refused by the rules anyway; they are not worth parsing.
MAX_HTML: Final = 100_000
#: How Moodle names files that come with a text; people link to sounds to have them played.
INSIDE: Final = "@@PLUGINFILE@@/"
_TAGS: Final = (
    "a|abbr|b|blockquote|br|code|div|em|font|h[1-6]|hr|i|img|li|mark|ol|p|pre|q|s|small|span|"
    "strong|strike|sub|sup|table|tbody|td|th|tr|tt|u|ul|del|ins|audio|video|source|object|iframe|"
    "script|style"
)
_HTML: Final = re.compile(
    rf"</?(?:{_TAGS})\b[^<>]*>|&(?:#\d+|#x[\da-f]+|[a-z]+\d*);", re.IGNORECASE
)
_BLOCKS: Final = re.compile(
    "address|article|aside|blockquote|div|dl|dt|dd|figure|figcaption|footer|form|h[1-6]|header|hr|"
    "li|main|nav|ol|p|pre|section|table|tr|ul|prompt"
)
_SILENT: Final = frozenset(("script", "style", "head", "title", "noscript", "rp", "annotation"))
#: What comes before cells of a table, and before the reading of a word.
_BEFORE: Final = {"td": "\ue004", "th": "\ue004", "rt": "("}
#: Blocks that stand apart from others by an empty line.
_APART: Final = re.compile("p|pre|h[1-6]|blockquote|table|figure")
#: Tags whose loss changes how a text looks, not what it says.
_STYLES: Final = re.compile(
    "b|strong|i|em|u|s|strike|del|ins|small|big|font|mark|code|tt|pre|blockquote|table"
)
_PRIVATE: Final = re.compile(r"[\ue000-\ue004]")
_SUPER: Final = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUB: Final = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SCRIPTS: Final = {"sup": (_SUPER, "^"), "sub": (_SUB, "_")}


@dataclass(slots=True)
class Words:
    """What a piece of HTML says.

    Attributes:
        text: plain text, lines separated by `\\n`.
        media: addresses of pictures, sounds and films, each with its alternative text.
        lost: what the text cannot show, in words.
    """

    text: str
    media: list[tuple[str, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def looks_like_html(text: str) -> bool:
    """Whether text has tags or entities that people use in questions."""
    return _HTML.search(text) is not None


def words_of(html: str) -> Words:
    """Plain text of HTML, whatever it is; nothing is raised."""
    if len(html) > MAX_HTML:
        return Words(html)
    parser = _Parser()
    parser.feed(_ended(html))
    parser.close()
    return Words(parser.words(), parser.media, list(dict.fromkeys(parser.lost)))


def _ended(html: str) -> str:
    """HTML without comments, and with what never ends as text.

    Python's parser takes a lone `<![` for the start of something, and looks for the end of
    what has none from every place anew.
    """
    html = html.replace("<![CDATA[", "").replace("]]>", "").replace("<![", "&lt;![")
    parts, position = [], 0
    while (start := html.find("<!--", position)) != -1:
        parts.append(html[position:start])
        end = html.find("-->", start + 4)
        if end == -1:
            return _without_open_tags("".join(parts)) + html[start:].replace("<", "&lt;")
        position = end + 3
    return _without_open_tags("".join([*parts, html[position:]]))


def _without_open_tags(html: str) -> str:
    end = html.rfind(">") + 1
    return html[:end] + html[end:].replace("<", "&lt;")


def noted(html: str, notes: Notes, mark: Mark) -> Words:
    """Plain text of HTML; what is lost is noted at its place."""
    words = words_of(html)
    for lost in words.lost:
        notes.add(f"{lost} is lost: texts are plain here", mark)
    return words


class _Parser(HTMLParser):
    """Collects text, media and losses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.media: list[tuple[str, str]] = []
        self.lost: list[str] = []
        self._parts: list[str] = []
        self._silent = 0
        self._scripts: list[tuple[str, int]] = []
        self._pre = 0

    def words(self) -> str:
        """The text: spaces collapsed, blocks on lines of their own."""
        text = "".join(self._parts).replace("\xa0", " ")
        # Characters for private use stand for what becomes a line end only in the end:
        # a block, a paragraph, line ends and spaces of code, a cell.
        text = re.sub(r"[ \t\ue002\ue003]++", _edges, text)
        lines = (re.sub(r"[ \t]+", " ", line).strip(" \ue004") for line in text.split("\n"))
        text = re.sub(r" ?\ue004 ?", " | ", "\n".join(lines))
        text = text.replace("\ue000", "\n").replace("\ue001", " ")
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        elif tag in ("img", "audio", "video", "source", "object", "embed"):
            self._medium(tag, given)
        elif tag == "br":
            self._parts.append("\n")
        elif tag in _BEFORE:
            self._parts.append(_BEFORE[tag])
        elif tag in _SCRIPTS:
            self._scripts.append((tag, len(self._parts)))
        elif _BLOCKS.fullmatch(tag):
            self._parts.append(_edge(tag) + ("- " if tag == "li" else ""))
        if tag == "pre":
            self._pre += 1
        if _STYLES.fullmatch(tag):
            self.lost.append("formatting such as bold or tables")
        elif tag == "a" and given.get("href", "").startswith(INSIDE):
            self.media.append((given["href"], ""))
        elif tag == "a" and given.get("href"):
            self.lost.append("the address of a link")
        elif tag in ("input", "select", "textarea", "button", "math", "iframe"):
            self.lost.append(f"a <{tag}> element")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in ("br", "img", "hr", "source", "embed", "input"):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _SCRIPTS and self._scripts and self._scripts[-1][0] == tag:
            _, start = self._scripts.pop()
            inner = "".join(self._parts[start:]).strip()
            self._parts[start:] = [_script(tag, inner)] if inner else []
        elif tag == "rt":
            self._parts.append(")")
        elif _BLOCKS.fullmatch(tag):
            self._parts.append(_edge(tag))
        if tag == "pre":
            self._pre = max(0, self._pre - 1)

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._pre:
            plain = _PRIVATE.sub("", data)
            self._parts.append(plain.replace("\n", "\ue000").replace(" ", "\ue001"))
        else:
            self._parts.append(re.sub(r"[ \t\r\n]+", " ", _PRIVATE.sub("", data)))

    def _medium(self, tag: str, given: dict[str, str]) -> None:
        address = given.get("src") or (given.get("data") if tag == "object" else "") or ""
        kind = given.get("type", "").partition("/")[0]
        if tag == "object" and kind not in ("", "image", "audio", "video"):
            self.lost.append("an embedded text")
        elif address:
            self.media.append((unescape(address), given.get("alt", "").strip()))


def _edges(found: re.Match[str]) -> str:
    """What edges of blocks, with spaces around them, come to."""
    marks = found.group()
    return "\n\n" if "\ue003" in marks else "\n" if "\ue002" in marks else " "


def _edge(tag: str) -> str:
    """What stands for the beginning and the end of a block."""
    return "\ue003" if _APART.fullmatch(tag) else "\ue002"


def _script(tag: str, inner: str) -> str:
    """Raised or lowered text, in characters that are so where there are any."""
    table, sign = _SCRIPTS[tag]
    shown = inner.translate(table)
    if all(ord(character) in table for character in inner):
        return shown
    return f"{sign}{inner}" if len(inner) == 1 else f"{sign}({inner})"
