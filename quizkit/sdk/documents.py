"""The documents that the platform answers with, as types; `--json` prints them as they are.

More fields may stand beside the ones named here. Times are epoch milliseconds.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class QuizCreated(TypedDict):
    """A new quiz; `questions` is their number."""

    quiz_id: str
    title: str
    questions: int


class QuizSummary(TypedDict):
    """A line of the list of quizzes."""

    quiz_id: str
    title: str
    questions: int
    created_at: int


class QuizDocument(QuizSummary):
    """A quiz with its native document."""

    document: dict[str, Any]


class SessionSummary(TypedDict):
    """A line of the list of sessions; `state` is lobby, open, revealed or finished."""

    session_id: str
    quiz_id: str
    title: str
    pin: str
    state: str
    created_at: int
    finished_at: int | None


class SessionDocument(SessionSummary):
    """A session; `question_index` is −1 in the lobby, `questions` is their number."""

    question_index: int
    questions: int
    participants: NotRequired[int]
    question_id: str | None
    opens_at: int | None
    closes_at: int | None
    auto: bool
    locked: bool
    version: int


class HostTicket(TypedDict):
    """Opens one host's socket, once, for a short while."""

    session_id: str
    ticket: str
    websocket_url: str


class BoardEntry(TypedDict):
    """A line of a board."""

    rank: int
    participant_id: str
    nickname: str
    score: int


class LeaderboardDocument(TypedDict):
    """The board; `source` is redis or dynamodb, `total` the number of all lines."""

    session_id: str
    as_of: int
    source: str
    total: int
    entries: list[BoardEntry]


class ResultQuestion(TypedDict):
    """A settled question."""

    question_id: str
    opens_at: int
    closes_at: int
    correct: list[str]


class ResultAnswer(TypedDict):
    """An answer as it was judged."""

    question_id: str
    answer: list[str]
    received_at: int
    correct: bool
    points: int


class ResultParticipant(BoardEntry):
    """A participant's line with all answers."""

    answers: list[ResultAnswer]


class ResultsDocument(TypedDict):
    """Everything about a session's settled questions."""

    session_id: str
    quiz_id: str
    title: str
    state: str
    questions: list[ResultQuestion]
    participants: list[ResultParticipant]


class AuditDocument(TypedDict):
    """Whether the stored standings agree with the stored answers; both counts are of rows."""

    session_id: str
    agrees: bool
    answers: int
    participants: int
    differences: list[dict[str, Any]]


class ScheduleDocument(TypedDict):
    """A schedule; the session of one that runs once exists already."""

    schedule: str
    expression: str
    timezone: str
    quiz_id: str
    session_id: NotRequired[str]
    pin: NotRequired[str]
    state: NotRequired[str]


class UploadForm(TypedDict):
    """A presigned form: `fields` are sent with the file to `url`, giving the object `key`."""

    key: str
    url: str
    fields: dict[str, str]
