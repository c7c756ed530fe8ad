"""Sending a session's events to its sockets.

One call sends a list of events, in order, to everybody in some of the session's shards.
Each event is serialised once; an event marked personal gets `you` appended for each
player from the standings page of the shard. Sockets that are gone are unbound after
sending, unless they were bound a moment ago (the gateway answers 410 also for a socket
whose handshake is not finished).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quizkit.core import messages
from quizkit.core.errors import Rejected
from quizkit.core.kinds import wire_answer
from quizkit.core.session import Session
from quizkit.lambdas.ports import (
    Clock,
    Line,
    Metrics,
    Participant,
    Participants,
    Sessions,
    Sockets,
)

FRESH_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Broadcasting:
    """What sending needs."""

    sessions: Sessions
    participants: Participants
    sockets: Sockets
    metrics: Metrics
    clock: Clock

    def send(self, request: Mapping[str, Any]) -> dict[str, int]:
        """Send events.

        Args:
            request: `session_id`; `events`, a list; `personal`, the index of the event
                that gets `you`, or None; `shards`, a list; `hosts`, whether they too;
                `at`, epoch milliseconds of what caused this, for the delay metric.

        Returns:
            `players`: how many players' sockets took the events; `gone`: how many did not.
        """
        session = self.sessions.load(request["session_id"])
        if session is None:
            raise Rejected("session_not_found", "there is no such session")
        frames: list[tuple[str, list[bytes]]] = []
        everybody: dict[str, Participant] = {}
        bodies = [messages.encode(event) for event in request["events"]]
        personal = request.get("personal")
        for shard in request["shards"]:
            people = self.participants.shard(session.session_id, shard)
            lines = self._lines(session, shard) if personal is not None else {}
            for who in people:
                if who.connection_id is None or who.kicked:
                    continue
                everybody[who.connection_id] = who
                own = _personal(bodies, personal, lines.get(who.participant_id))
                frames.append((who.connection_id, own))
        players = len(frames)
        if request.get("hosts"):
            plain = [body.encode() for body in bodies]
            for host in self.participants.hosts(session.session_id):
                if host.connection_id is not None:
                    everybody[host.connection_id] = host
                    frames.append((host.connection_id, plain))
        gone = self._deliver(frames, everybody)
        if request.get("at") is not None and players:
            delay = max(0, self.clock() - request["at"])
            self.metrics.put(
                {"BroadcastDelay": (delay, "Milliseconds")}, session_id=session.session_id
            )
        lost = sum(1 for connection in gone if everybody[connection].role == "player")
        return {"players": players - lost, "gone": len(gone)}

    def _lines(self, session: Session, shard: int) -> dict[str, Line]:
        _, lines = self.sessions.lines(session, shard)
        return {line.standing.participant_id: line for line in lines}

    def _deliver(
        self, frames: Sequence[tuple[str, list[bytes]]], everybody: Mapping[str, Participant]
    ) -> list[str]:
        gone = self.sockets.post(frames)
        if gone:
            self.participants.prune(
                [everybody[connection] for connection in gone], self.clock() - FRESH_MS
            )
        return gone


def _personal(bodies: Sequence[str], personal: int | None, line: Line | None) -> list[bytes]:
    if personal is None:
        return [body.encode() for body in bodies]
    you = messages.encode({"you": you_of(line)})
    own = list(bodies)
    own[personal] = f"{own[personal][:-1]},{you[1:]}"
    return [body.encode() for body in own]


def you_of(line: Line | None) -> dict[str, Any]:
    """The `you` of an event: the player's answer, its verdict, score and rank."""
    if line is None:
        return {"answer": None, "correct": False, "points": 0, "score": 0, "rank": None}
    return {
        "answer": wire_answer(line.kind, line.answer),
        "correct": line.correct,
        "points": line.points,
        "score": line.standing.score,
        "rank": line.standing.rank,
    }
