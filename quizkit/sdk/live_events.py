"""What a live session tells, as values.

`read_event` turns one message of the wire into one of these. Fields that a later server adds
are ignored; a message that this version does not know, or that lacks what it needs, comes
out as a `RawEvent`, so that nothing is lost and nothing breaks. Times are the server's, in
epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Fields: TypeAlias = Mapping[str, Any]

#: An answer on the wire: option ids for choices and polls, all ids in order for ordering, a
#: number for estimates, a string for typed answers.
Answer: TypeAlias = list[str] | int | float | str


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a question as players see it."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as players see it; `index` counts from 0, `time_limit` is in seconds.

    Attributes:
        kind: `choice`, `multiple`, `boolean`, `text`, `number`, `order`, `poll` or `slide`.
        options: empty for typed answers, numbers and slides.
        range: the lowest and the highest number to be expected, or None.
        grading: `balanced` where each right part of an answer counts, else `all`.
        penalty: points that a wrong answer takes.
        alt: what the medium shows, for those who do not see it, or None.
    """

    id: str
    index: int
    count: int
    kind: str
    text: str
    options: tuple[Choice, ...]
    time_limit: int
    media_url: str | None = None
    range: tuple[int | float, int | float] | None = None
    alt: str | None = None
    grading: str = "all"
    penalty: int = 0

    @property
    def takes_answers(self) -> bool:
        """Whether there is anything to answer; slides are only shown."""
        return self.kind != "slide"

    @classmethod
    def read(cls, node: Fields) -> Question:
        """Read the `question` of a message; KeyError or TypeError where it is none."""
        return cls(
            id=node["id"],
            index=node["index"],
            count=node["count"],
            kind=node["kind"],
            text=node["text"],
            options=tuple(Choice(item["id"], item["text"]) for item in node.get("options") or ()),
            time_limit=node["time_limit"],
            media_url=node.get("media_url"),
            range=_range(node.get("range")),
            alt=node.get("alt"),
            grading=node.get("grading") or "all",
            penalty=node.get("penalty") or 0,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a board."""

    rank: int
    participant_id: str
    nickname: str
    score: int

    @classmethod
    def read(cls, node: Fields) -> Entry:
        """Read one line; KeyError or TypeError where it is none."""
        return cls(node["rank"], node["participant_id"], node["nickname"], node["score"])


@dataclass(frozen=True, slots=True)
class You:
    """How a question, or the session, went for the receiver; None where it does not apply.

    `points` are negative where a wrong answer had a penalty.
    """

    score: int | None
    rank: int | None
    answer: Answer | None = None
    correct: bool | None = None
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a session when a socket joins it.

    Attributes:
        state: `lobby`, `open`, `revealed` or `finished`.
        question: the open question, or None.
        answered: one's own answer to it, or None.
        last: the content of the last `question_closed`, or None.
        podium: the first places once the session is finished, or None.
        raw: the snapshot as it came.
    """

    session_id: str
    state: str
    title: str
    role: str
    participants: int
    question_count: int
    nickname: str | None
    participant_id: str | None
    score: int
    rank: int | None
    question: Question | None
    opens_at: int | None
    closes_at: int | None
    answered: Answer | None
    last: Fields | None
    podium: tuple[Entry, ...] | None
    raw: Fields

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state == "finished" and self.podium is not None

    @classmethod
    def read(cls, node: Fields) -> Snapshot:
        """Read the `session` of `quiz_joined`; KeyError or TypeError where it is none."""
        question, podium = node.get("question"), node.get("podium")
        return cls(
            session_id=node["session_id"],
            state=node["state"],
            title=node.get("title") or "",
            role=node.get("role") or "player",
            participants=node.get("participants") or 0,
            question_count=node.get("question_count") or 0,
            nickname=node.get("nickname"),
            participant_id=node.get("participant_id"),
            score=node.get("score") or 0,
            rank=node.get("rank"),
            question=None if question is None else Question.read(question),
            opens_at=node.get("opens_at"),
            closes_at=node.get("closes_at"),
            answered=node.get("answered"),
            last=node.get("last"),
            podium=None if podium is None else _entries(podium),
            raw=node,
        )


@dataclass(frozen=True, slots=True)
class Event:
    """Base of the session's numbered events."""

    session_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class Lobby(Event):
    """People are coming; `newest` are the nicknames of the last ones, newest first."""

    participants: int
    newest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewQuestion(Event):
    """A question opens at `opens_at` and takes answers until `closes_at`, inclusive.

    The first one carries the commitment to the key (`quizkit.core.commitment`), others None.
    """

    question: Question
    opens_at: int
    closes_at: int
    commitment: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionClosed(Event):
    """A question is over.

    Attributes:
        correct: ids of the right options; for ordering all ids in the right order; the number;
            for typed answers the spellings that count; empty for polls and slides.
        counts: how often each option was chosen; empty where there is nothing to choose from.
        right: how many players were right, None where the platform does not say.
        rules: by which answers were held against the key, such as `tolerance`; empty where
            they were the usual ones.
    """

    question_id: str
    correct: Answer
    counts: Mapping[str, int]
    explanation: str | None
    you: You | None
    right: int | None = None
    rules: Fields = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leaderboard(Event):
    """The top of the board."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class QuizFinished(Event):
    """The session is over; no event follows. `salt` opens the commitment to the key."""

    podium: tuple[Entry, ...]
    you: You | None
    salt: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerCount(Event):
    """How many of the participants have answered the open question; hosts only."""

    question_id: str
    answers: int
    participants: int


@dataclass(frozen=True, slots=True)
class Joined:
    """The first event of every live session: its state when the socket joined it."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Reconnected:
    """The socket had been lost and is back; what was missed is in the snapshot."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The socket is lost; the session is trying to get it back."""

    reason: str


@dataclass(frozen=True, slots=True)
class ServerError:
    """An error that belongs to no request that is waiting for its answer."""

    code: str
    message: str
    ref: str | int | None = None


@dataclass(frozen=True, slots=True)
class RawEvent:
    """A message that this version does not understand."""

    action: str
    fields: Fields


LiveEvent: TypeAlias = Event | Joined | Reconnected | Disconnected | ServerError | RawEvent


def _range(node: Any) -> tuple[int | float, int | float] | None:
    if node is None:
        return None
    low, high = node
    return low, high


def _entries(nodes: Any) -> tuple[Entry, ...]:
    return tuple(Entry.read(node) for node in nodes)


def _you(node: Fields | None) -> You | None:
    if node is None:
        return None
    return You(
        score=node.get("score"),
        rank=node.get("rank"),
        answer=node.get("answer"),
        correct=node.get("correct"),
        points=node.get("points"),
    )


def _lobby(at: tuple[str, int], fields: Fields) -> Event:
    return Lobby(*at, fields["participants"], tuple(fields.get("newest") or ()))


def _new_question(at: tuple[str, int], fields: Fields) -> Event:
    question = Question.read(fields["question"])
    times = fields["opens_at"], fields["closes_at"]
    return NewQuestion(*at, question, *times, fields.get("commitment"))


def _question_closed(at: tuple[str, int], fields: Fields) -> Event:
    return QuestionClosed(
        *at,
        question_id=fields["question_id"],
        correct=fields["correct"],
        counts=dict(fields.get("counts") or {}),
        explanation=fields.get("explanation"),
        you=_you(fields.get("you")),
        right=fields.get("right"),
        rules=dict(fields.get("rules") or {}),
    )


def _leaderboard(at: tuple[str, int], fields: Fields) -> Event:
    return Leaderboard(*at, _entries(fields["entries"]))


def _quiz_finished(at: tuple[str, int], fields: Fields) -> Event:
    podium, you = _entries(fields["podium"]), _you(fields.get("you"))
    return QuizFinished(*at, podium, you, fields.get("salt"))


def _answer_count(at: tuple[str, int], fields: Fields) -> Event:
    return AnswerCount(*at, fields["question_id"], fields["answers"], fields["participants"])


_READERS: Final[Mapping[str, Callable[[tuple[str, int], Fields], Event]]] = {
    "lobby": _lobby,
    "new_question": _new_question,
    "question_closed": _question_closed,
    "leaderboard": _leaderboard,
    "quiz_finished": _quiz_finished,
    "answer_count": _answer_count,
}


def read_event(fields: Fields) -> Event | RawEvent:
    """Read one message of the server; never raises, whatever the message holds."""
    action = str(fields.get("action") or "")
    reader = _READERS.get(action)
    if reader is None:
        return RawEvent(action, fields)
    try:
        seq = fields.get("seq")
        return reader((str(fields.get("session_id") or ""), int(seq or 0)), fields)
    except (KeyError, TypeError, ValueError, AttributeError):
        return RawEvent(action, fields)
