"""Participants, answers, tickets, wrong guesses, seats and quizzes in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

from quizkit.core.errors import Rejected
from quizkit.core.guessing import window
from quizkit.core.names import folded
from quizkit.core.owners import ADMINS
from quizkit.core.quiz import Quiz, parse, to_document
from quizkit.core.scoring import AnswerRow
from quizkit.core.session import Session
from quizkit.lambdas.ids import shard_of
from quizkit.lambdas.ports import Participant, Ticket

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


class FakeQuestions:
    """`ports.Questions`."""

    def __init__(self) -> None:
        self._quizzes: dict[str, tuple[int, Quiz]] = {}
        self._owners: dict[str, str] = {}
        self._salts: dict[str, str] = {}

    def create(
        self, quiz_id: str, created_at: int, document: Mapping[str, Any], owner: str = ADMINS
    ) -> None:
        self._quizzes[quiz_id] = (created_at, parse(document))
        self._owners[quiz_id] = owner

    def head(self, quiz_id: str) -> dict[str, Any] | None:
        if quiz_id not in self._quizzes:
            return None
        created_at, quiz = self._quizzes[quiz_id]
        return {
            "quiz_id": quiz_id,
            "title": quiz.title,
            "questions": len(quiz.questions),
            "created_at": created_at,
            "scoring": quiz.scoring,
            "feedback": quiz.feedback,
            "owner": self._owners[quiz_id],
            "description": quiz.description,
            "attribution": quiz.attribution,
        }

    def public(self, quiz_id: str, index: int) -> dict[str, Any] | None:
        question = self._question(quiz_id, index)
        return question and {
            "question_id": question.id,
            "kind": question.kind,
            "text": question.text,
            "options": [option.text for option in question.options],
            "points": question.points,
            "time_limit": question.time_limit,
            "media": question.media,
        }

    def key(self, quiz_id: str, index: int) -> dict[str, Any] | None:
        question = self._question(quiz_id, index)
        return question and {
            "correct": list(question.correct),
            "explanation": question.explanation,
            "source": question.source,
        }

    def whole_key(self, quiz_id: str) -> list[tuple[str, tuple[str, ...]]]:
        if quiz_id not in self._quizzes:
            return []
        _, quiz = self._quizzes[quiz_id]
        return [(question.id, question.correct) for question in quiz.questions]

    def keep_salt(self, session_id: str, salt: str, now: int) -> str:
        return self._salts.setdefault(session_id, salt)

    def salt(self, session_id: str) -> str | None:
        return self._salts.get(session_id)

    def document(self, quiz_id: str) -> dict[str, Any] | None:
        return to_document(self._quizzes[quiz_id][1]) if quiz_id in self._quizzes else None

    def listing(self, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        keys = {f"{created:013d}#{key}": key for key, (created, _) in self._quizzes.items()}
        order = sorted((key for key in keys if cursor is None or key < cursor), reverse=True)
        names = ("quiz_id", "title", "questions", "created_at", "scoring", "feedback", "owner")
        heads = [self.head(keys[key]) or {} for key in order[:PAGE]]
        page = [{name: head[name] for name in names} for head in heads]
        return page, order[PAGE - 1] if len(order) > PAGE else None

    def delete(self, quiz_id: str) -> None:
        self._quizzes.pop(quiz_id, None)

    def _question(self, quiz_id: str, index: int) -> Any:
        _, quiz = self._quizzes.get(quiz_id, (0, None))
        in_range = quiz is not None and 0 <= index < len(quiz.questions)
        return quiz.questions[index] if quiz is not None and in_range else None
