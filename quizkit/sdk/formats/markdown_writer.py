"""Quizzes as Markdown, exactly as `markdown` reads them back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.markdown_text import FENCE, FIELDS, inline, shielded
from quizkit.sdk.formats.native import json_text, yaml_text
from quizkit.sdk.formats.writing import kind_of, options_of

_INDENT: Final = " " * 6
_PLAIN: Final = re.compile(r"[A-Za-z][\w,.()/'-]*(?: [\w,.()/'-]+)*", re.ASCII)
_WORDS: Final = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
_ADDRESS: Final = re.compile(r"[\w./:@%?&=+~,;-]+", re.ASCII)

#: Characters that are only held as references, which code between fences has none of.
_HIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def write(document: Mapping[str, Any], notes: Notes) -> str:
    """A quiz as Markdown; nothing is lost."""
    head = {key: value for key, value in document.items() if key != "questions"}
    parts = [f"---\n{yaml_text(head)}---\n"]
    for question in document["questions"]:
        parts.append("\n".join(_question(question)))
    return "\n".join(parts)


def _question(question: Mapping[str, Any]) -> Iterator[str]:
    kind = kind_of(question)
    fields = {name: question[name] for name in FIELDS if name in question}
    first, *body = _text(str(question["text"]))
    yield f"## {first}"
    yield ""
    if body:
        yield from [*body, ""]
    media, alt = str(fields.get("media", "")), str(fields.get("alt", ""))
    if _ADDRESS.fullmatch(media) and "\n" not in alt:
        yield f"![{_alt(alt)}]({media})"
        yield ""
        fields.pop("media")
        fields.pop("alt", None)
    options = options_of(question) if question.get("options") else []
    for place, (text, right) in enumerate(options, 1):
        start = f"{place}. " if kind == "order" else f"- [{'x' if right else ' '}] "
        yield from _option(start, text)
    if options:
        yield ""
        if kind != "order":
            fields.pop("correct", None)  # the options say it
    explanation = fields.pop("explanation", None)
    if fields:
        yield from (f"{name}: {_value(value)}" for name, value in fields.items())
        yield ""
    if explanation is not None:
        yield from (f"> {inline(line)}" if line else ">" for line in str(explanation).split("\n"))
        yield ""


def _text(text: str) -> list[str]:
    """The lines of a question's text; the first is for the heading."""
    first, *rest = text.split("\n")
    heading = inline(first)
    lines = [re.sub(r"#(?=&#|\Z)", r"\\#", heading) if "#" in heading[-6:] else heading]
    fenced: str | None = None
    for index, line in enumerate(rest):
        found = FENCE.fullmatch(line)
        if fenced is None and found is not None and _closes(rest[index:], found.group(1)):
            fenced = found.group(1)
            lines.append(line)
        elif fenced is not None:
            lines.append(line)
            if _is_closing(line, fenced):
                fenced = None
        else:
            lines.append(shielded(line))
    return lines


def _closes(lines: list[str], fence: str) -> bool:
    """Whether code between fences can be written as it stands."""
    for index, line in enumerate(lines):
        if _HIDDEN.search(line):
            return False
        if index and _is_closing(line, fence):
            return True
    return False


def _is_closing(line: str, fence: str) -> bool:
    return re.fullmatch(rf" {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*", line) is not None


def _option(start: str, text: str) -> Iterator[str]:
    first, *rest = text.split("\n")
    yield start + inline(first)
    for line in rest:
        yield _INDENT + inline(line) if line else ""


def _alt(text: str) -> str:
    return re.sub(r"([\[\]])", r"\\\1", inline(text))


def _value(value: object) -> str:
    """A field's value as YAML on one line."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json_text(value)
