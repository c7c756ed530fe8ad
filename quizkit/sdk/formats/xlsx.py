"""Excel workbooks into a table, by openpyxl.

Cells become the text that their author sees, as far as that can be known without a
spreadsheet program: whole numbers lose the `.0`, percentages keep their sign, dates are told
of. Formulas are never evaluated, and their stored results, which nobody may have seen since
the file was changed, are not used: a formula is its text.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from quizkit.sdk.formats.archive import Archive
from quizkit.sdk.formats.grid import MAX_COLUMNS, MAX_ROWS, Cell, Grid
from quizkit.sdk.formats.layouts import known_layout
from quizkit.sdk.formats.source import Unreadable, problem_at

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

#: Of the XML that is read, in bytes; a sheet of 10,000 short rows has 4 MB, and styles few kB.
MAX_XML: Final = 8 * 1024 * 1024
MAX_STYLES: Final = 1024 * 1024
MAX_SHEETS: Final = 20

#: What nobody here looks at, however large it is.
_UNREAD: Final = ("xl/media/", "xl/drawings/", "xl/charts/", "xl/pivot", "xl/external", "docProps/")

#: openpyxl trusts its input, so a damaged file fails wherever it first matters. Only bugs of
#: its own could hide behind these, and a file that meets one cannot be read either.
_DAMAGED: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def read_workbook(content: bytes) -> Grid:
    """The sheet with the quiz: the first whose layout is known, else the first with anything.

    Raises:
        Unreadable: it is no workbook, or a damaged one, or too large.
    """
    from openpyxl import load_workbook

    _check_parts(Archive(content))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about pivot tables and such, which we never see
            book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
            try:
                return _chosen(book)
            finally:
                book.close()
    except _DAMAGED as exc:
        said = str(exc) or type(exc).__name__
        raise _refused(f"this spreadsheet is damaged: {said[:200]}") from exc


def _check_parts(archive: Archive) -> None:
    if "xl/workbook.xml" not in archive.names:
        raise _refused("this is a zip archive, but no spreadsheet: it has no xl/workbook.xml")
    read = [name for name in archive.names if not name.startswith(_UNREAD)]
    if sum(archive.size(name) for name in read) > MAX_XML:
        raise _refused(f"the spreadsheet has more than {MAX_XML} bytes of XML; a quiz has less")
    styles = (name for name in read if name.endswith("styles.xml"))
    if sum(archive.size(name) for name in styles) > MAX_STYLES:
        raise _refused(f"the spreadsheet's styles have more than {MAX_STYLES} bytes")


def _chosen(book: Workbook) -> Grid:
    grids = [_read(sheet) for sheet in book.worksheets[:MAX_SHEETS]]
    filled = [grid for grid in grids if grid.rows]
    if not filled:
        raise _refused("the spreadsheet is empty")
    chosen = next((grid for grid in filled if known_layout(grid)), filled[0])
    for grid in filled:
        if grid is not chosen:
            chosen.notes.add(f"the sheet {grid.sheet!r} is left out", (1, 1))
    return chosen


def _read(sheet: Worksheet) -> Grid:
    grid = Grid([], spreadsheet=True, sheet=sheet.title)
    reset = getattr(sheet, "reset_dimensions", None)
    if reset is not None:
        reset()  # some programs write a size that is not true
    rows = sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS)
    for number, row in enumerate(rows, 1):
        width = next((n for n in range(len(row), 0, -1) if row[n - 1].value is not None), 0)
        cells = [
            Cell(_text(cell, (number, column), grid), (number, column))
            for column, cell in enumerate(row[:width], 1)
        ]
        while cells and not cells[-1].text:
            cells.pop()
        grid.rows.append(cells)
    while grid.rows and not grid.rows[-1]:
        grid.rows.pop()
    if len(grid.rows) > MAX_ROWS:
        raise _refused(f"the sheet {sheet.title!r} has more than {MAX_ROWS} rows")
    return grid


def _text(cell: Any, mark: tuple[int, int], grid: Grid) -> str:
    """What a cell says, as text."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, getattr(cell, "number_format", None) or "")
    if isinstance(value, datetime | date | time | timedelta):
        shown = value.isoformat(" ") if isinstance(value, datetime) else str(value)
        shown = shown.removesuffix(" 00:00:00")
        grid.notes.add(f"a date or time was read as {shown!r}; if it is none, make it text", mark)
        return shown
    text = str(getattr(value, "text", None) or value)
    if cell.data_type == "f":
        text = text if text.startswith("=") else f"={text}"
        grid.notes.add("a formula is kept as its text; it was not calculated", mark)
    return text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _number(value: float, shape: str) -> str:
    if "%" in shape:
        return f"{value * 100:.10g}%"
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


def _refused(message: str) -> Unreadable:
    return Unreadable(problem_at((1, 1), message))
