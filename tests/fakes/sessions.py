"""`ports.Sessions` in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from threading import RLock
from typing import Any

from quizkit.core.scoring import ClosedQuestion
from quizkit.core.session import NAMED_REMOVALS, Session
from quizkit.lambdas.ports import Line, StaleVersion

PAGE = 50
PIN_MS = 30 * 24 * 3_600_000


@dataclass
class _Row:
    session: Session
    seq: int = 0
    pending: int = 0
    live: bool = True
    questions: dict[int, tuple[ClosedQuestion, dict[str, Any]]] = field(default_factory=dict)
    pages: dict[int, tuple[int, list[Line]]] = field(default_factory=dict)
    podium: list[dict[str, Any]] | None = None
    salt: str | None = None
    tallies: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    audiences: dict[str, int] = field(default_factory=dict)
    lobby_due: dict[str, int] = field(default_factory=dict)


class FakeSessions:
    """Sessions with everything that belongs to them."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._pins: dict[str, tuple[str, int]] = {}
        self._claims: dict[tuple[str, str], int | None] = {}
        self._lock = RLock()

    def create(self, session: Session) -> bool:
        with self._lock:
            if session.session_id in self._rows or session.pin in self._pins:
                return False
            self._rows[session.session_id] = _Row(replace(session, first_seq=1))
            self._pins[session.pin] = (session.session_id, session.created_at + PIN_MS)
            return True

    def load(self, session_id: str) -> Session | None:
        row = self._rows.get(session_id)
        return row.session if row else None

    def save(self, session: Session, *, was: int, events: int, effects: bool) -> Session:
        with self._lock:
            row = self._rows.get(session.session_id)
            if row is None or row.session.version != was:
                raise StaleVersion
            first = row.seq + 1 if events else row.session.first_seq
            kept = row.session
            row.session = replace(
                session, first_seq=first, removals=kept.removals, removed=kept.removed
            )
            row.seq += events
            if effects:
                row.pending = session.version
            return row.session

    def pending(self, session_id: str) -> int:
        row = self._rows.get(session_id)
        return row.pending if row else 0

    def done(self, session_id: str, version: int) -> None:
        with self._lock:
            row = self._rows[session_id]
            if row.pending == version:
                row.pending = 0

    def removed(self, session_id: str, participant_id: str) -> None:
        with self._lock:
            row = self._rows[session_id]
            named = set(row.session.removed)
            if len(named) < NAMED_REMOVALS:
                named.add(participant_id)
            count = row.session.removals + 1
            row.session = replace(row.session, removals=count, removed=tuple(sorted(named)))

    def next_seq(self, session_id: str) -> int:
        with self._lock:
            row = self._rows[session_id]
            row.seq += 1
            return row.seq

    def find_pin(self, pin: str, now: int) -> str | None:
        session_id, expires = self._pins.get(pin, (None, 0))
        return session_id if expires // 1_000 * 1_000 > now else None

    def retire(self, session: Session) -> None:
        with self._lock:
            self._rows[session.session_id].live = False
            if self._pins.get(session.pin, ("", 0))[0] == session.session_id:
                del self._pins[session.pin]

    def listing(self, *, live: bool, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        rows = {
            f"{row.session.created_at:013d}#{key}": row
            for key, row in self._rows.items()
            if row.live or not live
        }
        keys = sorted((key for key in rows if cursor is None or key < cursor), reverse=True)
        items = [
            asdict(rows[key].session) | {"state": str(rows[key].session.state)}
            for key in keys[:PAGE]
        ]
        return items, keys[PAGE - 1] if len(keys) > PAGE else None

    def claim(self, session_id: str, what: str, now: int, hold_ms: int) -> bool:
        with self._lock:
            held = self._claims.get((session_id, what), 0)
            if held is None or held >= now:
                return False
            self._claims[session_id, what] = now + hold_ms
            return True

    def settle_claim(self, session_id: str, what: str, *, done: bool) -> None:
        with self._lock:
            self._claims[session_id, what] = None if done else 0

    def is_settled(self, session_id: str, what: str) -> bool:
        return self._claims.get((session_id, what), 0) is None

    def is_held(self, session_id: str, what: str) -> bool:
        """Whether somebody took a duty and never said what became of it; for tests."""
        return bool(self._claims.get((session_id, what), 0))

    def add_question(
        self, session_id: str, question: ClosedQuestion, extra: Mapping[str, Any]
    ) -> None:
        self._rows[session_id].questions[question.index] = (question, dict(extra))

    def questions(self, session_id: str) -> list[tuple[ClosedQuestion, dict[str, Any]]]:
        row = self._rows.get(session_id)
        return [value for _, value in sorted(row.questions.items())] if row else []

    def put_lines(self, session: Session, pages: Mapping[int, Sequence[Line]]) -> None:
        row = self._rows[session.session_id]
        row.pages.update({key: (session.settled, list(lines)) for key, lines in pages.items()})

    def lines(self, session: Session, shard: int) -> tuple[int, list[Line]]:
        return self._rows[session.session_id].pages.get(shard, (0, []))

    def put_ending(
        self, session_id: str, podium: Sequence[Mapping[str, Any]], salt: str | None
    ) -> None:
        self._rows[session_id].podium = [dict(entry) for entry in podium]
        self._rows[session_id].salt = salt

    def ending(self, session_id: str) -> tuple[list[dict[str, Any]] | None, str | None]:
        row = self._rows.get(session_id)
        return (row.podium, row.salt) if row else (None, None)

    def tally(self, session_id: str, question_id: str, add: int) -> tuple[int, int | None]:
        with self._lock:
            row = self._rows[session_id]
            row.tallies[question_id] += add
            return row.tallies[question_id], row.audiences.get(question_id)

    def expect(self, session_id: str, question_id: str, audience: int) -> None:
        self._rows[session_id].audiences[question_id] = audience

    def poke_lobby(
        self, session_id: str, now: int, every_ms: int, told: str = "hosts"
    ) -> tuple[bool, int]:
        with self._lock:
            dues = self._rows[session_id].lobby_due
            if dues.get(told, 0) > now:
                return False, dues[told]
            dues[told] = now + every_ms
            return True, dues[told]
