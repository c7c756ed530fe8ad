"""Sockets coming and going, and what somebody who has just arrived needs to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from quizkit.core import messages
from quizkit.core.errors import Rejected
from quizkit.core.kinds import WireAnswer, wire_answer
from quizkit.core.session import Session, State, Window, timers_of
from quizkit.lambdas.ids import shard_of
from quizkit.lambdas.ports import (
    Answers,
    Clock,
    Line,
    Participants,
    Questions,
    Sessions,
    Sockets,
    Ticket,
    Timers,
)
from quizkit.lambdas.services.broadcasting import you_of

#: Lobby news goes out at most this often, however many join, and at the end of the
#: interval: sent any sooner, it would miss those who come in the rest of it.
LOBBY_EVERY_SECONDS: Final = 1
#: Who comes this shortly before news is due asks whether they are still in it: the time was
#: set by another machine's clock.
_NEARLY_MS: Final = 100
_REMEMBERED: Final = 64
#: A session whose timer is this late has lost it.
_OVERDUE_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Presence:
    """What sockets need; `media_url` makes a URL of a question's media."""

    sessions: Sessions
    questions: Questions
    participants: Participants
    answers: Answers
    timers: Timers
    sockets: Sockets
    clock: Clock
    media_url: Callable[[str], str]
    #: When each lobby's next news is due, as far as known here.
    _dues: dict[str, int] = field(default_factory=dict)

    def connect(self, who: Ticket, connection_id: str) -> None:
        """Bind a socket to a participant; the one bound before is closed.

        Raises:
            Rejected: `forbidden` for somebody whom the host has removed.
        """
        before = self.participants.connect(
            who.session_id, who.participant_id, connection_id, self.clock()
        )
        if before is not None and before != connection_id:
            self.sockets.close(before)

    def disconnect(self, who: Ticket, connection_id: str) -> None:
        """Unbind a socket, unless a newer one has taken its place."""
        self.participants.disconnect(who.session_id, who.participant_id, connection_id)

    def arrive(self, who: Ticket, connection_id: str) -> dict[str, Any]:
        """Answer `join_quiz`: bind the socket and give the session's snapshot.

        Raises:
            Rejected: `session_not_found`, `forbidden`.
        """
        # Bound before the session is read: whatever changes after the read is sent here.
        self.connect(who, connection_id)
        session = self.sessions.load(who.session_id)
        if session is None:
            raise Rejected("session_not_found", "there is no such session")
        self._nudge(session)
        return {"action": "quiz_joined", "session": self._snapshot(session, who)}

    def _nudge(self, session: Session) -> None:
        """Let the lobby know of somebody new; set timers again that were lost."""
        now = self.clock()
        if session.state is State.LOBBY:
            self._announce(session.session_id, now)
        for timer in timers_of(session):
            if now > timer.at + _OVERDUE_MS:
                self.timers.set(session.session_id, timer, now)

    def _announce(self, session_id: str, now: int) -> None:
        """See that lobby news goes out that somebody who came just now is in."""
        if now < self._dues.get(session_id, 0) - _NEARLY_MS:
            return
        mine, due = self.sessions.poke_lobby(session_id, now, LOBBY_EVERY_SECONDS * 1_000)
        if mine:
            self.timers.send({"session_id": session_id, "lobby": "hosts"}, LOBBY_EVERY_SECONDS)
        if len(self._dues) >= _REMEMBERED:
            self._dues.clear()
        self._dues[session_id] = due

    def _snapshot(self, session: Session, who: Ticket) -> dict[str, Any]:
        # The ending is read first: once it is there, the lines are final.
        podium, salt = None, None
        if session.state is State.FINISHED:
            podium, salt = self.sessions.ending(session.session_id)
        settled, line = self._line(session, who)
        window = session.window if session.state is State.OPEN else None
        snapshot = {
            "session_id": session.session_id,
            "quiz_id": session.quiz_id,
            "title": session.title,
            "state": str(session.state),
            "role": who.role,
            "participant_id": who.participant_id,
            "nickname": who.nickname,
            "question_count": session.question_count,
            "question": None,
            "opens_at": window.opens_at if window else None,
            "closes_at": window.closes_at if window else None,
            "answered": None,
            "score": line.standing.score if line else 0,
            "rank": line.standing.rank if line else None,
            "last": None,
            "podium": podium,
            "commitment": session.commitment,
            "salt": salt,
        }
        if window is not None:
            snapshot["question"] = self._question(session)
            snapshot["answered"] = self._own_answer(session, who, window)
        elif session.state is State.REVEALED and settled == session.settled:
            snapshot["last"] = self._last(session, line)
        return snapshot

    def _question(self, session: Session) -> dict[str, Any] | None:
        public = self.questions.public(session.quiz_id, session.quiz_version, session.index)
        if public is None:
            return None
        media = public["media"]
        return messages.question_view(public, session, self.media_url(media) if media else None)

    def _own_answer(self, session: Session, who: Ticket, window: Window) -> WireAnswer:
        if who.role != "player":
            return None
        row = self.answers.get(session.session_id, who.participant_id, window.question_id)
        return None if row is None else wire_answer(window.kind, row.answer)

    def _line(self, session: Session, who: Ticket) -> tuple[int, Line | None]:
        """As of how many settled questions the standings are, and a player's line in them."""
        if session.settled == 0 and session.state is not State.FINISHED:
            return 0, None  # no fold has written any
        shard = shard_of(who.participant_id) if who.role == "player" else 0
        settled, lines = self.sessions.lines(session, shard)
        mine = (x for x in lines if x.standing.participant_id == who.participant_id)
        return settled, next(mine, None)

    def _last(self, session: Session, line: Line | None) -> dict[str, Any] | None:
        settled = self.sessions.questions(session.session_id)
        if not settled:
            return None
        question, extra = settled[-1]
        return {
            **messages.key_view(question),
            "counts": extra.get("counts"),
            "right": extra.get("right"),
            "explanation": extra.get("explanation"),
            "you": you_of(line),
        }
