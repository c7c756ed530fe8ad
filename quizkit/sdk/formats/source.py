"""Quiz files as bytes: what every format shares before its own grammar begins.

A reader gives `Located`: plain data (dicts with text keys, lists, text, numbers, booleans,
None) and a mark for each part of it, so that a rule broken deep inside a quiz points at a
line. `Unreadable` carries every problem of a file at once; only `load` turns it into the
error that the SDK's callers see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from quizkit.sdk.errors import Problem

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 32

#: Keys and indexes from the document's root, as in core's problems.
Path: TypeAlias = tuple[str | int, ...]
#: Line and column, both from 1, the column in characters.
Mark: TypeAlias = tuple[int, int]

#: Characters that no quiz needs and that terminals act on; tab and line ends are fine.
_CONTROL: Final = frozenset(chr(code) for code in (*range(32), 127)) - {"\t", "\n", "\r"}


class Unreadable(Exception):
    """A file that gives no document; `problems` says where and why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Located:
    """A document and where its parts stand.

    Attributes:
        value: plain data, never an object of the parser.
        marks: the place of each part by its path; the root's is always there.
    """

    value: object
    marks: Mapping[Path, Mark]

    def find(self, path: Path) -> Mark:
        """The mark of the part at `path`, or of the nearest part around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.marks:
                return self.marks[path[:length]]
        return self.marks.get((), (1, 1))


def problem_at(mark: Mark, message: str) -> Problem:
    """A problem at a place."""
    return Problem(message, *mark)


def mark_at(text: str, offset: int) -> Mark:
    """Line and column of the character at `offset`."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


def decode(content: bytes) -> str:
    """The text of a quiz file.

    Args:
        content: the file's bytes, UTF-8 with or without a byte order mark.

    Raises:
        Unreadable: too big, empty, not UTF-8, or with control characters.
    """
    if len(content) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES} bytes, the most for a quiz"
        raise Unreadable(problem_at((1, 1), message))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        before = content[: exc.start].decode("utf-8-sig", "replace")
        message = "this is not UTF-8 text; save the file as UTF-8"
        raise Unreadable(problem_at(mark_at(before, len(before)), message)) from exc
    if not text.strip():
        message = "the file is empty; a quiz needs at least 'title' and 'questions'"
        raise Unreadable(problem_at((1, 1), message))
    for offset, character in enumerate(text):
        if character in _CONTROL:
            message = f"control character U+{ord(character):04X}; remove it"
            raise Unreadable(problem_at(mark_at(text, offset), message))
    return text
