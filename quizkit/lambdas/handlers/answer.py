"""Answers: `submit_answer` over the socket, and `POST /answer`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from quizkit.core.session import LEASE_MS
from quizkit.lambdas.budgets import Budgets
from quizkit.lambdas.handlers import (
    Event,
    Handler,
    bearer,
    identity,
    json_body,
    lazy,
    on_request,
    on_socket,
)
from quizkit.lambdas.ids import digest
from quizkit.lambdas.ports import Ticket
from quizkit.lambdas.services.joining import authenticate
from quizkit.lambdas.wiring import Wiring, clock

_KNOWN_TOKENS: Final = 5_000


def build(environ: Mapping[str, str]) -> Handler:
    wiring = Wiring(environ)
    intake = wiring.intake()
    budgets = Budgets()
    # Tokens checked a moment ago, hashed: a second answer costs no look-up. For one
    # lease only, so that somebody whom the host removes is refused soon.
    known: dict[str, tuple[int, Ticket]] = {}

    def who_holds(token: str) -> Ticket:
        now, key = clock(), digest(token)
        held = known.get(key)
        if held is not None and now < held[0]:
            return held[1]
        participant = authenticate(wiring.participants, token)
        ticket = Ticket(
            participant.session_id,
            participant.participant_id,
            participant.role,
            participant.nickname,
            participant.joined_at,
        )
        if len(known) >= _KNOWN_TOKENS:
            known.clear()
        known[key] = (now + LEASE_MS, ticket)
        return ticket

    def handle(event: Event, context: Any) -> Event:
        request = event["requestContext"]
        if "connectionId" in request:
            received_at = request["requestTimeEpoch"]
            who = identity(event)
            return on_socket(
                event, budgets, lambda message: intake.submit(who, message, received_at)
            )

        def act() -> Mapping[str, Any]:
            message = json_body(event)
            return intake.submit(who_holds(bearer(event)), message, request["timeEpoch"])

        return on_request(event, act)

    return handle


handler = lazy(build)
