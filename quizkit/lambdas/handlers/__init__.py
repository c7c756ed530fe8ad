"""Entry points: one module a function, each with `build(environ)` and a lazy `handler`.

`build` makes the function from its settings; the process that hosts functions locally
calls it. On AWS the runtime calls `handler`, which builds itself from the environment on
its first event.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from quizkit.core import messages
from quizkit.core.errors import QuizError, Rejected
from quizkit.lambdas.ports import Ticket

Event = dict[str, Any]
Handler = Callable[[Event, Any], Any]


def lazy(build: Callable[[Mapping[str, str]], Handler]) -> Handler:
    """A handler that builds itself from the environment when the first event comes."""
    built: list[Handler] = []

    def handler(event: Event, context: Any) -> Any:
        if not built:
            built.append(build(os.environ))
        return built[0](event, context)

    return handler


# --- WebSocket -------------------------------------------------------------------------


def identity(event: Event) -> Ticket:
    """Who is on the socket, as the authorizer said; the gateway hands values over as text."""
    context = event["requestContext"]["authorizer"]
    return Ticket(
        session_id=context["session_id"],
        participant_id=context["participant_id"],
        role=context["role"],
        nickname=context["nickname"],
        joined_at=int(context["joined_at"]),
    )


def frame(message: Mapping[str, Any]) -> Event:
    """A route response: the one frame that answers a message on its own socket."""
    return {"statusCode": 200, "body": messages.encode(message)}


def on_socket(event: Event, act: Callable[[dict[str, Any]], Mapping[str, Any]]) -> Event:
    """Answer a message by `act`; a refusal becomes an `error` frame, the socket stays."""
    ref: str | int | None = None
    try:
        message = messages.decode(event.get("body"))
        ref = messages.reference(message)
        return frame(act(message))
    except QuizError as exc:
        return frame(messages.error(exc, ref))


# --- HTTP ------------------------------------------------------------------------------


def reply(status: int, document: Mapping[str, Any]) -> Event:
    """An HTTP response."""
    headers = {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return {"statusCode": status, "headers": headers, "body": messages.encode(document)}


def on_request(event: Event, act: Callable[[], Mapping[str, Any]]) -> Event:
    """Answer a request by `act`; a refusal becomes its status and an `error` document."""
    try:
        return reply(200, act())
    except QuizError as exc:
        return reply(exc.status, {"error": failure(exc)})


def failure(exc: QuizError) -> dict[str, Any]:
    """An error as documents carry it; an invalid quiz lists its problems."""
    document: dict[str, Any] = {"code": exc.code, "message": exc.message}
    problems = getattr(exc, "problems", None)
    if problems:
        document["problems"] = [{"path": list(p.path), "message": p.message} for p in problems]
    return document


def json_body(event: Event) -> dict[str, Any]:
    """The JSON object in a request's body."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        # The gateway encodes what is not declared as JSON; `curl -d` declares a form.
        body = base64.b64decode(body).decode("utf-8", "replace")
    return messages.decode(body)


def bearer(event: Event) -> str:
    """The bearer token of a request."""
    scheme, _, token = event.get("headers", {}).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Rejected("unauthorized", "send the resume token as bearer token")
    return str(token.strip())


# --- direct invocation -----------------------------------------------------------------


def on_call(act: Callable[[], Mapping[str, Any]]) -> Event:
    """Answer a direct invocation: `{"ok": …}` or `{"error": …}`."""
    try:
        return {"ok": act()}
    except QuizError as exc:
        return {"error": failure(exc)}


def parse_json(text: str) -> dict[str, Any]:
    """A JSON object that we, or a service of AWS, wrote; {} where it is anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
