"""Events of one small session, as the live client gives them, and how screens look as text."""

from __future__ import annotations

import io
import time
from typing import Any

from rich.console import Console, RenderableType

from quizkit.sdk.live_events import (
    AnswerCount,
    Choice,
    Entry,
    Joined,
    Leaderboard,
    Lobby,
    NewQuestion,
    Question,
    QuestionClosed,
    QuizFinished,
    Snapshot,
    You,
)

SESSION = "s1"
OPTIONS = (Choice("a", "Sydney"), Choice("b", "Canberra"), Choice("c", "Perth"))


def question(**more: Any) -> Question:
    """The first of two questions; fields in `more` are changed."""
    fields: dict[str, Any] = {
        "id": "q1",
        "index": 0,
        "count": 2,
        "kind": "choice",
        "text": "Capital of Australia?",
        "options": OPTIONS,
        "time_limit": 20,
    }
    return Question(**(fields | more))


def snapshot(**more: Any) -> Snapshot:
    """What Ada finds in the lobby; fields in `more` are changed."""
    fields: dict[str, Any] = {
        "session_id": SESSION,
        "state": "lobby",
        "title": "Capitals",
        "role": "player",
        "participants": 0,
        "question_count": 2,
        "nickname": "Ada",
        "participant_id": "p1",
        "score": 0,
        "rank": None,
        "question": None,
        "opens_at": None,
        "closes_at": None,
        "answered": None,
        "last": None,
        "podium": None,
        "raw": {"session_id": SESSION, "state": "lobby"},
    }
    return Snapshot(**(fields | more))


def opened(**more: Any) -> NewQuestion:
    """The first question, open already."""
    now = int(time.time() * 1_000) - 10
    return NewQuestion(SESSION, 2, question(**more), now, now + 20_000)


ENTRIES = (Entry(1, "p2", "Bob", 975), Entry(2, "p1", "Ada", 0))
JOINED = Joined(snapshot())
LOBBY = Lobby(SESSION, 1, 2, ("Bob", "Ada"))
COUNT = AnswerCount(SESSION, 3, "q1", 1, 2)
CLOSED = QuestionClosed(
    SESSION, 4, "q1", ["b"], {"a": 1, "b": 1, "c": 0}, "Chosen in 1908.",
    You(score=975, rank=1, answer=["b"], correct=True, points=975),
)  # fmt: skip
BOARD = Leaderboard(SESSION, 5, ENTRIES)
FINISHED = QuizFinished(SESSION, 6, ENTRIES, You(score=975, rank=1))


def as_text(*shown: RenderableType) -> str:
    """What a terminal of 100 columns would show, without colour."""
    console = Console(
        file=io.StringIO(), width=100, color_system=None, markup=False, highlight=False
    )
    for item in shown:
        console.print(item)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()
