"""Aiken text."""

from __future__ import annotations

import pytest

from quizkit.sdk.errors import InvalidInput
from quizkit.sdk.formats import load
from quizkit.sdk.formats.load import read
from quizkit.sdk.formats.source import Source


def test_both_signs_and_missing_spaces() -> None:
    """`A.`, `A)`, no space, CRLF and small letters in ANSWER are all in use."""
    draft = read(
        Source(b"Q1?\r\nA) x\r\nB) y\r\nANSWER: B\r\nQ2?\nA.x\nB.y\nC. \nAnswer: a.\n", "q.txt"),
        format="aiken",
    )
    assert draft.document["questions"] == [
        {"text": "Q1?", "options": ["x", {"text": "y", "correct": True}]},
        {"text": "Q2?", "options": [{"text": "x", "correct": True}, "y", ""]},
    ]
    assert draft.locate(("questions", 1, "options", 1)) == (7, 1)


def test_a_question_may_begin_with_a_letter() -> None:
    """`A. Lincoln …` is a question as long as no other is open."""
    draft = read(Source(b"A. Lincoln was born in\nA. 1809\nB. 1819\nANSWER: A\n"), format="aiken")
    assert draft.document["questions"][0]["text"] == "A. Lincoln was born in"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "Q?\nA) x\nB) y\nANSWER: C",
            [(4, "'C' is none of the options' letters: one of A, B"), (4, "no option")],
        ),
        ("Q?\nA) x\nB) y\nANSWER: A, B", [(4, "'A, B' is none"), (4, "no option")]),
        ("Q?\nA) x\nANSWER: A", [(3, "2 to 26 options, not 1")]),
        ("Q?\nA) x\nA) y\nANSWER: A", [(2, "two options have the same letter")]),
        ("Q1?\nA) x\nB) y\n\nQ2?\nA) x\nB) y\nANSWER: A", [(1, "no line ANSWER")]),
        ("Q1?\nA) x\nB) y\nANSWER: A\nQ2?\nA) x\nB) y", [(5, "no line ANSWER")]),
        (
            "ANSWER: A\nA) x",
            [(1, "no question before it"), (1, "at least one"), (2, "no line ANSWER")],
        ),
        ("Q?\nA) x\nB) x\nANSWER: A", [(3, "the same text as option 'a'")]),
    ],
)
def test_problems_have_their_line(text: str, problems: list[tuple[int, str]]) -> None:
    """What is missing or twice is told, all at once."""
    with pytest.raises(InvalidInput) as caught:
        load(text.encode(), format="aiken")
    found = caught.value.problems
    assert [problem.line for problem in found] == [line for line, _ in problems]
    for problem, (_, part) in zip(found, problems, strict=True):
        assert part in problem.message
