"""The documents that the platform answers with, as types; `--json` prints them as they are.

More fields may stand beside the ones named here. Times are epoch milliseconds.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class QuizCreated(TypedDict):
    """A new quiz; `questions` is their number.

    `digest` is of the stored document, see `core.digest`; `name` is None where none was given.
    `warnings` are for people.
    """

    quiz_id: str
    title: str
    questions: int
    version: int
    name: str | None
    digest: str
    warnings: NotRequired[list[str]]


class QuizUpdated(QuizCreated):
    """A quiz that was stored again; not `changed` where it said the same already."""

    changed: bool


class QuizSummary(TypedDict):
    """A line of the list of quizzes; `version` is the newest one.

    `digest` is that version's, None of quizzes that were stored before there were digests;
    `source_digest` (`core.packing`) is of the text that it was read from, None where none was
    kept, and missing on stages that were deployed before there was one.
    """

    quiz_id: str
    title: str
    questions: int
    created_at: int
    owner: str
    version: int
    name: str | None
    digest: str | None
    source_digest: NotRequired[str | None]


class QuizVersion(TypedDict):
    """A line of the list of a quiz's versions."""

    version: int
    created_at: int


class QuizSource(TypedDict):
    """What a quiz was read from, comments and all; `format` is yaml or markdown."""

    format: str
    text: str


class QuizDocument(QuizSummary):
    """A version of a quiz with its native document, and the text that it came from if asked for.

    `title`, `questions`, `version` and `digest` are that version's.
    """

    versions: list[QuizVersion]
    document: dict[str, Any]
    source: NotRequired[QuizSource | None]


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
    """A settled question; `time_limit` in seconds, `options` is their number.

    `correct` holds ids of options (all in the right order of an ordering), accepted spellings,
    or is the number; it is empty for polls and slides. `grading`, `penalty`, `tolerance`,
    `nearest`, `range` and `fold` are the rules by which answers are held against it.
    """

    question_id: str
    kind: str
    opens_at: int
    closes_at: int
    correct: list[str] | int | float
    points: int
    time_limit: int
    options: int
    grading: str
    penalty: int
    tolerance: int | float
    nearest: bool
    range: list[int | float] | None
    fold: str


class ResultAnswer(TypedDict):
    """An answer as it was judged.

    `answer` has the form of the wire (`live_events.Answer`). `points` include a streak's bonus,
    and are negative where a penalty was taken; an answer that got a part of the points is not
    `correct`.
    """

    question_id: str
    answer: list[str] | int | float | str
    received_at: int
    correct: bool
    points: int


class ResultParticipant(BoardEntry):
    """A participant's line with all answers.

    `time` is the answering time of the correct ones in all, milliseconds; with `joined_at` it
    decides ties.
    """

    time: int
    joined_at: int
    answers: list[ResultAnswer]


class ResultsDocument(TypedDict):
    """Everything about a session's settled questions, so that anybody can work them out anew."""

    session_id: str
    quiz_id: str
    title: str
    state: str
    scoring: str
    streak_bonus: int
    questions: list[ResultQuestion]
    participants: list[ResultParticipant]


class AuditDocument(TypedDict):
    """Whether the stored standings agree with the stored answers; both counts are of rows.

    `commitment`, `salt` (None before the end) and `key_unchanged` are about the key: whether
    it is the one that the session committed to; None where that cannot be told any more.
    """

    session_id: str
    agrees: bool
    answers: int
    participants: int
    differences: list[dict[str, Any]]
    commitment: NotRequired[str]
    salt: NotRequired[str | None]
    key_unchanged: NotRequired[bool | None]


class ScheduleDocument(TypedDict):
    """A schedule; the session of one that runs once exists already."""

    schedule: str
    expression: str
    timezone: str
    quiz_id: str
    session_id: NotRequired[str]
    pin: NotRequired[str]
    state: NotRequired[str]


class StoredMedia(TypedDict):
    """A file that is stored; `stored` is true where it was so before, so that nothing was sent."""

    key: str
    stored: bool


class UploadForm(StoredMedia):
    """A presigned form: `fields` are sent with the file to `url`; none where it is stored."""

    url: str
    fields: dict[str, str]


class MediaSummary(TypedDict):
    """A stored file.

    `size` in bytes; `used_by` are ids of quizzes, `used_by_others` the number of those that are
    not the caller's to see. `owner` uploaded it first, as `name`.
    """

    key: str
    name: str
    content_type: str
    size: int
    uploaded_at: int
    owner: str
    used_by: list[str]
    used_by_others: int
