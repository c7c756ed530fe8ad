"""Tables, wherever they come from: rows of cells that are text and know their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.source import Mark

#: Rows and columns beyond these are not a quiz's; 500 questions are the most anyway.
MAX_ROWS: Final = 10_000
MAX_COLUMNS: Final = 100
#: How deep under a title and instructions a header may lie.
HEADER_ROWS: Final = 40

_WHOLE: Final = re.compile(
    r"(\d{1,9})(?:[.,]0{1,2})?\s*(?:s|secs?|seconds?|sekunden)?\.?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell; `text` is stripped, and empty where there is nothing."""

    text: str
    mark: Mark


@dataclass(slots=True)
class Grid:
    """A table.

    Attributes:
        rows: its rows, each as long as it was written.
        spreadsheet: whether places are rows and columns rather than lines and characters.
        notes: what was said on reading it.
        sheet: the name of the sheet, or None.
    """

    rows: list[list[Cell]]
    spreadsheet: bool
    notes: Notes = field(default_factory=Notes)
    sheet: str | None = None

    def cell(self, row: int, column: int) -> Cell:
        """A cell by its indexes from 0; an empty one outside of what was written."""
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        place = self.rows[row][0].mark if row < len(self.rows) and self.rows[row] else (row + 1, 1)
        return Cell("", (row + 1, column + 1) if self.spreadsheet else place)

    def below(self, row: int) -> Iterator[int]:
        """Indexes of the rows under `row` in which anything stands."""
        for index in range(row + 1, len(self.rows)):
            if any(cell.text for cell in self.rows[index]):
                yield index


def plain_name(header: str) -> str:
    """A header's words without case, punctuation and the notes after a dash or in brackets."""
    words = re.split(r"\s[-–—]\s|[(\[:\n]", header, maxsplit=1)[0]
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    return " ".join(re.findall(r"[^\W\d_]++(?=\d)|[^\W_]+", apart.casefold()))


def whole(text: str) -> int | str | None:
    """A cell's whole number; its text where it is none, for the rules to judge; None if empty."""
    found = _WHOLE.fullmatch(text)
    if found is not None:
        return int(found.group(1))
    return text or None
