"""All formats in one table: what they are called, and who reads and writes them.

Names stand here instead of functions, so that looking at the table imports no reader; a
spreadsheet library is loaded when there is a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, TypeAlias, cast

from quizkit.sdk.errors import Misuse
from quizkit.sdk.formats.draft import Draft, Notes
from quizkit.sdk.formats.source import Source

Reader: TypeAlias = Callable[[Source], Draft]
Writer: TypeAlias = Callable[[Mapping[str, Any], Notes], str | bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes:
        name: what `--format` takes.
        title: what people call it.
        ending: of its files.
        reading: `module:function` in this package, of the type `Reader`.
        writing: the same of the type `Writer`, or None where quizzes only come from it.
    """

    name: str
    title: str
    ending: str
    reading: str
    writing: str | None = None

    def read(self, source: Source) -> Draft:
        """Make a draft of a file.

        Raises:
            Unreadable: the file is not of this format, or broken beyond reading.
        """
        draft = cast(Reader, _function(self.reading))(source)
        draft.format = self.name
        if source.note is not None:
            mark, message = source.note
            draft.notes.add(message, mark)
        return draft

    def write(self, document: Mapping[str, Any], notes: Notes) -> str | bytes:
        """A quiz in this format; `notes` learns what the format cannot hold.

        Raises:
            Misuse: quizzes are not written in this format.
        """
        if self.writing is None:
            known = ", ".join(each.name for each in FORMATS.values() if each.writing)
            raise Misuse(f"Quizzes are not written as {self.name}.", hint=f"take one of: {known}")
        return cast(Writer, _function(self.writing))(document, notes)


FORMATS: Final[Mapping[str, Format]] = {
    each.name: each
    for each in (
        Format("yaml", "quizkit YAML", ".yaml", "native:from_yaml", "native:to_yaml"),
        Format("json", "quizkit JSON", ".json", "native:from_json", "native:to_json"),
        Format("markdown", "Markdown", ".md", "markdown:read", "markdown_writer:write"),
        Format("gift", "Moodle GIFT", ".gift", "gift:read", "gift_writer:write"),
        Format("moodle", "Moodle XML", ".xml", "moodle_xml:read"),
        Format("aiken", "Aiken", ".txt", "aiken:read"),
        Format("qti", "QTI 2.1", ".zip", "qti:read"),
        Format("csv", "CSV, TSV or any table", ".csv", "table:read", "table_writer:write"),
        Format("kahoot", "Kahoot spreadsheet", ".xlsx", "kahoot:read", "kahoot:write"),
        Format("quizizz", "Wayground/Quizizz spreadsheet", ".xlsx", "quizizz:read"),
        Format("classquiz", "ClassQuiz spreadsheet", ".xlsx", "classquiz:read"),
        Format("cqa", "ClassQuiz archive", ".cqa", "cqa:read"),
        Format("opentdb", "Open Trivia DB response", ".json", "opentdb:read"),
    )
}


def format_named(name: str) -> Format:
    """A format by the name that people give.

    Raises:
        Misuse: there is no such format.
    """
    found = FORMATS.get(name.strip().lower())
    if found is None:
        raise Misuse(f"There is no format {name!r}.", hint=f"known: {', '.join(FORMATS)}")
    return found


def _function(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    return cast(
        Callable[..., Any], getattr(import_module(f"quizkit.sdk.formats.{module}"), function)
    )
