"""quizkit.lambdas.handlers.join: `POST /join` and `POST /join/member`."""

from __future__ import annotations

import base64
import json
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from quizkit.lambdas.handlers.join import build
from tests.lambdas.handlers.conftest import Stage, request

CLAIMS = {"sub": "user-1", "token_use": "id"}


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
    event["requestContext"]["authorizer"] = {"jwt": {"claims": CLAIMS, "scopes": None}}
    joined = json.loads(stage.handler("join")(event, None)["body"])
    who = stage.wiring.participants.get(joined["session_id"], joined["participant_id"])
    assert who is not None
    assert who.user_id == "user-1"


@pytest.mark.parametrize(
    "authorizer",
    [
        {"jwt": {"claims": {**CLAIMS, "token_use": "access"}}},
        {"jwt": {"claims": {"sub": "user-1"}}},
        {"jwt": {"claims": {"token_use": "id"}}},
        {"jwt": {"claims": {}}},
        {},
        None,
    ],
)
def test_members_without_an_id_token(
    stage: Stage, session: dict[str, Any], authorizer: object
) -> None:
    """Another kind of token, and a route that lost its authorizer, let nobody in."""
    event = request({"pin": session["pin"], "nickname": "Eve"}, routeKey="POST /join/member")
    event["requestContext"]["authorizer"] = authorizer
    answer = stage.handler("join")(event, None)
    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["error"]["code"] == "unauthorized"
    stored = stage.wiring.sessions.load(session["session_id"])
    assert stored is not None
    assert stage.wiring.participants.everybody(stored) == []


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


def coming_from(address: str, body: object) -> dict[str, Any]:
    """A request whose address the gateway names; its headers name another one each time."""
    event = request(body)
    event["requestContext"]["http"]["sourceIp"] = address
    for header in ("x-forwarded-for", "x-real-ip", "forwarded"):
        event["headers"][header] = f"192.0.2.{secrets.randbelow(250)}"
    return event


def test_guessers_are_refused_and_others_are_not(stage: Stage, session: dict[str, Any]) -> None:
    """On real tables, over two environments: one budget for an address, IPv6 by its network."""
    environments = [stage.handler("join") for _ in range(2)]

    def ask(number: int, address: str, pin: str, nickname: str = "Eve") -> tuple[int, str]:
        event = coming_from(address, {"pin": pin, "nickname": nickname})
        answer = environments[number % 2](event, None)
        return answer["statusCode"], json.loads(answer["body"]).get("error", {}).get("code", "")

    wrong = f"{(int(session['pin']) + 1) % 10**6:06d}"
    evil = [f"2001:db8:0:7::{number:x}" for number in range(1, 140)]
    with ThreadPoolExecutor(8) as pool:
        found = Counter(pool.map(lambda n: ask(n, evil[n], wrong), range(len(evil))))
    assert found == {(404, "pin_not_found"): 100, (429, "too_many_requests"): 39}
    for number in range(2):
        assert ask(number, evil[0], session["pin"]) == (429, "too_many_requests")
        assert ask(number, "2001:db8:0:8::1", session["pin"], f"Ada{number}") == (200, "")
        assert ask(number, "198.51.100.7", session["pin"], f"Bob{number}") == (200, "")
        assert ask(number, "198.51.100.7", wrong) == (404, "pin_not_found")


def test_of_twins_at_once_one_gets_in(stage: Stage, session: dict[str, Any]) -> None:
    """Sixteen ask for one name, written in four ways, over real tables: one has it."""
    handle = stage.handler("join")
    names = ["Zoë", "ZOË", "Zoe\u0308", "ＺＯË"] * 4

    def join(nickname: str) -> int:
        return int(
            handle(request({"pin": session["pin"], "nickname": nickname}), None)["statusCode"]
        )

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(join, names)) == {200: 1, 409: 15}


def test_names_that_a_stage_refuses(stage: Stage, session: dict[str, Any]) -> None:
    """A stage's own list takes the default one's place; without the setting that one holds."""

    def status(nickname: str, **setting: str) -> int:
        handle = build({**stage.environ, **setting})
        body = {"pin": session["pin"], "nickname": nickname}
        return int(handle(request(body), None)["statusCode"])

    assert status("b1tch") == 400
    assert status("Voldemort") == 200
    assert status("V0ldemort 2", REFUSED_NAMES="voldemort,he who") == 400
    assert status("b1tch", REFUSED_NAMES="voldemort,he who") == 200
    assert status("Slut", REFUSED_NAMES="") == 200
