"""Quizzes as CSV."""

from __future__ import annotations

from typing import Any

from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.table_writer import write

CHOICE = {"text": "Q?", "options": ["x", {"text": "y", "correct": True}]}


def written(*questions: dict[str, Any], **quiz: Any) -> tuple[list[str], list[str]]:
    """The lines of a file, and the notes about it."""
    notes = Notes()
    text = write({"title": "T", "questions": list(questions), **quiz}, notes)
    assert text.startswith("\ufeff")
    return text[1:].split("\r\n"), [note.message for note in notes.warnings]


def test_columns_are_those_that_are_needed() -> None:
    """Options by number, right ones by their numbers, defaults not at all."""
    lines, notes = written(
        {**CHOICE, "points": 1000, "time_limit": 20},
        {"text": "R?", "options": [{"text": each, "correct": each != "b"} for each in "abc"]},
        scoring="speed",
    )
    assert lines == [
        "question,option 1,option 2,option 3,correct",
        "Q?,x,y,,2",
        'R?,a,b,c,"1,3"',
        "",
    ]
    assert notes == ["CSV has no title: when it is read, its name becomes one"]


def test_formulas_are_harmless() -> None:
    """Cells that a spreadsheet would run begin with an apostrophe."""
    lines, _ = written(
        {**CHOICE, "text": '=HYPERLINK("http://x")', "explanation": "+1", "source": "@x"}
    )
    assert lines[1] == '"\'=HYPERLINK(""http://x"")",x,y,2,+1,\'@x'


def test_every_kind_has_its_columns() -> None:
    """Also in the order in which people read them."""
    lines, _ = written(
        {"kind": "number", "text": "N?", "correct": 3, "tolerance": 1, "nearest": True},
        {"kind": "text", "text": "T?", "accept": ["a", "b"], "media": "x.png"},
        {"kind": "boolean", "text": "B?", "correct": False},
    )
    assert lines[:4] == [
        "question,kind,accept 1,accept 2,correct,tolerance,nearest,media",
        "N?,number,,,3,1,true,",
        "T?,text,a,b,,,,x.png",
        "B?,boolean,,,false,,,",
    ]


def test_what_csv_cannot_hold_is_said() -> None:
    """Fields of the quiz, control characters, and fields that are new."""
    _, notes = written(
        {**CHOICE, "text": "a\x07b", "future": 1},
        description="d",
        scoring="flat",
        feedback="on_close",
    )
    assert notes == [
        "CSV has no title: when it is read, its name becomes one",
        "CSV has no place for the quiz's 'description'",
        "CSV has no place for the quiz's 'scoring'",
        "question 1: CSV has no place for 'future'",
        "question 1: control characters are lost",
    ]


def test_orders_are_written_right() -> None:
    """Another order of the file is lost, which is not called the loss of what is right."""
    order = {"kind": "order", "text": "O?", "options": ["x", "y", "z"], "correct": ["z", "x", "y"]}
    lines, notes = written(order)
    assert lines[1] == "O?,order,z,x,y"
    assert notes[1:] == [
        "question 1: CSV has no place for options in another order than the right one"
    ]
