"""CSV and TSV into a table.

RFC 4180 and what spreadsheets make of it: a semicolon, tab or bar instead of the comma, and a
first line `sep=;`. The standard library's reader gives no places in the file, without which a
problem could not point at its cell; the grammar is small enough to be read here.
"""

from __future__ import annotations

import re
from typing import Final

from quizkit.sdk.formats.grid import MAX_COLUMNS, MAX_ROWS, Cell, Grid
from quizkit.sdk.formats.source import Lines, Unreadable, problem_at

_DELIMITERS: Final = (",", ";", "\t", "|")
#: A cell beginning with one of these would be a formula to a spreadsheet.
FORMULA: Final = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")

_PLAIN_NUMBER: Final = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


def read_delimited(text: str) -> Grid:
    """The records of CSV text.

    Args:
        text: with `\\n` as its only line end.

    Raises:
        Unreadable: a quotation mark is never closed, or there are too many cells.
    """
    start, delimiter = _dialect(text)
    rows = _Scanner(text, delimiter).rows(start)
    return Grid(rows, spreadsheet=False)


def has_header(text: str) -> bool:
    """Whether text begins as a table of questions does."""
    from quizkit.sdk.formats.layouts import is_header

    first = text.lstrip("\n")[:4_000]
    start, delimiter = _dialect(first)
    try:
        rows = _Scanner(first, delimiter).rows(start, limit=3)
    except Unreadable:
        return False
    return any(is_header([cell.text for cell in row]) for row in rows)


def _dialect(text: str) -> tuple[int, str]:
    """Where the records begin, and what separates cells."""
    start = len(text) - len(text.lstrip("\n"))
    line, end, _ = text[start:].partition("\n")
    if line[:4].lower() == "sep=" and len(line) == 5:
        return start + len(line) + len(end), line[4]
    quoted, counts = False, dict.fromkeys(_DELIMITERS, 0)
    for character in text[start : start + 10_000]:
        if character == '"':
            quoted = not quoted
        elif character == "\n" and not quoted:
            break
        elif character in counts and not quoted:
            counts[character] += 1
    return start, max(_DELIMITERS, key=lambda each: counts[each])


def guarded(text: str) -> str:
    """A cell's text made harmless: a spreadsheet shows it instead of running it."""
    if not text.lstrip("'").startswith(FORMULA) or _PLAIN_NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def unguarded(text: str) -> str:
    """The text before it was made harmless."""
    harmless = text.startswith("'") and text.lstrip("'").startswith(FORMULA)
    return text[1:] if harmless else text


class _Scanner:
    """One walk over CSV text."""

    def __init__(self, text: str, delimiter: str) -> None:
        self._text = text
        self._delimiter = delimiter
        self._lines = Lines(text)

    def rows(self, start: int, limit: int = MAX_ROWS) -> list[list[Cell]]:
        """All records from an offset on; empty lines are records without cells."""
        rows: list[list[Cell]] = []
        position = start
        while position < len(self._text) and len(rows) < limit:
            row, position = self._row(position)
            rows.append(row)
        if position < len(self._text) and limit == MAX_ROWS:
            message = f"more than {MAX_ROWS} rows; a quiz has 500 questions at most"
            raise Unreadable(problem_at(self._lines.mark(position), message))
        return rows

    def _row(self, position: int) -> tuple[list[Cell], int]:
        cells: list[Cell] = []
        while True:
            mark = self._lines.mark(position)
            text, position = self._cell(position)
            cells.append(Cell(unguarded(text.strip()), mark))
            if len(cells) > MAX_COLUMNS:
                raise Unreadable(problem_at(mark, f"more than {MAX_COLUMNS} cells in a row"))
            if position >= len(self._text) or self._text[position] == "\n":
                return ([] if len(cells) == 1 and not text else cells), position + 1
            position += 1

    def _cell(self, start: int) -> tuple[str, int]:
        """A cell's text, and the offset of what ends it."""
        begin = start
        while begin < len(self._text) and self._text[begin] == " ":
            begin += 1
        if self._text[begin : begin + 1] == '"':
            return self._quoted(begin)
        ends = (self._text.find(mark, start) for mark in (self._delimiter, "\n"))
        end = min((each for each in ends if each != -1), default=len(self._text))
        return self._text[start:end], end

    def _quoted(self, start: int) -> tuple[str, int]:
        parts: list[str] = []
        position = start + 1
        while True:
            end = self._text.find('"', position)
            if end == -1:
                message = "a quotation mark opens here and is never closed"
                raise Unreadable(problem_at(self._lines.mark(start), message))
            parts.append(self._text[position:end])
            if self._text[end + 1 : end + 2] != '"':
                break
            parts.append('"')
            position = end + 2
        rest, position = self._unquoted(end + 1)
        return "".join(parts) + rest, position

    def _unquoted(self, start: int) -> tuple[str, int]:
        """What stands behind a closing quotation mark: nothing, if all is well."""
        end = start
        while end < len(self._text) and self._text[end] not in (self._delimiter, "\n"):
            end += 1
        return self._text[start:end].rstrip(" "), end
