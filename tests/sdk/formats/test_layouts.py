"""What stands over columns."""

from __future__ import annotations

import pytest

from quizkit.sdk.formats.grid import Cell, Grid
from quizkit.sdk.formats.layouts import field_of, header_row, is_header, known_layout


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Question - max 120 characters", "question"),
        ("Question Text", "question"),
        ("FRAGE:", "question"),
        ("Answer 1 - max 75 characters", "option"),
        ("Answer4", "option"),
        ("Option b", "option"),
        ("C", "option"),
        ("2nd Answer", "option"),
        ("Antworten", "options"),
        ("Time limit (sec) – 5, 10, 20", "time_limit"),
        ("Time in seconds", "time_limit"),
        ("CorrectAnswer", "correct"),
        ("Correct answer(s) - choose at least one", "correct"),
        ("Richtige Antwort", "correct"),
        ("Incorrect answer 2", "wrong"),
        ("falsch_3", "wrong"),
        ("Image Link", "media"),
        ("Erklärung", "explanation"),
        ("accept 2", "accept"),
        ("Bemerkung", None),
        ("", None),
        ("12", None),
    ],
)
def test_words_over_columns(header: str, field: str | None) -> None:
    """The words of other tools, and English and German ones of people."""
    assert field_of(header) == field


def test_a_header_names_a_question_and_an_answer() -> None:
    """One of the two alone is a coincidence."""
    assert is_header(["Frage", "", "Richtig"])
    assert not is_header(["Frage", "Zeit"])
    assert not is_header(["A", "B", "C"])


def grid(*rows: list[str]) -> Grid:
    """A table of these rows."""
    return Grid(
        [[Cell(text, (n, c)) for c, text in enumerate(row, 1)] for n, row in enumerate(rows, 1)],
        spreadsheet=True,
    )


def test_a_header_may_lie_under_a_title() -> None:
    """It is looked for in the first rows only."""
    header = ["Question", "Answer 1", "Correct"]
    assert header_row(grid(["My quiz"], [], header)) == 2
    assert header_row(grid(*[["x"]] * 40, header)) is None
    assert known_layout(grid(["x"])) is None
    assert known_layout(grid(header)) is None
