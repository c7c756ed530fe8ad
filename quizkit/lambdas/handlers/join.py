"""`POST /join` for guests and `POST /join/member` for signed-in players."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quizkit.lambdas.handlers import Event, Handler, json_body, lazy, on_request
from quizkit.lambdas.wiring import Wiring


def build(environ: Mapping[str, str]) -> Handler:
    joining = Wiring(environ).joining()

    def handle(event: Event, context: Any) -> Event:
        # Present only behind the JWT authorizer, which has checked the token.
        authorizer = event["requestContext"].get("authorizer") or {}
        user_id = authorizer.get("jwt", {}).get("claims", {}).get("sub")
        return on_request(event, lambda: joining.join(json_body(event), user_id))

    return handle


handler = lazy(build)
