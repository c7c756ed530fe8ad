"""Quizzes as GIFT."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.gift_writer import write


def written(*questions: dict[str, Any], **quiz: Any) -> tuple[list[str], list[str]]:
    """The blocks of a file after the first, and the notes about it."""
    notes = Notes()
    text = write({"title": "T", "questions": list(questions), **quiz}, notes)
    return text.rstrip("\n").split("\n\n")[1:], [note.message for note in notes.warnings]


def marked(*right: str, of: Iterable[str]) -> list[Any]:
    """Options, some of them right."""
    return [{"text": each, "correct": True} if each in right else each for each in of]


def test_a_whole_file() -> None:
    """The category, questions by blank lines, answers indented, explanations last."""
    notes = Notes()
    question = {"text": "Q: 1\n2?", "options": marked("b", of="ab"), "explanation": "So {it} is."}
    assert write({"title": "A/B: c", "questions": [question]}, notes) == (
        "$CATEGORY: A//B\\: c\n\nQ\\: 1\\n2?{\n\t~a\n\t=b\n\t####So \\{it\\} is.\n}\n"
    )
    assert notes.warnings == ()


def test_each_kind() -> None:
    """Several right ones share the points; a wrong one takes everything unless balanced."""
    blocks, notes = written(
        {"text": "M", "options": marked("a", "c", "d", of="abcd")},
        {"text": "B", "options": marked("a", "b", of="abc"), "grading": "balanced"},
        {"kind": "boolean", "text": "T", "correct": True},
        {"kind": "text", "text": "S", "accept": ["x", "50% y", "a*"]},
        {"kind": "number", "text": "N", "correct": 1.5, "tolerance": 0.5},
        {"kind": "slide", "text": "Read."},
    )
    assert blocks == [
        "M{\n\t~%33.333%a\n\t~%-100%b\n\t~%33.333%c\n\t~%33.333%d\n}",
        "B{\n\t~%50%a\n\t~%50%b\n\t~%-50%c\n}",
        "T{\n\tTRUE\n}",
        "S{\n\t=%100%x\n\t=%100%50% y\n\t=%100%a\\*\n}",
        "N{#\n\t=1.5:0.5\n}",
        "Read.",
    ]
    assert notes == ["question 1: Moodle gives a part of the points for a part right"]


def test_texts_that_look_like_something_else() -> None:
    """HTML, formats, comments and percentages are marked as what they are."""
    blocks, _ = written(
        {"text": "<b>&amp;", "options": marked("%50%", of=["%50%", "%50%x", "[html]"])},
        {"kind": "slide", "text": "// no comment"},
        {"kind": "slide", "text": "$CATEGORY: no"},
    )
    assert blocks == [
        "[plain]<b>&amp;{\n\t=%50%\n\t~%0%%50%x\n\t~[plain][html]\n}",
        "[plain]// no comment",
        "[plain]$CATEGORY\\: no",
    ]


def test_what_gift_cannot_hold_is_said() -> None:
    """Kinds, fields, and a spelling that would be a matching."""
    blocks, notes = written(
        {"kind": "order", "text": "O", "options": ["a", "b"]},
        {"kind": "text", "text": "S", "accept": ["a -> b"], "fold": "loose"},
        {"kind": "number", "text": "N", "correct": 1, "nearest": True},
        {"kind": "slide", "text": "R", "explanation": "e", "time_limit": 9},
        {"text": "A", "options": marked("a", "b", of="ab"), "grading": "balanced"},
        scoring="flat",
    )
    assert len(blocks) == 3
    assert notes == [
        "GIFT has no place for the quiz's 'scoring'",
        "question 1: left out, since GIFT has no questions of the kind 'order'",
        "question 2: GIFT has no place for 'fold'",
        "question 2: left out, since “->” makes it a matching in GIFT",
        "question 3: GIFT knows a tolerance, not which answer is nearest",
        "question 4: GIFT has no place for 'time_limit'",
        "question 4: a text without answers has no place for 'explanation'",
        "question 5: GIFT has no place for 'grading'",
    ]
