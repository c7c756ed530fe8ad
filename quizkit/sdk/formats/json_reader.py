"""JSON with positions.

The standard library's decoder reads the document; it knows no positions, so a second, small
pass over the (by then valid) text collects the marks and finds repeated keys, which the
decoder would silently merge. The text is walked twice; quiz files are small.
"""

from __future__ import annotations

import json
import re
from typing import Final, NoReturn

from quizkit.sdk.errors import Problem
from quizkit.sdk.formats.source import (
    MAX_DEPTH,
    Lines,
    Located,
    Mark,
    Path,
    Unreadable,
    problem_at,
)

# A text without an end goes to the end of the file, so that none is looked at twice.
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)?|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_JSON_START: Final = re.compile(r'\s*+(\{\s*["}]|\[)')


def looks_like_json(text: str) -> bool:
    """Whether the text opens as JSON does; `{title: x}` is YAML, not JSON."""
    return _JSON_START.match(text) is not None


def read_json(text: str) -> Located:
    """Read JSON text.

    Raises:
        Unreadable: with the position of the syntax error, or of every repeated key.
    """
    depth = _deepest(text)
    if depth > MAX_DEPTH:
        message = f"nested {depth} deep; a quiz needs at most {MAX_DEPTH}"
        raise Unreadable(problem_at((1, 1), message))
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as exc:
        message = f"this is not valid JSON: {exc.msg}"
        raise Unreadable(problem_at((exc.lineno, exc.colno), message)) from exc
    except ValueError as exc:  # NaN, or more digits than Python converts
        raise Unreadable(problem_at((1, 1), f"this is not valid JSON: {exc}")) from exc
    walk = _Walk(text)
    if walk.problems:
        raise Unreadable(*walk.problems)
    return Located(value, walk.marks)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _deepest(text: str) -> int:
    """The greatest depth of brackets: the decoder recurses, so it is bounded beforehand."""
    depth = deepest = 0
    for token in _TOKEN.findall(text):
        if token in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token in "]}":
            depth -= 1
    return deepest


class _Walk:
    """One pass over valid JSON that notes where each part begins."""

    def __init__(self, text: str) -> None:
        self.marks: dict[Path, Mark] = {}
        self.problems: list[Problem] = []
        self._lines = Lines(text)
        self._tokens = _TOKEN.finditer(text)
        self._value(next(self._tokens), ())

    def _value(self, token: re.Match[str], path: Path) -> None:
        self.marks.setdefault(path, self._lines.mark(token.start()))
        if token.group() == "{":
            self._object(path)
        elif token.group() == "[":
            self._array(path)

    def _object(self, path: Path) -> None:
        seen: set[str] = set()
        for token in self._tokens:
            if token.group() == "}":
                return
            if token.group() == ",":
                continue
            key: str = json.loads(token.group())
            if key in seen:
                mark = self._lines.mark(token.start())
                self.problems.append(problem_at(mark, f"the field {key!r} is given twice"))
            seen.add(key)
            next(self._tokens)  # the colon
            self._value(next(self._tokens), (*path, key))

    def _array(self, path: Path) -> None:
        index = 0
        for token in self._tokens:
            if token.group() == "]":
                return
            if token.group() == ",":
                continue
            self._value(token, (*path, index))
            index += 1
