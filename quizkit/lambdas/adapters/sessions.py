"""Sessions, their settled questions and their standings on the sessions table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final
from uuid import uuid4

from quizkit.core.kinds import rules_from_row, rules_to_row
from quizkit.core.scoring import ClosedQuestion, Standing
from quizkit.core.session import NAMED_REMOVALS, Session, State, Window
from quizkit.lambdas.adapters.dynamo import ConditionFailed, Item, Table
from quizkit.lambdas.adapters.keys import KEEP_SECONDS
from quizkit.lambdas.adapters.sharing import SharedReads
from quizkit.lambdas.ports import Line, StaleVersion

#: A session that never finishes keeps its PIN this long.
PIN_SECONDS: Final = 30 * 24 * 3_600
_PAGE: Final = 50
#: More than a page of answers by options has; an item has at most 400 KB with everything.
_PAGE_BYTES: Final = 380_000
_BEGINNING: Final = 12


def session_to_item(session: Session) -> Item:
    """A session's fields as stored, without key, seq and bookkeeping."""
    values = asdict(session)
    values["state"] = str(session.state)
    values.pop("first_seq")
    for counted in ("removals", "removed"):
        values.pop(counted)  # kept by `removed`; a move must not set them back
    return values


def session_from_item(item: Mapping[str, Any]) -> Session:
    """The session in a stored item; attributes it does not know are passed over."""
    values = {key: item[key] for key in Session.__dataclass_fields__ if key in item}
    window = values.pop("window", None)
    if window is not None:
        correct = window.pop("correct")
        rules = rules_from_row(window.pop("rules", None))
        correct = None if correct is None else tuple(correct)
        window = Window(**window, correct=correct, rules=rules)
    values["state"] = State(values["state"])
    values["removed"] = tuple(sorted(values.get("removed", ())))
    return Session(**values, window=window)


class DynamoSessions:
    """`ports.Sessions` on the sessions table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._loads = SharedReads(self._load)

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
        return self._loads.get(session_id)

    def _load(self, session_id: str) -> Session | None:
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

    def removed(self, session_id: str, participant_id: str) -> None:
        there = "attribute_exists(pk)"
        try:
            self._table.update(
                session_id,
                "state",
                "ADD removals :one, #removed :who",
                {":one": 1, ":who": frozenset((participant_id,)), ":most": NAMED_REMOVALS},
                names={"#removed": "removed"},
                condition=f"{there} AND (attribute_not_exists(#removed) OR size(#removed) < :most)",
                returning="NONE",
            )
        except ConditionFailed:
            # There are as many names as there may be.
            self._table.update(
                session_id, "state", "ADD removals :one", {":one": 1}, condition=there
            )

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

    def is_settled(self, session_id: str, what: str) -> bool:
        item = self._table.get(session_id, f"claim#{what}")
        return item is not None and bool(item.get("done"))

    def add_question(
        self, session_id: str, question: ClosedQuestion, extra: Mapping[str, Any]
    ) -> None:
        values = asdict(question) | {"rules": rules_to_row(question.rules)}
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
            values = {k: item[k] for k in ClosedQuestion.__dataclass_fields__ if k in item}
            values["correct"] = tuple(values["correct"])
            values["rules"] = rules_from_row(values.get("rules"))
            found.append((ClosedQuestion(**values), item["extra"]))
        return found

    def put_lines(self, session: Session, pages: Mapping[int, Sequence[Line]]) -> None:
        self._table.write(
            {
                "pk": session.session_id,
                "sk": f"standings#{shard:02x}",
                "settled": session.settled,
                "kind": lines[0].kind if lines else "choice",
                "lines": _page_of(lines),
                "expires_at": session.created_at // 1_000 + KEEP_SECONDS,
            }
            for shard, lines in pages.items()
        )

    def lines(self, session: Session, shard: int) -> tuple[int, list[Line]]:
        item = self._table.get(session.session_id, f"standings#{shard:02x}")
        if item is None:
            return 0, []
        kind = item.get("kind", "choice")
        return item["settled"], [_line_from_list(line, kind) for line in json.loads(item["lines"])]

    def put_ending(
        self, session_id: str, podium: Sequence[Mapping[str, Any]], salt: str | None
    ) -> None:
        entries = [dict(entry) for entry in podium]
        self._table.put({"pk": session_id, "sk": "podium", "podium": entries, "salt": salt})

    def ending(self, session_id: str) -> tuple[list[dict[str, Any]] | None, str | None]:
        item = self._table.get(session_id, "podium")
        return (item["podium"], item.get("salt")) if item else (None, None)

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

    def poke_lobby(
        self, session_id: str, now: int, every_ms: int, told: str = "hosts"
    ) -> tuple[bool, int]:
        due = now + every_ms
        try:
            self._table.update(
                session_id,
                f"lobby#{told}",
                "SET due = :due",
                {":due": due, ":now": now},
                condition="attribute_not_exists(due) OR due <= :now",
                returning="NONE",
                show=True,
            )
        except ConditionFailed as exc:
            return False, int(exc.existing["due"]) if exc.existing else now
        return True, due


def _page_of(lines: Sequence[Line]) -> str:
    """A page as one text: compact and not escaped, since an item has at most 400 KB.

    Typed answers may have 800 bytes each. A page that cannot hold them keeps their beginnings,
    which are for showing only: what counts is in the answers' own rows.
    """
    text = _packed(_line_to_list(line) for line in lines)
    if len(text.encode()) <= _PAGE_BYTES or lines[0].kind != "text":
        return text
    return _packed(
        _line_to_list(replace(line, answer=line.answer and (f"{line.answer[0][:_BEGINNING]}…",)))
        for line in lines
    )


def _packed(lines: Iterable[list[Any]]) -> str:
    return json.dumps(list(lines), ensure_ascii=False, separators=(",", ":"))


def _line_to_list(line: Line) -> list[Any]:
    """A line as a short list: rows of a hot page are read and written whole."""
    answer: Any = line.answer
    if answer is not None and line.kind not in ("text", "number"):
        answer = "".join(answer)  # ids have one letter
    return [*asdict(line.standing).values(), answer, line.correct, line.points]


def _line_from_list(values: Sequence[Any], kind: str) -> Line:
    answer = values[-3]
    return Line(
        Standing(*values[:-3]),
        None if answer is None else tuple(answer),
        values[-2],
        values[-1],
        kind,
    )
