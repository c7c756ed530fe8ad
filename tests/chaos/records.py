"""What the clients of one session wrote down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from quizkit.core.history import Attempt, Ending

#: Events that come once in a session, however often they are sent.
_ONCE: Final = frozenset({"new_question", "question_closed", "quiz_finished"})


@dataclass
class Records:
    """What the clients of one session saw.

    Attributes:
        attempts: in the order in which replies came.
        endings: by participant.
        results: (participant, question, answer, score) of every result shown to a player.
        foreign: frames of another session.
        numbers: by `seq` the event that bore it; `moments` the other way round.
        reused: numbers that two events bore, and events that bore two numbers.
    """

    session_id: str
    attempts: list[Attempt] = field(default_factory=list)
    endings: dict[str, Ending] = field(default_factory=dict)
    results: list[tuple[str, str, tuple[str, ...] | None, int | None]] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    numbers: dict[int, tuple[str, str]] = field(default_factory=dict)
    moments: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    reused: list[str] = field(default_factory=list)

    def note(self, name: str, fields: dict[str, Any]) -> None:
        """Look at a numbered event."""
        if fields.get("session_id") != self.session_id:
            self.foreign.append(f"{name} got {fields['action']} of {fields.get('session_id')}")
        question = fields.get("question_id") or (fields.get("question") or {}).get("id") or ""
        event = (fields["action"], question)
        if self.numbers.setdefault(fields["seq"], event) != event:
            self.reused.append(f"{fields['seq']}: {self.numbers[fields['seq']]} and {event}")
        # Sent again by a repair, an event is the same; only these come once in a session.
        moment = (fields["seq"], fields.get("opens_at", 0))
        if event[0] in _ONCE and self.moments.setdefault(event, moment) != moment:
            self.reused.append(f"{event}: {self.moments[event]} and {moment}")
