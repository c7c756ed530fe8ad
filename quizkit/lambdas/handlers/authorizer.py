"""The authorizer of `$connect`: turns a one-time ticket into an identity.

The ticket is consumed in the same request that checks it; a replay finds nothing. Every
later message of the socket carries the identity, so no client can name another's. A page of
an origin that the stage does not list is refused before its ticket is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from quizkit.core import origins
from quizkit.lambdas.handlers import Event, Handler, lazy
from quizkit.lambdas.wiring import Wiring, clock


def build(environ: Mapping[str, str]) -> Handler:
    tickets = Wiring(environ).tickets
    allowed = origins.split(environ["ORIGINS"])

    def authorize(event: Event, context: Any) -> Event:
        token = (event.get("queryStringParameters") or {}).get("ticket", "")
        admitted = origins.admits(allowed, _origins(event))
        ticket = tickets.redeem(token, clock()) if admitted else None
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


def _origins(event: Event) -> list[str]:
    """Every `Origin` header of the request, however its name is spelled."""
    headers = event.get("multiValueHeaders") or {
        name: [value] for name, value in (event.get("headers") or {}).items()
    }
    return [
        value for name, values in headers.items() if name.lower() == "origin" for value in values
    ]


handler = lazy(build)
