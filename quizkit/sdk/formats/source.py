"""Quiz files as bytes: what every format shares before its own grammar begins.

A reader gives `Located`: plain data (dicts with text keys, lists, text, numbers, booleans,
None) and a mark for each part of it, so that a rule broken deep inside a quiz points at a
line. `Unreadable` carries every problem of a file at once; only `load` turns it into the
error that the SDK's callers see.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

from quizkit.sdk.errors import Problem

if TYPE_CHECKING:
    from quizkit.sdk.formats.grid import Grid

#: What content is called that was piped in.
STDIN: Final = "standard input"
#: The most for a file of text: 500 long questions take a third of it.
MAX_BYTES: Final = 1_000_000
#: The most for a file with media in it: archives, spreadsheets, XML with embedded files.
MAX_CONTAINER: Final = 32 * 1024 * 1024
MAX_DEPTH: Final = 32

#: Keys and indexes from the document's root, as in core's problems.
Path: TypeAlias = tuple[str | int, ...]
#: Line and column, both from 1, the column in characters.
Mark: TypeAlias = tuple[int, int]

#: How files begin that may be large.
_CONTAINERS: Final = (b"PK", b"\x1f\x8b", b"<", b"\xef\xbb\xbf<")


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


class Source:
    """The content of one quiz file, looked at in whichever way its format needs.

    Args:
        content: the file's bytes.
        name: what errors call it by, such as the file's path.
        columns: for tables, the names of the columns that hold a field (`--map`).
    """

    def __init__(
        self,
        content: bytes,
        name: str = "quiz",
        columns: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.content = content
        self.name = name
        self.columns = dict(columns or {})
        self.note: tuple[Mark, str] | None = None

    @cached_property
    def text(self) -> str:
        """The file as text, line ends as they are; `note` then says what was guessed.

        Raises:
            Unreadable: too big for text, empty, of an unknown encoding, or with control
                characters.
        """
        from quizkit.sdk.formats.encoding import decode

        limit = MAX_CONTAINER if may_be_large(self.content) else MAX_BYTES
        if len(self.content) > limit:
            message = f"the file has more than {limit} bytes, the most for a quiz"
            raise Unreadable(problem_at((1, 1), message))
        decoded = decode(self.content)
        self.note = decoded.note
        return decoded.text

    @cached_property
    def plain(self) -> str:
        """The text with `\\n` as its only line end; places are the same."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n")

    @cached_property
    def lines(self) -> list[str]:
        """The lines for showing some of them, also of damaged text; of a container none."""
        try:
            return self.plain.split("\n")
        except Unreadable:
            shown = b"" if may_be_large(self.content) else self.content[:MAX_BYTES]
            return shown.decode("utf-8", "replace").split("\n")

    @cached_property
    def grid(self) -> Grid:
        """The file as a table: a spreadsheet's sheet, or the records of CSV.

        Raises:
            Unreadable: it is neither.
        """
        if self.content.startswith(b"PK"):
            from quizkit.sdk.formats.xlsx import read_workbook

            return read_workbook(self.content)
        from quizkit.sdk.formats.delimited import read_delimited

        return read_delimited(self.plain)

    @cached_property
    def json(self) -> Located:
        """The file as JSON with positions.

        Raises:
            Unreadable: it is none.
        """
        from quizkit.sdk.formats.json_reader import read_json

        return read_json(self.text)

    @property
    def title(self) -> str:
        """A title for formats that hold none: the file's name without its ending."""
        if self.name == STDIN:
            return "Quiz"
        name = self.name.replace("\\", "/").rpartition("/")[2]
        stem = name.rpartition(".")[0] or name
        return stem.replace("_", " ").strip()[:200].strip() or "Quiz"


class Lines:
    """Finds lines and columns in a text, however often it is asked."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        position = text.find("\n")
        while position != -1:
            self._starts.append(position + 1)
            position = text.find("\n", position + 1)

    def mark(self, offset: int) -> Mark:
        """Line and column of the character at `offset`."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, mark: Mark) -> int:
        """The offset of the character at a line and column."""
        return self._starts[mark[0] - 1] + mark[1] - 1


def may_be_large(content: bytes) -> bool:
    """Whether a file begins as those do that may hold more than text."""
    return content.startswith(_CONTAINERS)


def problem_at(mark: Mark, message: str) -> Problem:
    """A problem at a place."""
    return Problem(message, *mark)


def mark_at(text: str, offset: int) -> Mark:
    """Line and column of the character at `offset`; for many of them see `Lines`."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1
