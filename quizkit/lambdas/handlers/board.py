"""`GET /leaderboard/{session_id}`, and control's order to renew a board in Redis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quizkit.lambdas.handlers import Event, Handler, lazy, on_request
from quizkit.lambdas.services.boards import top_of
from quizkit.lambdas.wiring import Wiring


def build(environ: Mapping[str, str]) -> Handler:
    boards = Wiring(environ).boards()

    def handle(event: Event, context: Any) -> Event:
        if "refresh" in event:
            return {"written": boards.refresh(event["refresh"])}

        def act() -> Mapping[str, Any]:
            top = top_of((event.get("queryStringParameters") or {}).get("top"))
            return boards.get(event["pathParameters"]["session_id"], top)

        return on_request(event, act)

    return handle


handler = lazy(build)
