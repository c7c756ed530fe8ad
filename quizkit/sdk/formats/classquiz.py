"""ClassQuiz's spreadsheet: title in C5, description in C6, then Kahoot's columns from row 13.

ClassQuiz writes votes without a right answer; they are polls here.
"""

from __future__ import annotations

from typing import Final

from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.grid import Cell, Grid, plain_name
from quizkit.sdk.formats.kahoot import read_rows, without_html
from quizkit.sdk.formats.layouts import header_row
from quizkit.sdk.formats.source import Source

#: Rows and columns from 0 on: the header in row 13, title and description in C5 and C6.
_HEADER: Final = 12
_PLACES: Final = {"title": (4, 2), "description": (5, 2)}


def read(source: Source) -> Draft:
    """A draft of a ClassQuiz sheet."""
    grid = source.grid
    draft = Draft.titled(source.title)
    title, description = _labelled(grid, "title"), _labelled(grid, "description")
    if title is not None and title.text:
        draft.document["title"], draft.marks[("title",)] = title.text, title.mark
    if description is not None and description.text:
        draft.document["description"] = description.text
        draft.marks[("description",)] = description.mark
    read_rows(draft, grid, without_right="poll", html=True)
    return draft


def _labelled(grid: Grid, label: str) -> Cell | None:
    """The cell to the right of a label above the header; without labels, where it stands."""
    header = header_row(grid) or 0
    for row in range(header):
        for column, cell in enumerate(grid.rows[row]):
            if plain_name(cell.text) == label:
                return without_html(grid.cell(row, column + 1), grid.notes)
    row, column = _PLACES[label]
    if header != _HEADER or grid.cell(row, column - 1).text:
        return None
    return without_html(grid.cell(row, column), grid.notes)
