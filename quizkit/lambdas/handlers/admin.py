"""`POST /host/{operation}` for signed-in hosts, and direct calls by admins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from quizkit.core import doors
from quizkit.core.doors import Role
from quizkit.core.owners import ADMIN, Caller
from quizkit.lambdas.handlers import (
    MAX_HOST_BYTES,
    Event,
    Handler,
    claims,
    json_body,
    lazy,
    on_call,
    on_request,
)
from quizkit.lambdas.wiring import Wiring

HOSTS: Final = "hosts"


def build(environ: Mapping[str, str]) -> Handler:
    hosting = Wiring(environ).hosting()

    def handle(event: Event, context: Any) -> Event:
        if "requestContext" not in event:
            # Whoever may invoke the function directly holds AWS credentials for it.
            return on_call(lambda: hosting.run(str(event.get("operation")), event, ADMIN))

        def act() -> Mapping[str, Any]:
            operation = str(event["pathParameters"]["operation"])
            host = _host(event, operation)
            body = json_body(event, MAX_HOST_BYTES) if event.get("body") else {}
            return hosting.run(operation, body, host)

        return on_request(event, act)

    return handle


def _host(event: Event, operation: str) -> Caller:
    """The host who signed in.

    Raises:
        Rejected: `forbidden`: whoever it is, they are no host; `unauthorized`.
    """
    found = claims(event)
    # The gateway hands a list of groups over as text: "[hosts others]".
    groups = str(found.get("cognito:groups", "")).strip("[]").replace(",", " ").split()
    doors.require(doors.operation(operation), Role.HOST if HOSTS in groups else Role.PLAYER)
    return Caller(str(found["sub"]))


handler = lazy(build)
