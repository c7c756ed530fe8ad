"""quizkit.lambdas.handlers.connection: sockets, and messages of every kind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quizkit.core.budget import BURST, EVERY_MS
from tests.lambdas.handlers.conftest import Stage, frame, message

JOIN = {"action": "join_quiz"}


def test_a_socket_comes_and_goes(stage: Stage, session: dict[str, Any]) -> None:
    """Bound by `join_quiz`, unbound at `$disconnect`."""
    who, handle = stage.seat(session, "Ada"), stage.handler("connection")
    handle(message(who, JOIN, "c1"), None)
    stored = stage.wiring.participants.get(who.session_id, who.participant_id)
    assert stored is not None
    assert stored.connection_id == "c1"
    assert handle(message(who, None, "c1", "DISCONNECT"), None) == {"statusCode": 200}
    stored = stage.wiring.participants.get(who.session_id, who.participant_id)
    assert stored is not None
    assert stored.connection_id is None


def test_kicked_players_stay_out(stage: Stage, session: dict[str, Any]) -> None:
    """A ticket from before the kick opens a socket that nothing is sent to."""
    who = stage.seat(session, "Ada")
    stage.wiring.participants.kick(who.session_id, who.participant_id)
    answer = frame(stage.handler("connection")(message(who, JOIN, "c1"), None))
    assert (answer["action"], answer["code"]) == ("error", "forbidden")
    stored = stage.wiring.participants.get(who.session_id, who.participant_id)
    assert stored is not None
    assert stored.connection_id is None


def test_ping_and_join(stage: Stage, session: dict[str, Any]) -> None:
    """Both answer on their own socket."""
    who, handle = stage.seat(session, "Ada"), stage.handler("connection")
    assert frame(handle(message(who, {"action": "ping"}), None)) == {"action": "pong"}
    joined = frame(handle(message(who, {"action": "join_quiz"}), None))
    assert joined["action"] == "quiz_joined"
    assert joined["session"]["participant_id"] == who.participant_id
    assert joined["session"]["state"] == "lobby"


def test_a_new_socket_closes_the_old_one(stage: Stage, session: dict[str, Any]) -> None:
    """Through the gateway."""
    who, handle = stage.seat(session, "Ada"), stage.handler("connection")
    stage.gateway.open("old")
    handle(message(who, JOIN, "old"), None)
    assert "old" in stage.gateway.frames
    handle(message(who, JOIN, "new"), None)
    assert "old" not in stage.gateway.frames


@pytest.mark.parametrize("action", ["$connect", "$disconnect", "$default", "CONNECT", "nothing"])
def test_route_names_are_no_messages(stage: Stage, session: dict[str, Any], action: str) -> None:
    """A client that names a route in a message moves no socket and gets an error."""
    who, handle = stage.seat(session, "Ada"), stage.handler("connection")
    handle(message(who, JOIN, "c1"), None)
    event = message(who, {"action": action, "ref": "r1"}, "c9")
    event["requestContext"]["routeKey"] = action
    answer = frame(handle(event, None))
    assert (answer["action"], answer["code"], answer["ref"]) == ("error", "unknown_action", "r1")
    stored = stage.wiring.participants.get(who.session_id, who.participant_id)
    assert stored is not None
    assert stored.connection_id == "c1"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "bad_request"),
        ("", "bad_request"),
        ("null", "bad_request"),
        ("[]", "bad_request"),
        ("{", "bad_request"),
        ('{"action": NaN}', "bad_request"),
        ("[" * 3_000, "bad_request"),
        (json.dumps({"action": "ping", "x": "x" * 40_000}), "message_too_large"),
        ("{}", "unknown_action"),
        ('{"action": null}', "unknown_action"),
        ('{"action": ["ping"]}', "unknown_action"),
        ('{"action": {"a": 1}}', "unknown_action"),
        ('{"action": "PING"}', "unknown_action"),
        ('{"action": "\\ud800"}', "bad_request"),
        ('{"action": "ping", "ref": "\\udfff"}', "bad_request"),
        ('{"action": "ping", "action": "ping"}', "bad_request"),
        ('{"action": "ping", "ref": 9007199254740992}', "bad_request"),
    ],
)
def test_bad_messages(stage: Stage, session: dict[str, Any], body: str, code: str) -> None:
    """Each gets a typed error on its own socket, which stays."""
    who = stage.seat(session, "Ada")
    answer = frame(stage.handler("connection")(message(who, body), None))
    assert (answer["action"], answer["code"]) == ("error", code)
    assert answer["message"]


def test_a_flood_is_refused(stage: Stage, session: dict[str, Any]) -> None:
    """Past its budget a socket is told so, by `ref`; nobody else's, and not for long."""
    ada, bob = stage.seat(session, "Ada"), stage.seat(session, "Bob")
    handle = stage.handler("connection")

    def ping(connection_id: str, at: int, ref: int = 0) -> dict[str, Any]:
        who = bob if connection_id == "bob" else ada
        return frame(
            handle(message(who, {"action": "ping", "ref": ref}, connection_id, at=at), None)
        )

    assert {ping("ada", 1_000)["action"] for _ in range(BURST)} == {"pong"}
    refused = ping("ada", 1_000, 7)
    assert (refused["action"], refused["code"]) == ("error", "too_many_requests")
    assert refused["ref"] == 7
    assert ping("bob", 1_000) == {"action": "pong"}
    assert ping("ada", 1_000 + EVERY_MS) == {"action": "pong"}
    assert ping("ada", 1_000 + EVERY_MS)["code"] == "too_many_requests"
