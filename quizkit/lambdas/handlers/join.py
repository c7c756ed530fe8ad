"""`POST /join` for guests and `POST /join/member` for signed-in players."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quizkit.core.doors import DOORS, Role, require
from quizkit.core.guessing import source
from quizkit.lambdas.handlers import Event, Handler, claims, json_body, lazy, on_request
from quizkit.lambdas.wiring import Wiring


def build(environ: Mapping[str, str]) -> Handler:
    joining = Wiring(environ).joining()

    def handle(event: Event, context: Any) -> Event:
        return on_request(
            event, lambda: joining.join(json_body(event), _user_id(event), _source(event))
        )

    return handle


def _source(event: Event) -> str:
    """Who counts as one guesser; the gateway says which address a request came from.

    No header does: `X-Forwarded-For` begins with whatever the client wrote there.
    """
    return source(event["requestContext"]["http"].get("sourceIp", ""))


def _user_id(event: Event) -> str | None:
    """Whose account joins; None for a guest."""
    user_id: str | None = claims(event).get("sub")
    door = DOORS.get(str(event.get("routeKey")), DOORS["POST /join"])
    # Asked here too: a route for members that lost its authorizer lets nobody in.
    require(door, Role.ANONYMOUS if user_id is None else Role.PLAYER)
    return user_id


handler = lazy(build)
