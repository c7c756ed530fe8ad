"""ClassQuiz's spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import Source
from tests.sdk.formats.workbooks import Style, Value, workbook

HEADER: Sequence[Value] = (
    None,
    "Question",
    "1st Answer",
    "2nd Answer",
    "3rd Answer",
    "4th Answer",
    "Time Limit (max. 120)",
    "Correct Answers",
)


def sheet(*rows: Sequence[Value], style: Style = "excel") -> bytes:
    """A sheet as ClassQuiz exports it: the time limit is text there."""
    head: dict[int, Sequence[Value]] = {
        5: [None, "Title", "Rivers &amp; lakes"],
        6: [None, "Description", "For class 7"],
        13: HEADER,
    }
    return workbook({**head, **{14 + n: [n + 1, *row] for n, row in enumerate(rows)}}, style)


def test_title_description_and_questions() -> None:
    """Both are found by their labels; texts may have a little HTML."""
    draft = read(
        Source(
            sheet(
                ["Through <b>Vienna</b>?", "Danube", "Rhine", None, None, "20", "1"],
                ["Into the sea?", "Po", "Inn", "Don", None, "120", "1,3"],
            )
        )
    )
    assert draft.format == "classquiz"
    assert draft.document["title"] == "Rivers & lakes"
    assert draft.document["description"] == "For class 7"
    first, second = draft.document["questions"]
    assert first == {
        "text": "Through Vienna?",
        "options": [{"text": "Danube", "correct": True}, "Rhine"],
        "time_limit": 20,
    }
    assert [isinstance(option, dict) for option in second["options"]] == [True, False, True]


def test_a_vote_is_a_poll() -> None:
    """ClassQuiz exports votes without a right answer, and leaves a gap for other kinds."""
    draft = read(Source(sheet([None], ["Which next?", "Nile", "Amazon", None, None, "30", None])))
    [question] = draft.document["questions"]
    assert question == {
        "kind": "poll",
        "text": "Which next?",
        "options": ["Nile", "Amazon"],
        "time_limit": 30,
    }
    assert "no answer is right: taken as a poll" in [n.message for n in draft.notes.warnings]


def test_a_sheet_without_a_title() -> None:
    """Then the file's name is the title."""
    draft = read(
        Source(workbook({1: HEADER, 2: [1, "Q?", "x", "y", None, None, 20, 1]}), "a b.xlsx")
    )
    assert draft.document["title"] == "a b"
    assert len(draft.document["questions"]) == 1


def test_a_title_without_its_label() -> None:
    """It stands in C5, and the description in C6, where the header is in row 13."""
    rows: dict[int, Sequence[Value]] = {
        5: [None, None, "Rivers"],
        6: [None, None, "For class 7"],
        13: HEADER,
        14: [1, "Through Vienna?", "Danube", "Rhine", None, None, "20", "1"],
    }
    document = read(Source(workbook(rows))).document
    assert (document["title"], document["description"]) == ("Rivers", "For class 7")
    other = {**rows, 5: [None, "Class", "7b"], 6: [None]}
    document = read(Source(workbook(other), "rivers.xlsx")).document
    assert document["title"] == "rivers"
    assert "description" not in document
    higher = {number - (number > 6): row for number, row in rows.items()}
    assert read(Source(workbook(higher), "rivers.xlsx")).document["title"] == "rivers"
