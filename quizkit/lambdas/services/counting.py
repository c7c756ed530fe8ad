"""Counting answers while a question is open, from the answers table's stream.

The count is for the host's screen and for closing early; a record delivered twice is
counted twice, so closing early is only proposed here: control looks at the stored
answers before it closes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from quizkit.core import messages
from quizkit.core.session import State
from quizkit.lambdas.ports import Sessions, Timers, Workers


@dataclass(frozen=True, slots=True)
class Counting:
    """What counting needs."""

    sessions: Sessions
    timers: Timers
    workers: Workers

    def count(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Count a batch of stream records (each an insert into the answers table)."""
        seen: Counter[tuple[str, str]] = Counter()
        for record in records:
            if record.get("eventName") != "INSERT":
                continue
            keys = record["dynamodb"]["Keys"]
            session_id = keys["pk"]["S"].partition("#")[0]
            question_id = keys["sk"]["S"].partition("#")[0]
            seen[session_id, question_id] += 1
        for (session_id, question_id), number in seen.items():
            self._add(session_id, question_id, number)

    def _add(self, session_id: str, question_id: str, number: int) -> None:
        answers, audience = self.sessions.tally(session_id, question_id, number)
        session = self.sessions.load(session_id)
        if session is None or session.state is not State.OPEN or session.window is None:
            return
        if session.window.question_id != question_id:
            return
        if session.close_early and audience is not None and answers >= audience:
            self.timers.send({"session_id": session_id, "all_answered": question_id}, 0)
        event = messages.event(
            "answer_count",
            session_id,
            self.sessions.next_seq(session_id),
            question_id=question_id,
            answers=answers,
            participants=audience,
        )
        self.workers.broadcast(
            {"session_id": session_id, "events": [event], "shards": [], "hosts": True}
        )
