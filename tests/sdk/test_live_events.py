"""Messages of the wire as values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quizkit.sdk.live_events import (
    AnswerCount,
    Choice,
    Entry,
    Event,
    Leaderboard,
    Lobby,
    NewQuestion,
    Question,
    QuestionClosed,
    QuizFinished,
    RawEvent,
    Snapshot,
    You,
    read_event,
)

QUESTION: dict[str, Any] = {
    "id": "q1",
    "index": 0,
    "count": 10,
    "kind": "choice",
    "text": "?",
    "options": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
    "time_limit": 20,
    "media_url": None,
    "from_the_future": True,
}
LINE = {"rank": 1, "participant_id": "p1", "nickname": "Ada", "score": 900}
AT = {"session_id": "s1", "seq": 4}
NUMBER: dict[str, Any] = {
    **{key: QUESTION[key] for key in ("id", "index", "count", "text", "time_limit")},
    "kind": "number",
    "options": [],
    "media_url": "https://example.org/x.png",
    "range": [1_500, 1_900.5],
    "alt": "A map",
    "grading": "balanced",
    "penalty": 50,
}
READ = Question("q1", 0, 10, "choice", "?", (Choice("a", "A"), Choice("b", "B")), 20)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (
            {"action": "lobby", "participants": 2, "newest": ["Ada", "Bob"]},
            Lobby("s1", 4, 2, ("Ada", "Bob")),
        ),
        (
            {"action": "new_question", "question": QUESTION, "opens_at": 5, "closes_at": 9},
            NewQuestion("s1", 4, READ, 5, 9),
        ),
        (
            {
                "action": "question_closed",
                "question_id": "q1",
                "correct": ["a"],
                "counts": {"a": 1, "b": 0},
                "explanation": "so",
                "you": {"answer": ["a"], "correct": True, "points": 9, "score": 9, "rank": 1},
            },
            QuestionClosed("s1", 4, "q1", ["a"], {"a": 1, "b": 0}, "so", You(9, 1, ["a"], True, 9)),
        ),
        (
            {"action": "new_question", "question": NUMBER, "opens_at": 5, "closes_at": 9},
            NewQuestion(
                "s1",
                4,
                Question(
                    "q1",
                    0,
                    10,
                    "number",
                    "?",
                    (),
                    20,
                    "https://example.org/x.png",
                    (1_500, 1_900.5),
                    "A map",
                    "balanced",
                    50,
                ),
                5,
                9,
            ),
        ),
        (
            {
                "action": "question_closed",
                "question_id": "q1",
                "correct": 1_822,
                "counts": {},
                "right": 3,
                "rules": {"tolerance": 5},
                "explanation": None,
                "you": {"answer": 1_800.5, "correct": False, "points": -50, "score": 7, "rank": 2},
            },
            QuestionClosed(
                "s1", 4, "q1", 1_822, {}, None, You(7, 2, 1_800.5, False, -50), 3, {"tolerance": 5}
            ),
        ),
        (
            {"action": "leaderboard", "entries": [LINE]},
            Leaderboard("s1", 4, (Entry(1, "p1", "Ada", 900),)),
        ),
        (
            {"action": "quiz_finished", "podium": [LINE], "salt": "pepper"},
            QuizFinished("s1", 4, (Entry(1, "p1", "Ada", 900),), None, "pepper"),
        ),
        (
            {"action": "answer_count", "question_id": "q1", "answers": 3, "participants": 5},
            AnswerCount("s1", 4, "q1", 3, 5),
        ),
    ],
)
def test_each_event(message: dict[str, Any], event: Event) -> None:
    """Each event of the protocol becomes its class; fields of the future are ignored."""
    assert read_event({**message, **AT, "more": 1}) == event


@pytest.mark.parametrize(
    "message",
    [
        {"action": "confetti", "colour": "red"},
        {"action": "new_question", "seq": 1},
        {"action": "leaderboard", "seq": 1, "entries": [3]},
        {"action": "lobby", "seq": "x", "participants": 1},
        {"action": "new_question", "seq": 1, "question": QUESTION | {"range": 4}, "opens_at": 1},
        {},
    ],
)
def test_what_is_not_understood(message: dict[str, Any]) -> None:
    """Unknown and incomplete messages are passed on raw."""
    event = read_event(message)
    assert event == RawEvent(message.get("action", ""), message)


def test_only_slides_take_no_answer() -> None:
    """Whoever shows a question can ask whether there is anything to answer."""
    assert READ.takes_answers
    assert not replace(READ, kind="slide", options=()).takes_answers


def test_a_snapshot() -> None:
    """A snapshot of an open session holds the question, and is not the end."""
    snapshot = Snapshot.read(
        {"session_id": "s1", "state": "open", "question": QUESTION, "opens_at": 1, "closes_at": 2}
    )
    assert snapshot.question == READ
    assert (snapshot.score, snapshot.rank, snapshot.role) == (0, None, "player")
    assert not snapshot.over
