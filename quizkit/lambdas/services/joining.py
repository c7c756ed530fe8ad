"""Joining by PIN, and returning with a resume token.

A resume token is `<session>.<participant>.<secret>`; only the secret's hash is stored.
A ticket opens one socket within `TICKET_MS`. Both are random; clients choose no id.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from quizkit.core import names
from quizkit.core.errors import Rejected
from quizkit.core.session import Session, State
from quizkit.lambdas.ids import digest, participant_id, shard_of
from quizkit.lambdas.ports import Clock, Participant, Participants, Sessions, Ticket, Tickets

TICKET_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Joining:
    """What joining needs; `websocket_url` is where tickets are good."""

    sessions: Sessions
    participants: Participants
    tickets: Tickets
    clock: Clock
    websocket_url: str

    def join(self, body: Mapping[str, Any], user_id: str | None = None) -> dict[str, Any]:
        """Answer `POST /join`: a new participant, or the same one again.

        Raises:
            Rejected: `pin_not_found`, `invalid_nickname`, `nickname_taken`,
                `session_locked`, `session_finished`, `unauthorized`, `forbidden`.
        """
        if "resume_token" in body:
            participant, token = self._resume(body["resume_token"])
        else:
            participant, token = self._enter(body, user_id)
        return {
            "session_id": participant.session_id,
            "participant_id": participant.participant_id,
            "nickname": participant.nickname,
            "resume_token": token,
            "ticket": issue_ticket(self.tickets, participant, self.clock()),
            "websocket_url": self.websocket_url,
        }

    def _enter(self, body: Mapping[str, Any], user_id: str | None) -> tuple[Participant, str]:
        pin = names.pin(body.get("pin"))
        nickname = names.nickname(body.get("nickname"))
        session = self._session(pin)
        secret = secrets.token_urlsafe(24)
        participant = Participant(
            session_id=session.session_id,
            participant_id=participant_id(session.shards),
            nickname=nickname,
            joined_at=self.clock(),
            secret=digest(secret),
            user_id=user_id,
        )
        if not self.participants.add(participant):
            raise Rejected("nickname_taken", f"somebody is called {nickname!r} already")
        return participant, f"{session.session_id}.{participant.participant_id}.{secret}"

    def _session(self, pin: str) -> Session:
        session_id = self.sessions.find_pin(pin, self.clock())
        session = self.sessions.load(session_id) if session_id else None
        if session is None:
            raise Rejected("pin_not_found", "no session has this PIN")
        if session.state is State.FINISHED:
            raise Rejected("session_finished", "the session is over")
        if session.locked:
            raise Rejected("session_locked", "the host has closed the lobby")
        return session

    def _resume(self, token: object) -> tuple[Participant, str]:
        participant = authenticate(self.participants, token)
        return participant, str(token)


def authenticate(participants: Participants, token: object) -> Participant:
    """The participant that a resume token stands for.

    Raises:
        Rejected: `unauthorized`, the same for every kind of wrong token; `forbidden`
            for somebody whom the host has removed.
    """
    wrong = Rejected("unauthorized", "this resume token is not valid")
    if not isinstance(token, str) or not token.isascii() or token.count(".") != 2:
        raise wrong
    session_id, who, secret = token.split(".")
    try:
        shard_of(who)
    except ValueError:
        raise wrong from None
    participant = participants.get(session_id, who) if session_id else None
    if participant is None or not hmac.compare_digest(participant.secret, digest(secret)):
        raise wrong
    if participant.kicked:
        raise Rejected("forbidden", "the host has removed you from this session")
    return participant


def issue_ticket(tickets: Tickets, participant: Participant, now: int) -> str:
    """A fresh one-time ticket for a participant's socket."""
    token = secrets.token_urlsafe(32)
    ticket = Ticket(
        session_id=participant.session_id,
        participant_id=participant.participant_id,
        role=participant.role,
        nickname=participant.nickname,
        joined_at=participant.joined_at,
    )
    tickets.issue(token, ticket, now + TICKET_MS)
    return token
