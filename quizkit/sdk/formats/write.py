"""One way out for every quiz file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quizkit.sdk.errors import Problem
from quizkit.sdk.formats.catalogue import format_named
from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.kept import kept


@dataclass(frozen=True, slots=True)
class Written:
    """A quiz as a file.

    Attributes:
        content: the file's bytes; text is UTF-8.
        format: its format.
        ending: of such files, such as `.md`.
        is_text: whether the content is text that a terminal can show.
        warnings: what the format could not hold.
    """

    content: bytes
    format: str
    ending: str
    is_text: bool
    warnings: tuple[Problem, ...] = ()


def write(
    document: Mapping[str, Any],
    format: str = "yaml",  # noqa: A002  (it is called so on the command line, too)
    *,
    source: Mapping[str, Any] | None = None,
) -> Written:
    """A stored quiz in a format.

    Args:
        document: the native document.
        format: one of those that `FORMATS` writes.
        source: `{"format", "text"}` of the file that the quiz came from, if it was kept: in
            its own format it is written with its comments and in its order.

    Raises:
        Misuse: quizzes are not written in this format.
    """
    chosen, notes = format_named(format), Notes()
    content: str | bytes | None = None
    if source is not None and source.get("format") == chosen.name:
        content = kept(source.get("text", ""), chosen.name, document)
        if content is None:
            notes.add("the comments of the quiz's file are lost: it says something else by now")
    if content is None:
        content = chosen.write(document, notes)
    is_text = isinstance(content, str)
    # A lone surrogate cannot be stored; it would be no reason to lose the rest.
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    return Written(data, chosen.name, chosen.ending, is_text, notes.warnings)
