"""The authorizer of `$connect`: turns a one-time ticket into an identity.

The ticket is consumed in the same request that checks it; a replay finds nothing. Every
later message of the socket carries the identity, so no client can name another's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from quizkit.lambdas.handlers import Event, Handler, lazy
from quizkit.lambdas.wiring import Wiring, clock


def build(environ: Mapping[str, str]) -> Handler:
    tickets = Wiring(environ).tickets

    def authorize(event: Event, context: Any) -> Event:
        token = (event.get("queryStringParameters") or {}).get("ticket", "")
        ticket = tickets.redeem(token, clock())
        statement = {
            "Action": "execute-api:Invoke",
            "Effect": "Allow" if ticket else "Deny",
            "Resource": event["methodArn"],
        }
        return {
            "principalId": ticket.participant_id if ticket else "nobody",
            "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            "context": {key: str(value) for key, value in asdict(ticket).items()} if ticket else {},
        }

    return authorize


handler = lazy(build)
