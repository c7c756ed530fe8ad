"""Entry points: one module a function, each with `build(environ)` and a lazy `handler`.

`build` makes the function from its settings; the process that hosts functions locally
calls it. On AWS the runtime calls `handler`, which builds itself from the environment on
its first event.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from typing import Any

from quizkit.core import messages
from quizkit.core.errors import QuizError, Rejected
from quizkit.lambdas.budgets import Budgets
from quizkit.lambdas.ports import Ticket

#: A host's request may hold a whole quiz.
MAX_HOST_BYTES = 1024 * 1024
#: What EventBridge and SQS carry at most.
MAX_EVENT_BYTES = 1024 * 1024

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


def on_socket(
    event: Event, budgets: Budgets, act: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> Event:
    """Answer a message by `act`; a refusal becomes an `error` frame, the socket stays."""
    request = event["requestContext"]
    ref: str | int | None = None
    try:
        # Read first, so that the refusal of one too many names the message that it answers.
        message = messages.decode(event.get("body"))
        ref = messages.reference(message)
        budgets.spend(request["connectionId"], request["requestTimeEpoch"])
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


def json_body(event: Event, limit: int = messages.MAX_MESSAGE_BYTES) -> dict[str, Any]:
    """The JSON object in a request's body of at most `limit` bytes."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        # The gateway encodes what is not declared as JSON; `curl -d` declares a form.
        try:
            body = base64.b64decode(body).decode()
        except ValueError:
            raise Rejected("bad_request", "the body is not text in UTF-8") from None
    return messages.decode(body, limit)


def bearer(event: Event) -> str:
    """The bearer token of a request."""
    scheme, _, token = event.get("headers", {}).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Rejected("unauthorized", "send the resume token as bearer token")
    return str(token.strip())


def claims(event: Event) -> Mapping[str, Any]:
    """What the gateway's JWT authorizer read in an ID token; {} on a route that has none.

    Raises:
        Rejected: `unauthorized`: the token is of another kind. The gateway takes access
            tokens, too, since Cognito names the client in both; but only an ID token says
            who somebody is.
    """
    authorizer = event["requestContext"].get("authorizer") or {}
    found: Mapping[str, Any] = authorizer.get("jwt", {}).get("claims", {})
    if found and (found.get("token_use") != "id" or not found.get("sub")):
        raise Rejected("unauthorized", "send the ID token of your sign-in as bearer token")
    return found


# --- direct invocation -----------------------------------------------------------------


def on_call(act: Callable[[], Mapping[str, Any]]) -> Event:
    """Answer a direct invocation: `{"ok": …}` or `{"error": …}`."""
    try:
        return {"ok": act()}
    except QuizError as exc:
        return {"error": failure(exc)}
