"""Kahoot's spreadsheet, read and written."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load
from quizkit.sdk.formats.draft import Draft, Notes
from quizkit.sdk.formats.kahoot import write
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import Source
from tests.sdk.formats.workbooks import KAHOOT, Formula, Shaped, Style, Value, kahoot, workbook


def draft(*rows: list[Value]) -> Draft:
    """What a sheet with these questions gives."""
    return read(Source(kahoot(rows), "My_quiz.xlsx"))


@pytest.mark.parametrize("style", ["excel", "google", "inline"])
def test_a_sheet_as_each_program_writes_it(style: Style) -> None:
    """Title of the file, questions of columns B to H, lines that wait for one left alone."""
    content = kahoot(
        [
            ["What is the capital of Peru?", "Lima", "Quito", None, None, 20, 1],
            ["Which are prime?", 2, 3, 4, "five", 60, "1,2, 4"],
            ["Is zero even?", True, False, None, None, 5, "1"],
        ],
        style,
    )
    loaded = load(content, "folder/My_quiz.xlsx")
    assert loaded.format == "kahoot"
    assert loaded.quiz.title == "My quiz"
    first, second, third = loaded.quiz.questions
    assert (first.text, first.time_limit, first.correct) == (
        "What is the capital of Peru?",
        20,
        ("a",),
    )
    assert [option.text for option in second.options] == ["2", "3", "4", "five"]
    assert second.correct == ("a", "b", "d")
    assert [option.text for option in third.options] == ["TRUE", "FALSE"]
    [note] = loaded.warnings
    assert str(note).startswith("10:8: cell H10: several answers are right: there any one")


def test_an_answer_in_the_middle_may_be_empty() -> None:
    """Numbers of right answers are those of the columns."""
    made = draft(["Q?", "x", None, "z", None, 20, 3])
    assert made.document["questions"][0]["options"] == ["x", {"text": "z", "correct": True}]


def test_a_decimal_comma() -> None:
    """Where a spreadsheet has made a number of 2,4, both answers are right, and it is said."""
    made = draft(["Q?", "w", "x", "y", "z", 20, 2.4])
    right = [isinstance(option, dict) for option in made.document["questions"][0]["options"]]
    assert right == [False, True, False, True]
    assert "answers 2 and 4" in made.notes.warnings[0].message


def test_titles_that_are_formulas() -> None:
    """A formula in a title is text in the quiz."""
    made = draft([Formula('HYPERLINK("http://x")'), "x", "y", None, None, 20, 1])
    assert made.document["questions"][0]["text"] == '=HYPERLINK("http://x")'


def test_all_problems_at_once() -> None:
    """Empty questions, wrong numbers, missing answers and odd times, each with its cell."""
    rows: list[list[Value]] = [
        ["Q1?", "x", "y", None, None, 20, 3],
        [None, "x", "y", None, None, 20, 1],
        ["Q3?", "x", "x", None, None, 20, 1],
        ["Q4?", "x", "y", None, None, "soon", "A"],
        ["Q5?", "x", "y", None, None, 20, Shaped(45_323, 14)],
        ["Q6?", "only", None, None, None, 20, 1],
    ]
    with pytest.raises(InvalidInput) as caught:
        load(kahoot(rows), "k.xlsx")
    assert [problem.message.split(":")[0] for problem in caught.value.problems] == [
        "cell H9",
        "cell H9",
        "cell B10",
        "cell D11",
        "cell G12",
        "cell H12",
        "cell H12",
        "cell H13",
        "cell H13",
        "cell H14",
    ]
    assert "answer 3 is right, but empty" in caught.value.problems[0].message


def test_other_columns_are_told() -> None:
    """A column that somebody added is left out with a note."""
    content = workbook({8: [*KAHOOT, "Level"], 9: [1, "Q?", "x", "y", None, None, 20, 1, "easy"]})
    assert [str(note) for note in load(content, "k.xlsx").warnings] == [
        "8:9: cell I8: the column 'level' is left out"
    ]


def test_an_empty_template() -> None:
    """A template without questions is no quiz."""
    with pytest.raises(InvalidInput, match="at least one question"):
        load(kahoot([]))


def quiz(*questions: dict[str, Any]) -> dict[str, Any]:
    """A native document."""
    return {"title": "T", "scoring": "speed", "questions": list(questions)}


CHOICE = {"text": "Q?", "options": ["x", {"text": "y", "correct": True}], "time_limit": 20}


def test_what_is_written_is_read() -> None:
    """Formulas stay text, and times and right answers come back."""
    document = quiz(
        {
            **CHOICE,
            "text": "=1+1",
            "options": ["=cmd|' /C calc'!A0", {"text": "2", "correct": True}],
        },
        {"kind": "boolean", "text": "So?", "correct": False, "time_limit": 60},
    )
    content = write(document, Notes())
    first, second = read(Source(content)).document["questions"]
    assert first["text"] == "=1+1"
    assert first["options"][0] == "=cmd|' /C calc'!A0"
    assert second["options"] == ["True", {"text": "False", "correct": True}]
    assert second["time_limit"] == 60
    with ZipFile(BytesIO(content)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_what_kahoot_cannot_hold_is_said() -> None:
    """Kinds, fields, lengths and times that it does not have."""
    notes = Notes()
    document = quiz(
        CHOICE,
        {**CHOICE, "time_limit": 25, "explanation": "e", "points": 500},
        {**CHOICE, "text": "x" * 121},
        {**CHOICE, "options": [{"text": each, "correct": each in "ab"} for each in "abcd"]},
        {**CHOICE, "options": [{"text": each, "correct": each == "a"} for each in "abcde"]},
        {"kind": "text", "text": "Who?", "accept": ["I"]},
        {**CHOICE, "text": "bell\x07"},
    )
    content = write({**document, "description": "d"}, notes)
    questions = read(Source(content)).document["questions"]
    assert [each["time_limit"] for each in questions] == [20, 30, 20, 20, 20]
    assert [note.message for note in notes.warnings] == [
        "a Kahoot spreadsheet has no title: when it is read, its name becomes one",
        "a Kahoot spreadsheet has no place for the quiz's 'description'",
        "question 2: a Kahoot spreadsheet has no place for 'explanation'",
        "question 2: a Kahoot spreadsheet has no place for 'points'",
        "question 2: another time limit, since Kahoot has a few fixed ones",
        "question 3: longer than Kahoot takes: 120 and 75 characters",
        "question 4: with Kahoot any one of several right answers is enough",
        "question 5: left out, since Kahoot has at most 4 answers",
        "question 6: left out, since a Kahoot spreadsheet has no questions of the kind 'text'",
        "question 7: control characters are lost",
    ]
