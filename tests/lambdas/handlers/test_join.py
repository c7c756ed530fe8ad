"""quizkit.lambdas.handlers.join: `POST /join` and `POST /join/member`."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.lambdas.handlers.conftest import Stage, request


def test_joining(stage: Stage, session: dict[str, Any]) -> None:
    """200, JSON, not to be kept by anybody in between."""
    body = {"pin": session["pin"], "nickname": "Ada"}
    answer = stage.handler("join")(request(body), None)
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "application/json"
    assert answer["headers"]["cache-control"] == "no-store"
    joined = json.loads(answer["body"])
    assert set(joined) == {
        "session_id",
        "participant_id",
        "nickname",
        "resume_token",
        "ticket",
        "websocket_url",
    }
    again = {"pin": session["pin"], "resume_token": joined["resume_token"]}
    back = json.loads(stage.handler("join")(request(again), None)["body"])
    assert back["participant_id"] == joined["participant_id"]
    assert back["ticket"] != joined["ticket"]


def test_a_body_that_the_gateway_encoded(stage: Stage, session: dict[str, Any]) -> None:
    """A client that declares no JSON is understood all the same."""
    text = json.dumps({"pin": session["pin"], "nickname": "Zoë"}).encode()
    event = request(base64.b64encode(text).decode(), isBase64Encoded=True)
    answer = stage.handler("join")(event, None)
    assert json.loads(answer["body"])["nickname"] == "Zoë"


def test_members(stage: Stage, session: dict[str, Any]) -> None:
    """Behind the JWT authorizer the account stands with the participant."""
    event = request({"pin": session["pin"], "nickname": "Ada"})
    event["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": "user-1"}, "scopes": None}}
    joined = json.loads(stage.handler("join")(event, None)["body"])
    who = stage.wiring.participants.get(joined["session_id"], joined["participant_id"])
    assert who is not None
    assert who.user_id == "user-1"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (None, 400, "bad_request"),
        ("null", 400, "bad_request"),
        ("pin=123456", 400, "bad_request"),
        ({"pin": "000000x", "nickname": "Ada"}, 404, "pin_not_found"),
        ({"nickname": "Ada"}, 404, "pin_not_found"),
        ({"resume_token": "x.00y.z"}, 401, "unauthorized"),
        ({"resume_token": None}, 401, "unauthorized"),
        ({"pin": "x" * 40_000}, 413, "message_too_large"),
    ],
)
def test_errors(stage: Stage, body: object, status: int, code: str) -> None:
    """4xx with code and message; nothing else is told."""
    answer = stage.handler("join")(request(body), None)
    assert answer["statusCode"] == status
    error = json.loads(answer["body"])
    assert set(error) == {"error"}
    assert error["error"]["code"] == code
    assert error["error"]["message"]


def test_a_body_that_is_not_base64(stage: Stage) -> None:
    """What the gateway could not have sent is a bad request too."""
    answer = stage.handler("join")(request("%%%", isBase64Encoded=True), None)
    assert answer["statusCode"] == 400
