"""Excel workbooks into a table."""

from __future__ import annotations

import pytest

from quizkit.sdk.formats import xlsx
from quizkit.sdk.formats.source import Unreadable
from quizkit.sdk.formats.xlsx import read_workbook
from tests.sdk.formats.workbooks import Formula, Rich, Shaped, Style, Value, workbook, zipped


def row(*values: Value, style: Style = "excel") -> list[str]:
    """The texts of a row of these cells."""
    return [cell.text for cell in read_workbook(workbook({1: values}, style)).rows[0]]


@pytest.mark.parametrize("style", ["excel", "google", "inline"])
def test_cells_say_what_people_see(style: Style) -> None:
    """Whole numbers have no `.0`, whoever wrote the file."""
    assert row("text", 3, 20.0, 2.5, True, None, "x", style=style) == [
        "text",
        "3",
        "20",
        "2.5",
        "TRUE",
        "",
        "x",
    ]


def test_runs_percentages_and_line_ends() -> None:
    """Bold words are part of the text, and a percentage keeps its sign."""
    assert row(Rich(("a ", "bold", " b")), Shaped(0.25, 9), "a_x000D_\nb") == [
        "a bold b",
        "25%",
        "a\nb",
    ]


def test_dates_are_told() -> None:
    """A spreadsheet that took 1/2 for a date has lost what was typed; that is said."""
    grid = read_workbook(workbook({3: [None, Shaped(45_323, 14)]}))
    assert grid.rows[2][1].text == "2024-02-01"
    [note] = grid.notes.warnings
    assert "2024-02-01" in note.message
    assert (note.line, note.column) == (3, 2)


def test_formulas_are_text() -> None:
    """A formula is neither calculated nor replaced by the result that the file claims."""
    grid = read_workbook(workbook({1: [Formula('HYPERLINK("http://x","Win")', "Win"), "=1+1"]}))
    assert [cell.text for cell in grid.rows[0]] == ['=HYPERLINK("http://x","Win")', "=1+1"]
    assert [(note.message, note.column) for note in grid.notes.warnings] == [
        ("a formula is kept as its text; it was not calculated", 1)
    ]


def test_places_are_rows_and_columns() -> None:
    """Empty rows count, empty rows at the end do not."""
    grid = read_workbook(workbook({4: [None, "x"]}, empty_rows=50))
    assert len(grid.rows) == 4
    assert grid.rows[3][1].mark == (4, 2)
    assert grid.spreadsheet


def test_the_sheet_with_the_quiz() -> None:
    """A known layout comes first; sheets that are not read are told."""
    header = ["Question", "Answer 1", "Answer 2", "Time limit", "Correct answer(s)"]
    grid = read_workbook(workbook({1: ["notes"]}, sheets={"Quiz": {1: header}, "empty": {}}))
    assert grid.sheet == "Quiz"
    assert [note.message for note in grid.notes.warnings] == ["the sheet 'Sheet1' is left out"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped({"a.txt": "x"}), "no xl/workbook.xml"),
        (workbook({}), "empty"),
        (workbook({1: ["x"]}, extra={"xl/workbook.xml": "<broken"}), "damaged"),
        (workbook({1: ["x"]}, extra={"xl/workbook.xml": "<workbook/>"}), "damaged|empty"),
        (workbook({1: ["x"]}, extra={"xl/worksheets/sheet1.xml": "<a>"}), "damaged"),
        (workbook({1: ["x"]}, extra={"xl/sharedStrings.xml": "<sst/>"}), "damaged"),
        (workbook({1: ["x"]}, extra={"[Content_Types].xml": ""}), "damaged"),
        (workbook({n: [n * 7919] for n in range(1, 10_003)}), "more than 10000 rows"),
    ],
)
def test_what_is_refused(content: bytes, reason: str) -> None:
    """A renamed zip, an empty or damaged workbook, and more rows than a quiz has."""
    with pytest.raises(Unreadable, match=reason):
        read_workbook(content)


def test_entities_in_a_sheet() -> None:
    """Entities are refused in spreadsheets, too."""
    sheet = '<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData/></worksheet>'
    with pytest.raises(Unreadable, match="damaged"):
        read_workbook(workbook({1: ["x"]}, extra={"xl/worksheets/sheet1.xml": sheet}))


def test_an_endless_sheet() -> None:
    """A part of many megabytes is refused by its size."""
    sheet = "<worksheet>" + "<!-- 0123456789abcdef -->\n" * 700_000
    assert len(sheet) > xlsx.MAX_XML
    with pytest.raises(Unreadable, match=r"more than|grows more"):
        read_workbook(workbook({1: ["x"]}, extra={"xl/worksheets/sheet1.xml": sheet}))
