"""Wayground's (Quizizz's) spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load
from quizkit.sdk.formats.draft import Draft
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import Source
from tests.sdk.formats.workbooks import Value, workbook

HEADER: Sequence[Value] = (
    "Question Text",
    "Question Type",
    "Option 1",
    "Option 2",
    "Option 3",
    "Option 4",
    "Option 5",
    "Correct Answer",
    "Time in seconds",
    "Image Link",
    "Answer explanation",
)
ADVICE: Sequence[Value] = (
    "Text of the question\n\n(required)",
    "Question Type\n\n(default is Multiple Choice)",
    "Text for option 1\n\n(required in all cases except open-ended & draw questions)",
    "Text for option 2",
    "Text for option 3\n\n(optional)",
    "Text for option 4\n\n(optional)",
    "Text for option 5\n\n(optional)",
    "The correct option choice (between 1-5).",
    "Time in seconds\n\n(optional, default value is 30 seconds)",
    "Link of the image\n\n(optional)",
    "Explanation for the answer\n(optional)",
)


def draft(*rows: Sequence[Value], advice: bool = True) -> Draft:
    """What a sheet with these questions gives."""
    above: dict[int, Sequence[Value]] = {1: HEADER, **({2: ADVICE} if advice else {})}
    start = len(above) + 1
    content = workbook({**above, **{start + n: row for n, row in enumerate(rows)}}, "google")
    return read(Source(content, "Nature.xlsx"))


@pytest.mark.parametrize("advice", [True, False])
def test_questions_of_each_type(advice: bool) -> None:
    """Choices, several right ones, typed answers and polls; no time means half a minute."""
    made = draft(
        ["Largest cat?", "Multiple Choice", "Lion", "Tiger", None, None, None, 2, 20],
        ["Which swim?", "Checkbox", "Otter", "Mole", "Seal", None, None, "1,3", 60],
        ["A baby goat?", "Fill-in-the-Blank", "kid", "a kid", None, None, None, None, 45],
        ["Best pet?", "Poll", "Cat", "Dog"],
        ["Default?", None, "x", "y", None, None, None, 1, None, "https://example.org/x.png", "So."],
        advice=advice,
    )
    assert made.format == "quizizz"
    assert made.document == {
        "title": "Nature",
        "questions": [
            {
                "text": "Largest cat?",
                "options": ["Lion", {"text": "Tiger", "correct": True}],
                "time_limit": 20,
            },
            {
                "text": "Which swim?",
                "options": [
                    {"text": "Otter", "correct": True},
                    "Mole",
                    {"text": "Seal", "correct": True},
                ],
                "time_limit": 60,
            },
            {"kind": "text", "text": "A baby goat?", "accept": ["kid", "a kid"], "time_limit": 45},
            {"kind": "poll", "text": "Best pet?", "options": ["Cat", "Dog"], "time_limit": 30},
            {
                "text": "Default?",
                "options": [{"text": "x", "correct": True}, "y"],
                "time_limit": 30,
                "media": "https://example.org/x.png",
                "explanation": "So.",
            },
        ],
    }
    assert made.notes.warnings == ()


def test_types_that_we_do_not_have_are_said() -> None:
    """Drawings and essays are left out, each with its cell."""
    made = draft(
        ["Draw a cat", "Draw"], ["Why?", "Open-Ended"], ["Q?", "", "x", "y", None, None, None, 1]
    )
    assert len(made.document["questions"]) == 1
    assert [(n.message, n.line, n.column) for n in made.notes.warnings] == [
        ("a question of the type 'Draw' is left out", 3, 2),
        ("a question of the type 'Open-Ended' is left out", 4, 2),
    ]


def test_a_right_option_that_is_empty() -> None:
    """A number that names nothing is a problem at its cell."""
    content = workbook({1: HEADER, 2: ["Q?", None, "x", "y", None, None, None, 4]})
    with pytest.raises(InvalidInput, match="cell H2: option 4 is right, but empty"):
        load(content)
