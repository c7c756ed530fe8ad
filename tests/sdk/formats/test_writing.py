"""What all writers need."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.writing import Losses, kind_of, options_of, points_of

X, Y = {"text": "x", "correct": True}, {"text": "y", "correct": True}


@pytest.mark.parametrize(
    ("question", "kind", "options"),
    [
        ({"options": ["x", Y]}, "choice", [("x", False), ("y", True)]),
        ({"options": [X, Y]}, "multiple", [("x", True), ("y", True)]),
        ({"options": ["x", "y"], "correct": "b"}, "choice", [("x", False), ("y", True)]),
        ({"options": [1, 2], "correct": [1, "b"]}, "multiple", [("1", True), ("2", True)]),
        ({"kind": "boolean", "correct": False}, "boolean", [("True", False), ("False", True)]),
        ({"kind": "order", "options": ["x"]}, "order", [("x", False)]),
        ({"kind": "text", "accept": ["x"]}, "text", []),
    ],
)
def test_kinds_and_options(
    question: dict[str, Any], kind: str, options: list[tuple[str, bool]]
) -> None:
    """As the question says, or as its options do."""
    assert kind_of(question) == kind
    assert options_of(question) == options


def test_points_have_names() -> None:
    """Normal, double, none, or a number."""
    given = ["normal", "double", "none", 700, 0.5]
    assert [points_of({"points": each}) for each in given] == [1000, 2000, 0, 700, 0.5]
    assert points_of({}) == 1000


def test_losses_are_said_once() -> None:
    """Defaults are no loss."""
    notes = Notes()
    losses = Losses("a stone", notes)
    losses.quiz({"title": "T", "scoring": "speed", "feedback": "immediate", "questions": []})
    assert losses.kind({"options": ["x", Y]}, 1, ("choice",))
    assert not losses.kind({"kind": "poll"}, 2, ("choice",))
    for number in (1, 3):
        losses.question({"options": ["x", Y], "points": 1000, "time_limit": 9}, number)
    assert [note.message for note in notes.warnings] == [
        "a stone has no title: when it is read, its name becomes one",
        "a stone has no place for the quiz's 'feedback'",
        "question 2: left out, since a stone has no questions of the kind 'poll'",
        "questions 1, 3: a stone has no place for 'time_limit'",
    ]


def test_plain_text() -> None:
    """Line feeds are the only control characters, and a loss is said."""
    notes = Notes()
    losses = Losses("a stone", notes)
    assert losses.plain("a\n\tb", 1) == "a\n\tb"
    assert not list(notes.warnings)
    assert losses.plain("a\r\nb\x07\uffff", 2) == "a\nb"
    assert losses.plain(7) == "7"
    assert [note.message for note in notes.warnings] == ["question 2: control characters are lost"]
