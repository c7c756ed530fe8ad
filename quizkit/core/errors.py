"""Errors that a client may see, each with one stable code.

    QuizError                  base; `code`, `message`, HTTP `status`
    ├── Rejected               a request that the rules refuse; nothing changed
    └── InvalidQuiz            a quiz document with problems; `problems` lists them all

The codes are part of the wire protocol (docs/protocol.md lists them). A code is never
reused for another meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: code → HTTP status. WebSocket errors carry the code alone.
STATUS: Final[dict[str, int]] = {
    "bad_request": 400,
    "unknown_action": 400,
    "invalid_answer": 400,
    "invalid_nickname": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "pin_not_found": 404,
    "quiz_not_found": 404,
    "session_not_found": 404,
    "participant_not_found": 404,
    "schedule_not_found": 404,
    "media_not_found": 404,
    "already_answered": 409,
    "conflict": 409,
    "media_in_use": 409,
    "nickname_taken": 409,
    "not_allowed_now": 409,
    "question_closed": 409,
    "question_not_open": 409,
    "quiz_in_use": 409,
    "session_finished": 409,
    "session_full": 409,
    "session_locked": 409,
    "wrong_question": 409,
    "message_too_large": 413,
    "invalid_media": 422,
    "invalid_quiz": 422,
    "too_many_requests": 429,
    "internal": 500,
    "unavailable": 503,
}


class QuizError(Exception):
    """Base of all errors that reach a client.

    Attributes:
        code: a key of `STATUS`.
        message: what is wrong and, where there is one, the way out; for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return STATUS[self.code]


class Rejected(QuizError):
    """The rules refuse this request; the state is as it was before."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a quiz document.

    Attributes:
        path: keys and indexes from the document's root, such as ("questions", 2, "text").
        message: what is wrong and what is expected.
    """

    path: tuple[str | int, ...]
    message: str


class InvalidQuiz(QuizError):
    """A quiz document that breaks the format; `problems` holds every one found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        where = ".".join(str(part) for part in first.path) or "document"
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__("invalid_quiz", f"{where}: {first.message}{more}")
        self.problems = problems
