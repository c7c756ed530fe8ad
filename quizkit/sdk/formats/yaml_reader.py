"""YAML with positions, read from the parser's events.

No constructor of the YAML library ever runs: tags that would make objects are problems, an
alias is the value it names and counts as much as that value does, so a few lines cannot
grow into gigabytes, and repeated keys are found. Plain scalars follow the core schema of
YAML 1.2 (`yes` is text); a number is taken as a number only where its usual spelling is the
author's (`1969`, `2.5`), so that an option `007` or `1.50` keeps its text. The cost is that
merge keys (`<<`) and non-decimal numbers are not understood.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from quizkit.sdk.errors import Problem
from quizkit.sdk.formats.source import (
    MAX_DEPTH,
    Located,
    Mark,
    Path,
    Unreadable,
    mark_at,
    problem_at,
)

MAX_ALIASES: Final = 100
#: Values and names of fields; 500 questions with 26 options each and all fields have 30,000.
MAX_NODES: Final = 50_000
#: A file with more mistakes than these is no quiz that somebody typed.
MAX_PROBLEMS: Final = 1_000

_CONSTANTS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_PLAIN_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")
)
#: The most that a whole number and any other may have; what is longer is text.
_MAX_DIGITS: Final = {int: 18, float: 25}
#: The library takes ever longer for a character of a tag, the longer the tag is.
MAX_TAG: Final = 10_000


def read_yaml(text: str, line: int = 1) -> Located:
    """Read YAML text of one document.

    Args:
        line: where in its file the text begins.

    Raises:
        Unreadable: with the position of the syntax error, or with every repeated key,
            foreign tag and unknown alias.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    if any(len(word) > MAX_TAG and "!" in word for word in text.split()):
        message = f"more than {MAX_TAG} characters with an exclamation mark and without a space"
        raise Unreadable(problem_at((line, 1), message))
    builder = _Builder(YAML(typ="safe", pure=True).parse(text), line - 1)
    try:
        value = builder.document()
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        place = (mark.line + line, mark.column + 1) if mark else builder.last
        raise Unreadable(problem_at(place, _syntax(exc.problem, exc.context))) from exc
    except ReaderError as exc:
        message = f"this is not valid YAML: {exc.reason}"
        row, column = mark_at(text, exc.position)
        raise Unreadable(problem_at((row + line - 1, column), message)) from exc
    except (YAMLError, ValueError, OverflowError) as exc:
        raise Unreadable(problem_at(builder.last, f"this is not valid YAML: {exc}")) from exc
    if builder.problems:
        raise Unreadable(*builder.problems)
    return Located(value, builder.marks)


def _syntax(problem: str | None, context: str | None) -> str:
    said = ", ".join(part for part in (context, problem) if part)
    hint = "; indent with spaces, not tabs" if "\\t" in said else ""
    return f"this is not valid YAML: {said or 'unknown syntax'}{hint}"


def _scalar(event: Any) -> object:
    """The value of a scalar: quoted and `!!str` ones are text, plain ones by their spelling."""
    value: str = event.value
    if not event.implicit[0] or event.style is not None:
        return value
    if value in _CONSTANTS:
        return _CONSTANTS[value]
    for kind, most in _MAX_DIGITS.items():
        try:
            number = kind(value if len(value) <= most else "")
        except ValueError:
            continue
        if str(number) == value and value.strip("-")[0].isdecimal():
            return number
    return value


class _Builder:
    """Builds plain data out of events, noting marks and problems on the way."""

    def __init__(self, events: Iterator[Any], above: int) -> None:
        self.marks: dict[Path, Mark] = {}
        self.problems: list[Problem] = []
        self.last: Mark = (above + 1, 1)
        self._events = events
        self._above = above
        self._anchors: dict[str, tuple[object, int]] = {}
        self._aliases = 0
        self._nodes = 0

    def document(self) -> object:
        """The one document of the stream."""
        value: object = None
        documents = 0
        while (event := self._next()) is not None:
            name = type(event).__name__
            if name == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    raise Unreadable(problem_at(self.last, "one file holds one quiz document"))
                value = self._node(self._next(), (), 0)
        if not documents:
            message = "the file holds only comments; a quiz needs 'title' and 'questions'"
            raise Unreadable(problem_at((1, 1), message))
        return value

    def _next(self) -> Any:
        event = next(self._events, None)
        if event is not None:
            self.last = (event.start_mark.line + self._above + 1, event.start_mark.column + 1)
        return event

    def _problem(self, message: str) -> None:
        self.problems.append(problem_at(self.last, message))
        if len(self.problems) > MAX_PROBLEMS:
            raise Unreadable(*self.problems)

    def _node(self, event: Any, path: Path, depth: int) -> object:
        name = type(event).__name__
        self.marks.setdefault(path, self.last)
        if name == "AliasEvent":
            return self._alias(event.anchor)
        self._count(1)
        before = self._nodes
        if depth > MAX_DEPTH:
            raise Unreadable(problem_at(self.last, f"nested more than {MAX_DEPTH} deep"))
        if event.tag is not None and event.tag not in _PLAIN_TAGS:
            self._problem(f"the tag {event.tag[:60]!r} is not allowed; a quiz is plain data")
        if name == "MappingStartEvent":
            value: object = self._mapping(path, depth)
        elif name == "SequenceStartEvent":
            value = self._sequence(path, depth)
        else:
            value = _scalar(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._nodes - before + 1)
        return value

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise Unreadable(problem_at(self.last, f"more than {MAX_NODES} values in one file"))

    def _alias(self, anchor: str) -> object:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise Unreadable(problem_at(self.last, f"more than {MAX_ALIASES} aliases"))
        if anchor not in self._anchors:
            self._problem(f"the alias *{anchor} names nothing that is complete before it")
            return None
        value, size = self._anchors[anchor]
        self._count(size)
        return value

    def _sequence(self, path: Path, depth: int) -> list[object]:
        items: list[object] = []
        while type(event := self._next()).__name__ != "SequenceEndEvent":
            items.append(self._node(event, (*path, len(items)), depth + 1))
        return items

    def _mapping(self, path: Path, depth: int) -> dict[str, object]:
        fields: dict[str, object] = {}
        while type(event := self._next()).__name__ != "MappingEndEvent":
            if type(event).__name__ != "ScalarEvent":
                raise Unreadable(problem_at(self.last, "the name of a field must be plain text"))
            self._count(1)
            key: str = event.value
            if key in fields:
                self._problem(f"the field {key!r} is given twice")
            mark = self.last
            event = self._next()
            # What has no text of its own, such as an absent value, lies on the next line or later.
            if type(event).__name__ != "ScalarEvent" or event.start_mark == event.end_mark:
                self.marks.setdefault((*path, key), mark)
            fields[key] = self._node(event, (*path, key), depth + 1)
        return fields
