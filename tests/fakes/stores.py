"""Participants, answers, tickets, wrong guesses, seats and quizzes in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from quizkit.core.commitment import Key
from quizkit.core.digest import digest
from quizkit.core.errors import Rejected
from quizkit.core.guessing import window
from quizkit.core.names import folded
from quizkit.core.owners import ADMINS
from quizkit.core.packing import source_digest
from quizkit.core.quiz import (
    Question,
    Quiz,
    disguised,
    key_part,
    parse,
    public_part,
    to_document,
)
from quizkit.core.scoring import AnswerRow
from quizkit.core.session import Session
from quizkit.lambdas.ids import shard_of
from quizkit.lambdas.ports import Participant, StaleVersion, Ticket

PAGE = 50


class FakeParticipants:
    """`ports.Participants`."""

    def __init__(self) -> None:
        self._people: dict[tuple[str, str], Participant] = {}
        self._names: set[tuple[str, str]] = set()
        self._connected: dict[tuple[str, str], int] = {}
        self._lock = Lock()

    def add(self, participant: Participant) -> bool:
        name = (participant.session_id, folded(participant.nickname))
        with self._lock:
            if participant.role != "host":
                if name in self._names:
                    return False
                self._names.add(name)
            self._people[participant.session_id, participant.participant_id] = participant
            return True

    def get(self, session_id: str, participant_id: str) -> Participant | None:
        return self._people.get((session_id, participant_id))

    def connect(
        self, session_id: str, participant_id: str, connection_id: str, now: int
    ) -> str | None:
        key = (session_id, participant_id)
        with self._lock:
            who = self._people.get(key)
            if who is None or who.kicked:
                raise Rejected("forbidden", "the host has removed you from this session")
            self._people[key] = replace(who, connection_id=connection_id)
            self._connected[key] = now
            return who.connection_id

    def disconnect(self, session_id: str, participant_id: str, connection_id: str) -> None:
        key = (session_id, participant_id)
        with self._lock:
            who = self._people.get(key)
            if who is not None and who.connection_id == connection_id:
                self._people[key] = replace(who, connection_id=None)

    def prune(self, gone: Sequence[Participant], before: int) -> None:
        for who in gone:
            key = (who.session_id, who.participant_id)
            if who.connection_id is not None and self._connected.get(key, 0) < before:
                self.disconnect(*key, who.connection_id)

    def kick(self, session_id: str, participant_id: str) -> Participant | None:
        key = (session_id, participant_id)
        with self._lock:
            if key in self._people:
                self._people[key] = replace(self._people[key], kicked=True)
            return self._people.get(key)

    def banned(self, session_id: str, user_id: str) -> bool:
        return any(who.kicked and who.user_id == user_id for who in self._of(session_id))

    def shard(self, session_id: str, shard: int) -> list[Participant]:
        return [
            who
            for who in self._of(session_id)
            if who.role != "host" and shard_of(who.participant_id) == shard
        ]

    def hosts(self, session_id: str) -> list[Participant]:
        return [who for who in self._of(session_id) if who.role == "host"]

    def everybody(self, session: Session) -> list[Participant]:
        shards = range(session.shards)
        return [who for shard in shards for who in self.shard(session.session_id, shard)]

    def _of(self, session_id: str) -> list[Participant]:
        people = sorted(self._people.items())
        return [who for (session, _), who in people if session == session_id]


class FakeAnswers:
    """`ports.Answers`; `calls` counts the writes that were tried."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], AnswerRow] = {}
        self._lock = Lock()
        self.calls = 0
        self.patient: list[bool] = []

    def put(self, session_id: str, row: AnswerRow, *, patient: bool) -> AnswerRow | None:
        key = (session_id, row.question_id, row.participant_id)
        with self._lock:
            self.calls += 1
            self.patient.append(patient)
            if key in self._rows:
                return self._rows[key]
            self._rows[key] = row
            return None

    def get(self, session_id: str, participant_id: str, question_id: str) -> AnswerRow | None:
        return self._rows.get((session_id, question_id, participant_id))

    def of_question(self, session: Session, question_id: str) -> list[AnswerRow]:
        return [row for row in self.of_session(session) if row.question_id == question_id]

    def of_session(self, session: Session) -> list[AnswerRow]:
        rows = sorted(self._rows.items())
        return [row for (session_id, _, _), row in rows if session_id == session.session_id]

    def of_shard(self, session_id: str, shard: int) -> list[AnswerRow]:
        return [
            row
            for (session, _, who), row in sorted(self._rows.items())
            if session == session_id and shard_of(who) == shard
        ]


class FakeTickets:
    """`ports.Tickets`."""

    def __init__(self) -> None:
        self._tickets: dict[str, tuple[Ticket, int]] = {}
        self._lock = Lock()

    def issue(self, token: str, ticket: Ticket, expires_at: int) -> None:
        self._tickets[token] = (ticket, expires_at)

    def redeem(self, token: str, now: int) -> Ticket | None:
        with self._lock:
            ticket, expires_at = self._tickets.get(token, (None, 0))
            if ticket is None or expires_at < now:
                return None
            del self._tickets[token]
            return ticket


class FakeMisses:
    """`ports.Misses`."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str | None, int], int] = {}
        self._lock = Lock()

    def add(self, source: str, now: int) -> tuple[int, int]:
        with self._lock:
            keys = ((source, window(now)), (None, window(now)))
            for key in keys:
                self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[keys[0]], self._counts[keys[1]]


class FakeSeatCounts:
    """`ports.SeatCounts`; `calls` counts how often it was asked."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}
        self._lock = Lock()
        self.calls = 0

    def take(self, session_id: str, count: int, limit: int, now: int) -> bool:
        with self._lock:
            self.calls += 1
            taken = self._taken.get(session_id, 0)
            if taken >= limit:
                return False
            self._taken[session_id] = taken + count
            return True


@dataclass
class _Version:
    created_at: int
    quiz: Quiz
    source: dict[str, str] | None

    @property
    def stored(self) -> tuple[Question, ...]:
        """The questions as they are played, by a seed that is the same in every run."""
        return disguised(self.quiz, "fake").questions


@dataclass
class _Quiz:
    created_at: int
    owner: str
    name: str | None
    versions: dict[int, _Version]
    deleting: int | None = None

    @property
    def newest(self) -> int:
        return max(self.versions)


class FakeQuestions:
    """`ports.Questions`."""

    def __init__(self) -> None:
        self._quizzes: dict[str, _Quiz] = {}
        self._salts: dict[str, str] = {}
        self._lock = Lock()

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
        first = _Version(created_at, parse(document), dict(source) if source else None)
        with self._lock:
            taken = {(quiz.owner, quiz.name) for quiz in self._quizzes.values()}
            if name is not None and (owner, name) in taken:
                return False
            self._quizzes[quiz_id] = _Quiz(created_at, owner, name, {1: first})
            return True

    def edit(
        self,
        quiz_id: str,
        created_at: int,
        document: Mapping[str, Any],
        *,
        source: Mapping[str, str] | None = None,
        expected: int | None = None,
    ) -> int | None:
        made = _Version(created_at, parse(document), dict(source) if source else None)
        with self._lock:
            quiz = self._quizzes.get(quiz_id)
            if quiz is None:
                return None
            if expected is not None and expected != quiz.newest:
                raise StaleVersion
            quiz.versions[quiz.newest + 1] = made
            return quiz.newest

    def head(self, quiz_id: str) -> dict[str, Any] | None:
        quiz = self._quizzes.get(quiz_id)
        if quiz is None:
            return None
        return (self.version(quiz_id, quiz.newest) or {}) | {"created_at": quiz.created_at}

    def version(self, quiz_id: str, version: int) -> dict[str, Any] | None:
        stored = self._version(quiz_id, version)
        if stored is None:
            return None
        quiz, of_it = self._quizzes[quiz_id], stored.quiz
        return {
            "quiz_id": quiz_id,
            "title": of_it.title,
            "questions": len(of_it.questions),
            "created_at": stored.created_at,
            "scoring": of_it.scoring,
            "feedback": of_it.feedback,
            "owner": quiz.owner,
            "description": of_it.description,
            "attribution": of_it.attribution,
            "language": of_it.language,
            "tags": list(of_it.tags),
            "streak_bonus": of_it.streak_bonus,
            "shuffle": of_it.shuffle,
            "version": version,
            "name": quiz.name,
            "digest": digest(to_document(of_it)),
            "source_digest": source_digest(quiz.versions[quiz.newest].source),
            "deleting": quiz.deleting,
        }

    def versions(self, quiz_id: str) -> list[dict[str, int]]:
        quiz = self._quizzes.get(quiz_id)
        return [
            {"version": version, "created_at": stored.created_at}
            for version, stored in (quiz.versions.items() if quiz else ())
        ]

    def source(self, quiz_id: str, version: int) -> dict[str, str] | None:
        stored = self._version(quiz_id, version)
        return stored.source if stored else None

    def keep_source(self, quiz_id: str, version: int, source: Mapping[str, str] | None) -> None:
        self._quizzes[quiz_id].versions[version].source = dict(source) if source else None

    def public(self, quiz_id: str, version: int, index: int) -> dict[str, Any] | None:
        question = self._question(quiz_id, version, index)
        return public_part(question) if question else None

    def key(self, quiz_id: str, version: int, index: int) -> dict[str, Any] | None:
        question = self._question(quiz_id, version, index)
        return key_part(question) if question else None

    def whole_key(self, quiz_id: str, version: int) -> list[Key]:
        stored = self._version(quiz_id, version)
        if stored is None:
            return []
        return [Key(each.id, each.correct, each.kind, each.rules) for each in stored.stored]

    def keep_salt(self, session_id: str, salt: str, now: int) -> str:
        return self._salts.setdefault(session_id, salt)

    def salt(self, session_id: str) -> str | None:
        return self._salts.get(session_id)

    def document(self, quiz_id: str, version: int | None = None) -> dict[str, Any] | None:
        quiz = self._quizzes.get(quiz_id)
        newest = quiz.newest if quiz else 0
        stored = self._version(quiz_id, newest if version is None else version)
        return to_document(stored.quiz) if stored else None

    def listing(self, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        keys = {f"{quiz.created_at:013d}#{key}": key for key, quiz in self._quizzes.items()}
        order = sorted((key for key in keys if cursor is None or key < cursor), reverse=True)
        names = (
            *("quiz_id", "title", "questions", "created_at", "scoring", "feedback", "owner"),
            *("version", "name", "digest", "source_digest"),
        )
        heads = [self.head(keys[key]) or {} for key in order[:PAGE]]
        page = [{name: head[name] for name in names} for head in heads]
        return page, order[PAGE - 1] if len(order) > PAGE else None

    def mark(self, quiz_id: str, until: int | None, was: int | None) -> bool:
        with self._lock:
            quiz = self._quizzes.get(quiz_id)
            if quiz is None or quiz.deleting != was:
                return False
            quiz.deleting = until
            return True

    def delete(self, quiz_id: str, mark: int | None = None) -> bool:
        with self._lock:
            quiz = self._quizzes.get(quiz_id)
            if quiz is None or (mark is not None and quiz.deleting != mark):
                return False
            del self._quizzes[quiz_id]
            return True

    def _version(self, quiz_id: str, version: int) -> _Version | None:
        quiz = self._quizzes.get(quiz_id)
        return quiz.versions.get(version) if quiz else None

    def _question(self, quiz_id: str, version: int, index: int) -> Question | None:
        stored = self._version(quiz_id, version)
        if stored is None or not 0 <= index < len(stored.stored):
            return None
        return stored.stored[index]
