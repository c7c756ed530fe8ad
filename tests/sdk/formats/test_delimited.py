"""CSV and TSV into a table."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.sdk.formats.delimited import guarded, has_header, read_delimited, unguarded
from quizkit.sdk.formats.source import Unreadable


def cells(text: str) -> list[list[str]]:
    """The texts of all cells."""
    return [[cell.text for cell in row] for row in read_delimited(text).rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter(delimiter: str) -> None:
    """The one that the first line uses most is it, quoted ones not counted."""
    text = f'a{delimiter}"b,;|,;|{delimiter}"{delimiter}c\n'
    assert cells(text) == [["a", f"b,;|,;|{delimiter}".strip(), "c"]]


def test_a_named_delimiter() -> None:
    """Excel's first line says it."""
    assert cells("sep=;\na,b;c\n") == [["a,b", "c"]]


def test_cells_know_their_place() -> None:
    """Quoted cells over several lines, empty lines, and no line end at the end."""
    grid = read_delimited('a, "b ""x""\ny" ,\n\n"c"d,e')
    assert [[(cell.text, cell.mark) for cell in row] for row in grid.rows] == [
        [("a", (1, 1)), ('b "x"\ny', (1, 3)), ("", (2, 5))],
        [],
        [("cd", (4, 1)), ("e", (4, 6))],
    ]
    assert grid.cell(0, 9).mark == (1, 1)
    assert grid.cell(9, 0).text == ""


def test_what_is_refused() -> None:
    """Quotation marks that never end, and more than a quiz can be."""
    with pytest.raises(Unreadable, match="never closed") as caught:
        cells('a,b\nc,"d\ne')
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (2, 3)
    with pytest.raises(Unreadable, match="more than 10000 rows"):
        cells("a,b\n" * 10_001)
    with pytest.raises(Unreadable, match="more than 100 cells"):
        cells("," * 101)


FIELD = st.text(st.sampled_from("ab ,;\"\n'=-+@é\u2028"), max_size=6)


@given(st.lists(st.lists(FIELD, min_size=2, max_size=4), min_size=1, max_size=4))
def test_it_reads_what_the_standard_library_writes(rows: list[list[str]]) -> None:
    """The grammar is the usual one: another implementation's files give their cells."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([["x", "y"], *rows])
    expected = [["x", "y"], *([unguarded(each.strip()) for each in row] for row in rows)]
    assert cells(text.getvalue()) == expected


@given(st.text(st.sampled_from("'=+-@＝x1.,"), max_size=6).map(str.strip))
def test_guarded_cells_come_back(text: str) -> None:
    """No cell is a formula to a spreadsheet, and reading it gives the text again."""
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "@", "＝"))


def test_numbers_need_no_guard() -> None:
    """A negative number is no formula."""
    assert guarded("-5") == "-5"
    assert guarded("-5+1") == "'-5+1"
    assert guarded('=HYPERLINK("http://x")') == '\'=HYPERLINK("http://x")'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("question,correct\n", True),
        ("\n\nmy quiz;;\nFrage;Antwort A;Richtig\n", True),
        ("a,b\n", False),
        ('question,"never closed', False),
        ("", False),
    ],
)
def test_headers(text: str, expected: bool) -> None:
    """Text is a table where a line names a question and answers."""
    assert has_header(text) is expected
