"""`POST /host/{operation}` for signed-in hosts, and direct calls by admins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from quizkit.core.errors import Rejected
from quizkit.lambdas.handlers import Event, Handler, lazy, on_call, on_request, parse_json
from quizkit.lambdas.wiring import Wiring

HOSTS: Final = "hosts"


def build(environ: Mapping[str, str]) -> Handler:
    hosting = Wiring(environ).hosting()

    def handle(event: Event, context: Any) -> Event:
        if "requestContext" not in event:
            # Whoever may invoke the function directly holds AWS credentials for it.
            return on_call(lambda: hosting.run(str(event.get("operation")), event))

        def act() -> Mapping[str, Any]:
            _require_host(event)
            body = parse_json(event.get("body") or "{}")
            return hosting.run(event["pathParameters"]["operation"], body)

        return on_request(event, act)

    return handle


def _require_host(event: Event) -> None:
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    # The gateway hands a list of groups over as text: "[hosts others]".
    groups = str(claims.get("cognito:groups", "")).strip("[]").replace(",", " ").split()
    if HOSTS not in groups:
        raise Rejected("forbidden", "your account is not in the group of hosts")


handler = lazy(build)
