"""The words of the Markdown form: its patterns, its escapes.

Both the reader and the writer build on these, so that what one writes the other reads. Text
is not rendered: `**bold**` stays as it is. Only a backslash before punctuation and numeric
character references are resolved, which is how any text can be written.
"""

from __future__ import annotations

import re
from typing import Final

from quizkit.core import quiz_questions

#: Fields of a question that stand as `name: value` lines.
FIELDS: Final = tuple(name for name in quiz_questions.FIELDS if name not in ("text", "options"))
# None of these looks for white space at the end of a line: behind what may be any text it would
# try every place in a long line with every other. Whoever uses them strips.
HEADING: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?")
RULE: Final = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
TASK: Final = re.compile(r"( {0,3})[-*+] {1,4}\[([ xX])\](?:[ \t]+(.*))?")
BULLET: Final = re.compile(r" {0,3}[-*+][ \t].*")
NUMBERED: Final = re.compile(r"( {0,3})\d{1,3}[.)][ \t]+(.*)")
QUOTE: Final = re.compile(r" {0,3}> ?(.*)")
IMAGE: Final = re.compile(
    r" {0,3}!\[((?:\\.|[^\]\\])*+)\]"
    r"\([ \t]*+(?:<([^<>]*+)>|([^()<>\s]*+))(?:[ \t]++\"[^\"]*+\")?+[ \t]*+\)[ \t]*+"
)
FIELD: Final = re.compile(rf"({'|'.join(FIELDS)}):(?:[ \t].*)?")
FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})[^`]*")
COMMENT: Final = re.compile(r" {0,3}<!--")

_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "nbsp": "\xa0"}
_REFERENCE: Final = r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|nbsp));"
_WRITTEN: Final = re.compile(rf"\\([!-/:-@\[-`{{-~])|{_REFERENCE}")
#: What has to be escaped wherever it stands: a backslash that could escape, references.
_ANYWHERE: Final = re.compile(rf"\\(?![A-Za-z0-9])|&(?=#|{'|'.join(_NAMED)})")
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ufeff]")


def resolved(text: str) -> str:
    """A line as it is meant: escapes and character references resolved."""

    def one(found: re.Match[str]) -> str:
        escaped, decimal, hexadecimal, name = found.groups()
        if escaped:
            return escaped
        if name:
            return _NAMED[name]
        code = int(decimal) if decimal else int(hexadecimal, 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            return found.group()
        return chr(code)

    return _WRITTEN.sub(one, text)


def heading_text(rest: str) -> str:
    """What a heading says, without the number signs that may close it."""
    text = rest.rstrip(" \t")
    opened = text.rstrip("#")
    return opened.rstrip(" \t") if opened.endswith((" ", "\t")) else text


def inline(text: str) -> str:
    """A line that is read back as it is, where no structure can begin."""
    shown = _UNSEEN.sub(_reference, _ANYWHERE.sub(lambda found: "\\" + found.group(), text))
    # Editors take white space away at the end of a line.
    return re.sub(r"[ \t]\Z", _reference, shown)


def _reference(found: re.Match[str]) -> str:
    return f"&#{ord(found.group())};"


def is_structure(line: str) -> bool:
    """Whether a line of a question's text would be read as something else."""
    patterns = (HEADING, RULE, TASK, NUMBERED, QUOTE, IMAGE, FIELD, FENCE)
    return bool(COMMENT.match(line)) or any(pattern.fullmatch(line) for pattern in patterns)


def shielded(line: str) -> str:
    """A line of a question's text that is read back as it is."""
    shown = inline(line)
    if not is_structure(line) and not is_structure(shown):
        return shown
    field = FIELD.fullmatch(line)
    if field is not None:
        return inline(line).replace(":", "\\:", 1)
    numbered = re.match(r" {0,3}\d{1,3}(?=[.)])", shown)
    start = numbered.end() if numbered else len(shown) - len(shown.lstrip(" "))
    return f"{shown[:start]}\\{shown[start:]}"
