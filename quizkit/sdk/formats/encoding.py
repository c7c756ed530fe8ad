"""Bytes into text: the encodings in which people's quiz files come.

UTF-8 is what we ask for. UTF-16 is what spreadsheets call “Unicode text”, and Windows-1252
(Latin-1 with quotation marks) is what older ones write: both are taken, and said, because a
guess that nobody hears of spoils names. A file that is UTF-8 but for a few bytes is damaged,
not Latin-1: reading it as such would garble everything that is right in it.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from quizkit.sdk.formats.source import Mark, Unreadable, mark_at, problem_at

#: Characters that no quiz needs and that terminals act on; tab and line ends are fine.
CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]\w*")
_WORD_END: Final = re.compile(r"\w{0,40}\Z")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text; `note` says, with its place, what was guessed, or is None."""

    text: str
    note: tuple[Mark, str] | None = None


def decode(content: bytes) -> Decoded:
    """The text of a quiz file.

    Raises:
        Unreadable: empty, of no encoding that is known, or with control characters.
    """
    decoded = _decode(content)
    if not decoded.text.strip():
        message = "the file is empty; a quiz needs at least 'title' and 'questions'"
        raise Unreadable(problem_at((1, 1), message))
    found = CONTROLS.search(decoded.text)
    if found is not None:
        message = f"control character U+{ord(found.group()):04X}; remove it"
        raise Unreadable(problem_at(mark_at(decoded.text, found.start()), message))
    return decoded


def _decode(content: bytes) -> Decoded:
    for bom, name in _BOMS:
        if content.startswith(bom):
            text = _strict(content[len(bom) :], name)
            return Decoded(text, None if name == "utf-8" else _said(name))
    guessed = _without_bom(content[:400])
    if guessed is not None:
        return Decoded(_strict(content, guessed), _said(guessed))
    try:
        return Decoded(content.decode("utf-8"))
    except UnicodeDecodeError as exc:
        before = content[: exc.start].decode("utf-8")
        refused = Unreadable(
            problem_at(
                mark_at(before, len(before)), "this is not UTF-8 text; save the file as UTF-8"
            )
        )
        if not content.decode("utf-8", "ignore").isascii():
            raise refused from exc
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as exc:
        raise refused from exc
    found = _FOREIGN.search(text)
    assert found is not None
    start = _WORD_END.search(text[max(0, found.start() - 40) : found.start()])
    assert start is not None
    word = start.group() + found.group()
    message = (
        f"this is not UTF-8: it was read as Windows-1252 (Latin-1), with “{word[:80]}” "
        "here; save the file as UTF-8 if that is wrong"
    )
    return Decoded(text, (mark_at(text, found.start() - len(start.group())), message))


def _without_bom(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Western text is zero."""
    if len(head) < 4 or b"\0" not in head:
        return None
    even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.6 and even < 0.1:
        return "utf-16-le"
    if even > 0.6 and odd < 0.1:
        return "utf-16-be"
    return None


def _strict(content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError as exc:
        before = content[: exc.start].decode(name, "replace")
        message = f"this is not {name.upper()} text, though it begins as such"
        raise Unreadable(problem_at(mark_at(before, len(before)), message)) from exc


def _said(name: str) -> tuple[Mark, str]:
    return (1, 1), f"the file was read as {name.upper().replace('-LE', '').replace('-BE', '')}"
