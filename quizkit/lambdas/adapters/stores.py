"""The stores on DynamoDB tables.

Keys. Everything of a session that a fold or a broadcast walks through is spread over the
session's shards: `pk = <session>#<shard>`. A participant's shard stands in the first two
digits of the participant id, so no look-up is needed to find a row. Ids of sessions and
participants are random; they hold no `#`.

    sessions      <session>  state | question#000 | standings#00 | tally#q1 | claim#winners
                  pin#<pin>  pin
                  sessions, live   <created_at>#<session>
    participants  <session>#<shard>  <participant>;  <session>#host  <host>
                  <session>#name  <folded nickname>
    answers       <session>#<shard>  <question>#<participant>
    questions     <quiz>  head | q#000;  quizzes  <created_at>#<quiz>
    keys          <quiz>  q#000
    tickets       <sha256>  ticket
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final
from uuid import uuid4

from quizkit.core.errors import QuizError, Rejected
from quizkit.core.names import folded
from quizkit.core.scoring import AnswerRow, ClosedQuestion, Standing
from quizkit.core.session import Session, State, Window
from quizkit.lambdas.adapters.dynamo import ConditionFailed, Item, Table
from quizkit.lambdas.ids import digest, shard_of
from quizkit.lambdas.ports import Line, Participant, StaleVersion, Ticket

#: Finished sessions stay readable this long after they were created.
KEEP_SECONDS: Final = 400 * 24 * 3_600
#: A session that never finishes keeps its PIN this long.
PIN_SECONDS: Final = 30 * 24 * 3_600
_PAGE: Final = 50


def partition(session_id: str, shard: int) -> str:
    """The partition key of one shard of a session."""
    return f"{session_id}#{shard:02x}"


def partitions(session: Session) -> list[str]:
    """The partition keys of all shards of a session."""
    return [partition(session.session_id, shard) for shard in range(session.shards)]


def session_to_item(session: Session) -> Item:
    """A session's fields as stored, without key, seq and bookkeeping."""
    values = asdict(session)
    values["state"] = str(session.state)
    values.pop("first_seq")
    return values


def session_from_item(item: Mapping[str, Any]) -> Session:
    """The session in a stored item; attributes it does not know are passed over."""
    values = {key: item[key] for key in Session.__dataclass_fields__ if key in item}
    window = values.pop("window", None)
    if window is not None:
        correct = window.pop("correct")
        window = Window(**window, correct=None if correct is None else tuple(correct))
    values["state"] = State(values["state"])
    return Session(**values, window=window)


class DynamoSessions:
    """`ports.Sessions` on the sessions table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, session: Session) -> bool:
        sid, created = session.session_id, session.created_at
        expires = created // 1_000 + KEEP_SECONDS
        row = {"pk": sid, "sk": "state", "seq": 0, "first_seq": 1, "pending": 0}
        entry = {"sk": f"{created:013d}#{sid}", "session_id": sid, "expires_at": expires}
        rows = [
            {**row, **session_to_item(session), "expires_at": expires},
            {
                "pk": f"pin#{session.pin}",
                "sk": "pin",
                "session_id": sid,
                "expires_at": created // 1_000 + PIN_SECONDS,
            },
            {"pk": "sessions", **entry},
            {"pk": "live", **entry},
        ]
        try:
            self._table.put_all(rows, absent=[True, True, False, False])
        except ConditionFailed:
            return False
        return True

    def load(self, session_id: str) -> Session | None:
        item = self._table.get(session_id, "state")
        return session_from_item(item) if item else None

    def save(self, session: Session, *, was: int, events: int, effects: bool) -> Session:
        values = session_to_item(session)
        names = {f"#{key}": key for key in values} | {"#seq": "seq", "#pk": "pk"}
        sets = [f"#{key} = :{key}" for key in values] + ["#seq = #seq + :events"]
        arguments = {f":{key}": value for key, value in values.items()}
        arguments |= {":was": was, ":events": events}
        if events:
            sets.append("first_seq = #seq + :one")
            arguments[":one"] = 1
        if effects:
            sets.append("pending = :version")
        try:
            item = self._table.update(
                session.session_id,
                "state",
                "SET " + ", ".join(sets),
                arguments,
                names=names,
                condition="attribute_exists(#pk) AND #version = :was",
            )
        except ConditionFailed as exc:
            raise StaleVersion from exc
        return replace(session, first_seq=item["first_seq"])

    def pending(self, session_id: str) -> int:
        item = self._table.get(session_id, "state")
        return int(item["pending"]) if item else 0

    def done(self, session_id: str, version: int) -> None:
        try:
            self._table.update(
                session_id,
                "state",
                "SET pending = :none",
                {":none": 0, ":version": version},
                condition="pending = :version",
                returning="NONE",
            )
        except ConditionFailed:
            return  # the session has moved on; its later effects report for themselves

    def next_seq(self, session_id: str) -> int:
        item = self._table.update(
            session_id, "state", "ADD #seq :one", {":one": 1}, names={"#seq": "seq"}
        )
        return int(item["seq"])

    def find_pin(self, pin: str, now: int) -> str | None:
        item = self._table.get(f"pin#{pin}", "pin")
        if item is None or item["expires_at"] * 1_000 <= now:
            return None
        return str(item["session_id"])

    def retire(self, session: Session) -> None:
        self._table.delete("live", f"{session.created_at:013d}#{session.session_id}")
        try:
            self._table.take(
                f"pin#{session.pin}",
                "pin",
                "session_id = :session",
                {":session": session.session_id},
            )
        except ConditionFailed:
            return  # given back before, perhaps taken by another session since

    def listing(self, *, live: bool, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        pk = "live" if live else "sessions"
        entries, after = self._table.page(
            pk,
            cursor={"pk": pk, "sk": cursor} if cursor else None,
            limit=_PAGE,
            newest_first=True,
        )
        items = [self._table.get(entry["session_id"], "state") for entry in entries]
        return [item for item in items if item], after["sk"] if after else None

    def claim(self, session_id: str, what: str, now: int, hold_ms: int) -> bool:
        try:
            self._table.update(
                session_id,
                f"claim#{what}",
                "SET held_until = :until, holder = :me, expires_at = :expires",
                {
                    ":until": now + hold_ms,
                    ":now": now,
                    # The client repeats a call whose answer was lost: it must find it made.
                    ":me": uuid4().hex,
                    ":expires": now // 1_000 + KEEP_SECONDS,
                },
                condition="attribute_not_exists(done) AND "
                "(attribute_not_exists(held_until) OR held_until < :now OR holder = :me)",
                returning="NONE",
            )
        except ConditionFailed:
            return False
        return True

    def settle_claim(self, session_id: str, what: str, *, done: bool) -> None:
        expression = "SET done = :yes REMOVE held_until" if done else "REMOVE held_until"
        values = {":yes": True} if done else None
        self._table.update(session_id, f"claim#{what}", expression, values, returning="NONE")

    def add_question(
        self, session_id: str, question: ClosedQuestion, extra: Mapping[str, Any]
    ) -> None:
        values = asdict(question) | {"correct": list(question.correct)}
        self._table.put(
            {
                "pk": session_id,
                "sk": f"question#{question.index:03d}",
                **values,
                "extra": dict(extra),
                "expires_at": question.closes_at // 1_000 + KEEP_SECONDS,
            }
        )

    def questions(self, session_id: str) -> list[tuple[ClosedQuestion, dict[str, Any]]]:
        found = []
        for item in self._table.query(session_id, "question#"):
            values = {key: item[key] for key in ClosedQuestion.__dataclass_fields__}
            values["correct"] = tuple(values["correct"])
            found.append((ClosedQuestion(**values), item["extra"]))
        return found

    def put_lines(self, session: Session, pages: Mapping[int, Sequence[Line]]) -> None:
        self._table.write(
            {
                "pk": session.session_id,
                "sk": f"standings#{shard:02x}",
                "settled": session.settled,
                "lines": json.dumps([_line_to_list(line) for line in lines]),
                "expires_at": session.created_at // 1_000 + KEEP_SECONDS,
            }
            for shard, lines in pages.items()
        )

    def lines(self, session: Session, shard: int) -> tuple[int, list[Line]]:
        item = self._table.get(session.session_id, f"standings#{shard:02x}")
        if item is None:
            return 0, []
        return item["settled"], [_line_from_list(line) for line in json.loads(item["lines"])]

    def put_podium(self, session_id: str, podium: Sequence[Mapping[str, Any]]) -> None:
        entries = [dict(entry) for entry in podium]
        self._table.put({"pk": session_id, "sk": "podium", "podium": entries})

    def podium(self, session_id: str) -> list[dict[str, Any]]:
        item = self._table.get(session_id, "podium")
        return item["podium"] if item else []

    def tally(self, session_id: str, question_id: str, add: int) -> tuple[int, int | None]:
        item = self._table.update(
            session_id, f"tally#{question_id}", "ADD answers :add", {":add": add}
        )
        return item["answers"], item.get("audience")

    def expect(self, session_id: str, question_id: str, audience: int) -> None:
        self._table.update(
            session_id,
            f"tally#{question_id}",
            "SET audience = :audience ADD answers :none",
            {":audience": audience, ":none": 0},
            returning="NONE",
        )

    def poke_lobby(self, session_id: str, now: int, every_ms: int) -> bool:
        try:
            self._table.update(
                session_id,
                "lobby",
                "SET due = :due",
                {":due": now + every_ms, ":now": now},
                condition="attribute_not_exists(due) OR due <= :now",
                returning="NONE",
            )
        except ConditionFailed:
            return False
        return True


def _line_to_list(line: Line) -> list[Any]:
    """A line as a short list: rows of a hot page are read and written whole."""
    return [*asdict(line.standing).values(), line.answer, line.correct, line.points]


def _line_from_list(values: Sequence[Any]) -> Line:
    answer = values[-3]
    return Line(
        Standing(*values[:-3]), None if answer is None else tuple(answer), values[-2], values[-1]
    )


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
        return _participant(item)

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
