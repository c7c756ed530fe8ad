"""What the services need of the world, as small protocols.

Adapters implement them on AWS's services; the tests' fakes implement them in memory; one
suite (tests/ports) runs over both. Every method may raise `QuizError("unavailable")`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from quizkit.core.commitment import Key
from quizkit.core.owners import ADMINS
from quizkit.core.scoring import AnswerRow, ClosedQuestion, Standing
from quizkit.core.session import Session, Timer


class StaleVersion(Exception):
    """A session was saved by somebody else since it was loaded."""


class Clock(Protocol):
    """Epoch milliseconds."""

    def __call__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in a session, as stored.

    Attributes:
        role: `player` or `host`.
        connection_id: of the open socket, or None.
        secret: SHA-256 of the resume token's secret, hex; empty for hosts.
        user_id: of the user pool, where signed in.
    """

    session_id: str
    participant_id: str
    nickname: str
    joined_at: int
    role: str = "player"
    connection_id: str | None = None
    secret: str = ""
    user_id: str | None = None
    kicked: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket stands for once it is redeemed."""

    session_id: str
    participant_id: str
    role: str
    nickname: str
    joined_at: int


@dataclass(frozen=True, slots=True)
class Line:
    """A participant's line in the stored standings, with the question just settled.

    Attributes:
        answer: the answer that counts, or None.
        correct, points: its verdict.
        kind: of the question.
    """

    standing: Standing
    answer: tuple[str, ...] | None = None
    correct: bool = False
    points: int = 0
    kind: str = "choice"


class Sessions(Protocol):
    """Sessions, their settled questions and their standings."""

    def create(self, session: Session) -> bool:
        """Store a new session and its PIN; False where the PIN is taken."""

    def load(self, session_id: str) -> Session | None: ...

    def save(self, session: Session, *, was: int, events: int, effects: bool) -> Session:
        """Save if the stored version is `was`, else StaleVersion.

        Gives out `events` numbers; with `effects` the version counts as unfinished until
        `done` is reported.
        """

    def pending(self, session_id: str) -> int:
        """The version whose effects have not been reported done, or 0."""

    def done(self, session_id: str, version: int) -> None:
        """Report the effects of this version done."""

    def removed(self, session_id: str, participant_id: str) -> None:
        """Count a removal (`Session.removals`), and name who was removed (`Session.removed`).

        Moves neither count nor forget any. Naming somebody twice names them once.
        """

    def next_seq(self, session_id: str) -> int: ...

    def find_pin(self, pin: str, now: int) -> str | None: ...

    def retire(self, session: Session) -> None:
        """Give the PIN back and leave the list of live sessions."""

    def listing(
        self, *, live: bool, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]: ...

    def claim(self, session_id: str, what: str, now: int, hold_ms: int) -> bool:
        """Take a named duty that is neither done nor held by another just now."""

    def settle_claim(self, session_id: str, what: str, *, done: bool) -> None: ...

    def is_settled(self, session_id: str, what: str) -> bool:
        """Whether a named duty is done."""

    def add_question(
        self, session_id: str, question: ClosedQuestion, extra: Mapping[str, Any]
    ) -> None: ...

    def questions(self, session_id: str) -> list[tuple[ClosedQuestion, dict[str, Any]]]: ...

    def put_lines(self, session: Session, pages: Mapping[int, Sequence[Line]]) -> None: ...

    def lines(self, session: Session, shard: int) -> tuple[int, list[Line]]:
        """The stored page of a shard: (settled, lines); (0, []) before the first fold."""

    def put_ending(
        self, session_id: str, podium: Sequence[Mapping[str, Any]], salt: str | None
    ) -> None: ...

    def ending(self, session_id: str) -> tuple[list[dict[str, Any]] | None, str | None]:
        """The podium and the salt of the key's commitment; (None, None) before the end."""

    def tally(self, session_id: str, question_id: str, add: int) -> tuple[int, int | None]:
        """Count answers for display; returns (answers, audience or None if not known yet)."""

    def expect(self, session_id: str, question_id: str, audience: int) -> None:
        """Say how many sockets the question was sent to."""

    def poke_lobby(
        self, session_id: str, now: int, every_ms: int, told: str = "hosts"
    ) -> tuple[bool, int]:
        """Undertake to send a lobby event, unless somebody has and it is not due yet.

        Args:
            told: whom; hosts and everybody are told at times of their own.

        Returns:
            Whether it is the caller's to send, and when it is due.
        """


class Questions(Protocol):
    """Stored quizzes, in versions that do not change; keys live in a table of their own.

    Versions count from 1; a number may be left out, where storing one was cut short. A source is
    `{"format", "packed"}`: what a version was read from, see `core.packing`.
    """

    def create(
        self,
        quiz_id: str,
        created_at: int,
        document: Mapping[str, Any],
        owner: str = ADMINS,
        *,
        name: str | None = None,
        source: Mapping[str, str] | None = None,
    ) -> bool:
        """Store a quiz as its version 1; False where its owner has another of this name."""

    def edit(
        self,
        quiz_id: str,
        created_at: int,
        document: Mapping[str, Any],
        *,
        source: Mapping[str, str] | None = None,
        expected: int | None = None,
    ) -> int | None:
        """Store another version; gives its number, or None where there is no such quiz.

        Raises:
            StaleVersion: the newest one is not `expected`; nothing is stored.
        """

    def head(self, quiz_id: str) -> dict[str, Any] | None:
        """What is known of a quiz without its questions, as of its newest version.

        `version`, `digest` (of the document; None where older), `source_digest` (of what it
        was read from, see `core.packing`; None where none was kept) and `name` among it, and
        `deleting`: until when somebody is about to delete it, epoch milliseconds, or None.
        """

    def version(self, quiz_id: str, version: int) -> dict[str, Any] | None:
        """The same as of one version; `created_at` is then when that was stored.

        `source_digest` is the newest version's alone.
        """

    def versions(self, quiz_id: str) -> list[dict[str, int]]:
        """`version` and `created_at` of every version, oldest first."""

    def source(self, quiz_id: str, version: int) -> dict[str, str] | None: ...

    def keep_source(self, quiz_id: str, version: int, source: Mapping[str, str] | None) -> None:
        """Exchange the source of a version, for one that says the same.

        Of the newest version `source_digest` changes with it, in one step.
        """

    def public(self, quiz_id: str, version: int, index: int) -> dict[str, Any] | None: ...

    def key(self, quiz_id: str, version: int, index: int) -> dict[str, Any] | None: ...

    def whole_key(self, quiz_id: str, version: int) -> list[Key]:
        """Every question's key, in the quiz's order."""

    def keep_salt(self, session_id: str, salt: str, now: int) -> str:
        """Store a session's salt beside the keys, once; returns the one that is kept."""

    def salt(self, session_id: str) -> str | None: ...

    def document(self, quiz_id: str, version: int | None = None) -> dict[str, Any] | None:
        """A version's native document; the newest one's where none is named."""

    def listing(self, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]: ...

    def mark(self, quiz_id: str, until: int | None, was: int | None) -> bool:
        """Set `deleting` of the head, or with None take it back; False where it was not `was`."""

    def delete(self, quiz_id: str, mark: int | None = None) -> bool:
        """Delete all versions; False where there is no such quiz, or `deleting` is not `mark`.

        What a deletion that was cut short has left goes as well.
        """


class Participants(Protocol):
    """Who is in a session and on which socket."""

    def add(self, participant: Participant) -> bool:
        """Store a new participant; False where the nickname is taken."""

    def get(self, session_id: str, participant_id: str) -> Participant | None: ...

    def connect(
        self, session_id: str, participant_id: str, connection_id: str, now: int
    ) -> str | None:
        """Bind a socket; returns the one bound before; raises `forbidden` when kicked."""

    def disconnect(self, session_id: str, participant_id: str, connection_id: str) -> None: ...

    def prune(self, gone: Sequence[Participant], before: int) -> None:
        """Unbind sockets that are gone, unless bound after `before`."""

    def kick(self, session_id: str, participant_id: str) -> Participant | None:
        """Remove somebody for good, and ban the account, if any; None where nobody is."""

    def banned(self, session_id: str, user_id: str) -> bool:
        """Whether somebody with this account was removed."""

    def shard(self, session_id: str, shard: int) -> list[Participant]: ...

    def hosts(self, session_id: str) -> list[Participant]: ...

    def everybody(self, session: Session) -> list[Participant]: ...


class Answers(Protocol):
    """Stored answers: facts, put once and never changed."""

    def put(self, session_id: str, row: AnswerRow, *, patient: bool) -> AnswerRow | None:
        """Store if absent; returns the row that was there before, or None."""

    def get(self, session_id: str, participant_id: str, question_id: str) -> AnswerRow | None: ...

    def of_question(self, session: Session, question_id: str) -> list[AnswerRow]: ...

    def of_session(self, session: Session) -> list[AnswerRow]: ...

    def of_shard(self, session_id: str, shard: int) -> list[AnswerRow]: ...


class Tickets(Protocol):
    """One-time tickets, stored hashed."""

    def issue(self, token: str, ticket: Ticket, expires_at: int) -> None: ...

    def redeem(self, token: str, now: int) -> Ticket | None: ...


class Misses(Protocol):
    """Wrong guesses of PINs and tokens, counted by windows; see `core.guessing`."""

    def add(self, source: str, now: int) -> tuple[int, int]:
        """Count one; returns the source's and the whole stage's so far in this window.

        The stage's is an estimate from one of several counters.
        """


class SeatCounts(Protocol):
    """How many seats of each session are taken."""

    def take(self, session_id: str, count: int, limit: int, now: int) -> bool:
        """Take several, unless as many as `limit` or more are taken already."""


class Board(Protocol):
    """The leaderboard in Redis; it may be away at any time.

    Standings have an edition, see `Session.edition`.
    """

    def write(
        self,
        session_id: str,
        edition: int,
        as_of: int,
        standings: Iterable[Standing],
        *,
        seconds: int | None = None,
    ) -> bool:
        """Replace the board; it is served for so many seconds, or for days."""

    def move(self, session_id: str, before: Standing, after: Standing, as_of: int) -> None:
        """Move one line. While Redis is away this is lost: the board must not last then."""

    def top(
        self, session_id: str, edition: int, count: int
    ) -> tuple[int, int, list[Standing]] | None:
        """(as_of, total, entries), or None where Redis has no board of this edition."""


class Timers(Protocol):
    """Delivers commands later, at least once."""

    def set(self, session_id: str, timer: Timer, now: int) -> None: ...

    def send(self, message: Mapping[str, Any], delay_seconds: int) -> None: ...


class Workers(Protocol):
    """Other functions of ours, called and waited for."""

    def broadcast(self, request: Mapping[str, Any]) -> int:
        """Have events sent (see services/broadcasting.py); returns how many players got them."""

    def refresh_board(self, session_id: str) -> bool: ...


class Sockets(Protocol):
    """The gateway's callback interface."""

    def post(self, frames: Sequence[tuple[str, Sequence[bytes]]]) -> list[str]:
        """Send frames in order to each connection; returns the connections that are gone."""

    def close(self, connection_id: str) -> None: ...


class Winners(Protocol):
    """The topic that winners are announced on."""

    def publish(self, document: Mapping[str, Any]) -> None: ...


class Metrics(Protocol):
    """Figures for CloudWatch."""

    def put(self, values: Mapping[str, tuple[float, str]], **properties: Any) -> None: ...
