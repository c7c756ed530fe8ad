"""Events of a live session as JSON objects: `{"event": name, …}`, one a line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from quizkit.sdk import live_events as live
from quizkit.sdk.live_events import LiveEvent

_NAMES: Final[dict[type, str]] = {
    live.Lobby: "lobby",
    live.NewQuestion: "new_question",
    live.QuestionClosed: "question_closed",
    live.Leaderboard: "leaderboard",
    live.QuizFinished: "quiz_finished",
    live.AnswerCount: "answer_count",
    live.Joined: "joined",
    live.Reconnected: "reconnected",
    live.Disconnected: "disconnected",
    live.ServerError: "error",
    live.RawEvent: "unknown",
}


def event_document(event: LiveEvent) -> dict[str, Any]:
    """One event as a program reads it; fields are named as on the wire."""
    name = _NAMES.get(type(event), "unknown")
    if isinstance(event, live.Joined | live.Reconnected):
        return {"event": name, **event.snapshot.raw}
    return {"event": name, **asdict(event)}
