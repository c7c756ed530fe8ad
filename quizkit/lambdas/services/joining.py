"""Joining by PIN, and returning with a resume token.

A resume token is `<session>.<participant>.<secret>`; only the secret's hash is stored.
A ticket opens one socket within `TICKET_MS`. Both are random; clients choose no id.

Which session a PIN means is kept for a lease: it stays the same while the session lives. The
session itself is read for every join, so that a lock holds from the moment it is saved; and
where it lets nobody in, the PIN is looked up again, which may be another session's by now.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from quizkit.core import names
from quizkit.core.errors import Rejected
from quizkit.core.session import LEASE_MS, Session, State
from quizkit.lambdas.ids import digest, participant_id, shard_of
from quizkit.lambdas.ports import Clock, Participant, Participants, Sessions, Ticket, Tickets
from quizkit.lambdas.services.guessing import Guesses
from quizkit.lambdas.services.seats import Seats

TICKET_MS: Final = 60_000
_KNOWN_PINS: Final = 64


class Missed(Rejected):
    """A PIN that might have been right and is not: a guess, perhaps."""


@dataclass(frozen=True, slots=True)
class Joining:
    """What joining needs; `websocket_url` is where tickets are good, `new_id` draws ids."""

    sessions: Sessions
    participants: Participants
    tickets: Tickets
    guesses: Guesses
    seats: Seats
    clock: Clock
    websocket_url: str
    #: Skeletons of words that nicknames may not hold, see `core.names`.
    refused: frozenset[str] = names.skeletons(names.REFUSED)
    new_id: Callable[[int], str] = participant_id
    #: PINs looked up within the last lease: until when, and the session.
    _pins: dict[str, tuple[int, str]] = field(default_factory=dict)

    def join(
        self, body: Mapping[str, Any], user_id: str | None = None, source: str = ""
    ) -> dict[str, Any]:
        """Answer `POST /join`: a new participant, or the same one again.

        Args:
            source: who asks, see `core.guessing.source`.

        Raises:
            Rejected: `pin_not_found`, `invalid_nickname`, `nickname_taken`, `session_locked`,
                `session_finished`, `session_full`, `unauthorized`, `forbidden`,
                `too_many_requests`.
        """
        if "resume_token" in body:
            # Nobody guesses one, so it is not counted; and whoever returns to a game does not
            # wait because of what somebody else in their network has guessed.
            participant, token = self._resume(body["resume_token"])
        else:
            participant, token = self._guess(body, user_id, source)
        return {
            "session_id": participant.session_id,
            "participant_id": participant.participant_id,
            "nickname": participant.nickname,
            "resume_token": token,
            "ticket": issue_ticket(self.tickets, participant, self.clock()),
            "websocket_url": self.websocket_url,
        }

    def _guess(
        self, body: Mapping[str, Any], user_id: str | None, source: str
    ) -> tuple[Participant, str]:
        self.guesses.check(source)
        try:
            return self._enter(body, user_id)
        except Missed:
            self.guesses.miss(source)
            raise

    def _enter(self, body: Mapping[str, Any], user_id: str | None) -> tuple[Participant, str]:
        pin = names.pin(body.get("pin"))
        nickname = names.nickname(body.get("nickname"), self.refused)
        session = self._session(pin)
        if user_id is not None and self.participants.banned(session.session_id, user_id):
            raise _removed()
        self.seats.take(session)
        secret = secrets.token_urlsafe(24)
        participant = Participant(
            session_id=session.session_id,
            participant_id=self.new_id(session.shards),
            nickname=nickname,
            joined_at=self.clock(),
            secret=digest(secret),
            user_id=user_id,
        )
        if not self.participants.add(participant):
            self.seats.give_back(session)
            raise Rejected("nickname_taken", f"somebody is called {nickname!r} already")
        return participant, f"{session.session_id}.{participant.participant_id}.{secret}"

    def _session(self, pin: str) -> Session:
        until, session_id = self._pins.get(pin, (0, ""))
        if self.clock() < until:
            session = self.sessions.load(session_id)
            if session is not None and session.state is not State.FINISHED and not session.locked:
                return session
        return self._look_up(pin)

    def _look_up(self, pin: str) -> Session:
        now = self.clock()
        session_id = self.sessions.find_pin(pin, now)
        session = self.sessions.load(session_id) if session_id else None
        if session is None:
            raise Missed("pin_not_found", "no session has this PIN")
        if session.state is State.FINISHED:
            raise Rejected("session_finished", "the session is over")
        if session.locked:
            raise Rejected("session_locked", "the host has closed the lobby")
        if len(self._pins) >= _KNOWN_PINS:
            self._pins.clear()
        self._pins[pin] = (now + LEASE_MS, session.session_id)
        return session

    def _resume(self, token: object) -> tuple[Participant, str]:
        participant = authenticate(self.participants, token)
        user_id, session_id = participant.user_id, participant.session_id
        # Of several seats that an account took, the host has removed one.
        if user_id is not None and self.participants.banned(session_id, user_id):
            raise _removed()
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
        raise _removed()
    return participant


def _removed() -> Rejected:
    return Rejected("forbidden", "the host has removed you from this session")


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
