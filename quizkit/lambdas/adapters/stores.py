"""Participants, answers, tickets, wrong guesses and seats on their tables.

See `keys` for the rows' names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from quizkit.core import guessing
from quizkit.core.errors import QuizError, Rejected
from quizkit.core.names import folded
from quizkit.core.scoring import AnswerRow
from quizkit.core.session import Session
from quizkit.lambdas.adapters.dynamo import ConditionFailed, Table
from quizkit.lambdas.adapters.keys import KEEP_SECONDS, partition, partitions
from quizkit.lambdas.ids import digest, shard_of
from quizkit.lambdas.ports import Participant, Ticket


class DynamoParticipants:
    """`ports.Participants` on the participants table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, participant: Participant) -> bool:
        values = {key: value for key, value in asdict(participant).items() if value is not None}
        expires = participant.joined_at // 1_000 + KEEP_SECONDS
        row = values | {
            "pk": _home(participant.session_id, participant.participant_id),
            "sk": participant.participant_id,
            "expires_at": expires,
        }
        if participant.role == "host":
            self._table.put(row)
            return True
        name = {
            "pk": f"{participant.session_id}#name",
            "sk": folded(participant.nickname),
            "participant_id": participant.participant_id,
            "expires_at": expires,
        }
        try:
            self._table.put_all([row, name], absent=[True, True])
        except ConditionFailed:
            return False
        return True

    def get(self, session_id: str, participant_id: str) -> Participant | None:
        item = self._table.get(_home(session_id, participant_id), participant_id)
        return _participant(item) if item else None

    def connect(
        self, session_id: str, participant_id: str, connection_id: str, now: int
    ) -> str | None:
        try:
            old = self._table.update(
                _home(session_id, participant_id),
                participant_id,
                "SET connection_id = :connection, connected_at = :now",
                {":connection": connection_id, ":now": now, ":no": False},
                condition="attribute_exists(pk) AND kicked = :no",
                returning="UPDATED_OLD",
            )
        except ConditionFailed as exc:
            raise Rejected("forbidden", "the host has removed you from this session") from exc
        return old.get("connection_id")

    def disconnect(self, session_id: str, participant_id: str, connection_id: str) -> None:
        self._unbind(session_id, participant_id, connection_id, None)

    def _unbind(
        self, session_id: str, participant_id: str, connection_id: str, before: int | None
    ) -> None:
        condition = "connection_id = :connection"
        values: dict[str, Any] = {":connection": connection_id}
        if before is not None:
            condition += " AND connected_at < :before"
            values[":before"] = before
        try:
            self._table.update(
                _home(session_id, participant_id),
                participant_id,
                "REMOVE connection_id",
                values,
                condition=condition,
                returning="NONE",
            )
        except ConditionFailed:
            return  # a newer socket has taken its place

    def prune(self, gone: Sequence[Participant], before: int) -> None:
        for participant in gone:
            if participant.connection_id is not None:
                self._unbind(
                    participant.session_id,
                    participant.participant_id,
                    participant.connection_id,
                    before,
                )

    def kick(self, session_id: str, participant_id: str) -> Participant | None:
        try:
            item = self._table.update(
                _home(session_id, participant_id),
                participant_id,
                "SET kicked = :yes",
                {":yes": True},
                condition="attribute_exists(pk)",
            )
        except ConditionFailed:
            return None
        kicked = _participant(item)
        if kicked.user_id is not None:
            # Kicking again repeats this, should it fail.
            self._table.update(
                f"{session_id}#banned",
                kicked.user_id,
                "SET expires_at = :expires",
                {":expires": kicked.joined_at // 1_000 + KEEP_SECONDS},
                returning="NONE",
            )
        return kicked

    def banned(self, session_id: str, user_id: str) -> bool:
        return self._table.get(f"{session_id}#banned", user_id) is not None

    def shard(self, session_id: str, shard: int) -> list[Participant]:
        return [_participant(item) for item in self._table.query(partition(session_id, shard))]

    def hosts(self, session_id: str) -> list[Participant]:
        return [_participant(item) for item in self._table.query(f"{session_id}#host")]

    def everybody(self, session: Session) -> list[Participant]:
        return [_participant(item) for item in self._table.query_all(partitions(session))]


def _home(session_id: str, participant_id: str) -> str:
    if participant_id.startswith("host"):
        return f"{session_id}#host"
    return partition(session_id, shard_of(participant_id))


def _participant(item: Mapping[str, Any]) -> Participant:
    return Participant(
        **{key: item[key] for key in Participant.__dataclass_fields__ if key in item}
    )


class DynamoAnswers:
    """`ports.Answers` on the answers table.

    Args:
        patient: a table whose client waits longer, for writes with time to spare; a
            short time-out under load would only repeat work that is about to succeed.
    """

    def __init__(self, table: Table, patient: Table | None = None) -> None:
        self._table = table
        self._patient = patient or table

    def put(self, session_id: str, row: AnswerRow, *, patient: bool) -> AnswerRow | None:
        item = {
            "pk": partition(session_id, shard_of(row.participant_id)),
            "sk": f"{row.question_id}#{row.participant_id}",
            "answer": list(row.answer),
            "received_at": row.received_at,
            "expires_at": row.received_at // 1_000 + KEEP_SECONDS,
        }
        try:
            (self._patient if patient else self._table).put(item, if_absent=True)
        except ConditionFailed as exc:
            if exc.existing is None:
                raise QuizError("unavailable", "storage did not show the stored answer") from exc
            return _answer(exc.existing)
        return None

    def get(self, session_id: str, participant_id: str, question_id: str) -> AnswerRow | None:
        pk = partition(session_id, shard_of(participant_id))
        item = self._table.get(pk, f"{question_id}#{participant_id}")
        return _answer(item) if item else None

    def of_question(self, session: Session, question_id: str) -> list[AnswerRow]:
        items = self._table.query_all(partitions(session), f"{question_id}#")
        return [_answer(item) for item in items]

    def of_session(self, session: Session) -> list[AnswerRow]:
        return [_answer(item) for item in self._table.query_all(partitions(session))]

    def of_shard(self, session_id: str, shard: int) -> list[AnswerRow]:
        return [_answer(item) for item in self._table.query(partition(session_id, shard))]


def _answer(item: Mapping[str, Any]) -> AnswerRow:
    question_id, _, participant_id = item["sk"].partition("#")
    return AnswerRow(participant_id, question_id, tuple(item["answer"]), item["received_at"])


class DynamoTickets:
    """`ports.Tickets` on the tickets table; a ticket is deleted by being used."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def issue(self, token: str, ticket: Ticket, expires_at: int) -> None:
        self._table.put(
            {
                "pk": digest(token),
                "sk": "ticket",
                **asdict(ticket),
                "valid_until": expires_at,
                "expires_at": expires_at // 1_000 + 3_600,
            }
        )

    def redeem(self, token: str, now: int) -> Ticket | None:
        try:
            item = self._table.take(digest(token), "ticket", "valid_until >= :now", {":now": now})
        except ConditionFailed:
            return None
        return Ticket(**{key: item[key] for key in Ticket.__dataclass_fields__})


class DynamoMisses:
    """`ports.Misses` on the tickets table.

    Sources are stored hashed together with their window, so that no row names an address and
    no two rows can be told to be of one source. Each count is kept for an hour.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, source: str, now: int) -> tuple[int, int]:
        number = guessing.window(now)
        expires = now // 1_000 + 3_600
        hashed = digest(f"{number}#{source}")
        misses = self._count(f"miss#{hashed}", expires)
        counter = guessing.counter(hashed, misses)
        stage = self._count(f"miss#{number}#{counter}", expires)
        return misses, stage * guessing.COUNTERS

    def _count(self, pk: str, expires: int) -> int:
        item = self._table.update(
            pk,
            "misses",
            "ADD misses :one SET expires_at = :expires",
            {":one": 1, ":expires": expires},
            returning="UPDATED_NEW",
        )
        return int(item["misses"])


class DynamoSeatCounts:
    """`ports.SeatCounts` on the tickets table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, session_id: str, count: int, limit: int, now: int) -> bool:
        try:
            self._table.update(
                f"seats#{session_id}",
                "seats",
                "ADD taken :count SET expires_at = :expires",
                {":count": count, ":limit": limit, ":expires": now // 1_000 + KEEP_SECONDS},
                condition="attribute_not_exists(taken) OR taken < :limit",
                returning="NONE",
            )
        except ConditionFailed:
            return False
        return True
