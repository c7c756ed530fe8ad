"""Sockets: `$disconnect`, `ping`, `join_quiz`, and messages of no known route.

`$connect` has no function: the authorizer says who is on the socket, and `join_quiz` binds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quizkit.core.errors import Rejected
from quizkit.lambdas.budgets import Budgets
from quizkit.lambdas.handlers import Event, Handler, identity, lazy, on_socket
from quizkit.lambdas.wiring import Wiring


def build(environ: Mapping[str, str]) -> Handler:
    presence = Wiring(environ).presence()
    budgets = Budgets()

    def handle(event: Event, context: Any) -> Event:
        request = event["requestContext"]
        who, connection_id = identity(event), request["connectionId"]
        # The kind of event decides, not the route's name: a client may well send
        # {"action": "$disconnect"}.
        if request["eventType"] == "DISCONNECT":
            presence.disconnect(who, connection_id)
            return {"statusCode": 200}

        def act(message: dict[str, Any]) -> Mapping[str, Any]:
            match message.get("action"):
                case "ping":
                    return {"action": "pong"}
                case "join_quiz":
                    return presence.arrive(who, connection_id)
            raise Rejected("unknown_action", "no such action; see docs/protocol.md")

        return on_socket(event, budgets, act)

    return handle


handler = lazy(build)
