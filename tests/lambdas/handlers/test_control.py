"""quizkit.lambdas.handlers.control: hosts' sockets, the queue, calls by the admin function."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.game import DOCUMENT
from tests.lambdas.handlers.conftest import Stage, frame, message


def host(stage: Stage, session: dict[str, Any], **body: Any) -> dict[str, Any]:
    """A host's command; what comes back on the socket."""
    who = stage.seat(session, "host", "host")
    return frame(stage.handler("control")(message(who, {"action": "host", **body}), None))


def test_hosts_get_the_event_they_caused(stage: Stage, session: dict[str, Any]) -> None:
    """`start` answers with the question; the others with the session."""
    asked = host(stage, session, command="start")
    assert asked["action"] == "new_question"
    assert asked["question"]["id"] == "q1"
    locked = host(stage, session, command="lock")
    assert (locked["action"], locked["command"]) == ("session", "lock")
    assert (locked["session"]["locked"], locked["session"]["state"]) == (True, "open")
    closed = host(stage, session, command="close", version=locked["session"]["version"])
    assert closed["session"]["closes_at"] < asked["closes_at"]


def test_hosts_kick(stage: Stage, session: dict[str, Any]) -> None:
    """A player of their session, by id."""
    ada = stage.join(session, "Ada")
    kicked = host(stage, session, command="kick", participant_id=ada["participant_id"])
    assert kicked == {
        "action": "kicked",
        "participant_id": ada["participant_id"],
        "nickname": "Ada",
    }
    again = host(stage, session, command="kick", participant_id="nobody")
    assert again["code"] == "participant_not_found"


@pytest.mark.parametrize("command", ["start", "next", "close", "end", "kick", "lock", "unlock"])
def test_players_are_no_hosts(stage: Stage, session: dict[str, Any], command: str) -> None:
    """Every command from a player's socket is refused and changes nothing."""
    who = stage.seat(session, "Ada")
    before = stage.wiring.sessions.load(who.session_id)
    body = {
        "action": "host",
        "command": command,
        "participant_id": who.participant_id,
        "role": "host",
        "ref": 5,
    }
    answer = frame(stage.handler("control")(message(who, body), None))
    assert (answer["code"], answer["ref"]) == ("forbidden", 5)
    assert stage.wiring.sessions.load(who.session_id) == before
    stored = stage.wiring.participants.get(who.session_id, who.participant_id)
    assert stored is not None
    assert not stored.kicked


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "bad_request"),
        ({"command": None}, "bad_request"),
        ({"command": ["start"]}, "bad_request"),
        ({"command": "settle"}, "bad_request"),
        ({"command": "START"}, "bad_request"),
        ({"command": "start", "version": "1"}, "bad_request"),
        ({"command": "start", "version": True}, "bad_request"),
        ({"command": "start", "version": 99}, "conflict"),
        ({"command": "close"}, "not_allowed_now"),
        ({"command": "kick"}, "participant_not_found"),
    ],
)
def test_bad_commands(
    stage: Stage, session: dict[str, Any], body: dict[str, Any], code: str
) -> None:
    """A typed error; timers' own command is nobody's."""
    assert host(stage, session, **body)["code"] == code


def test_a_host_has_one_session(stage: Stage, session: dict[str, Any]) -> None:
    """The identity names it, whatever the message says."""
    other = stage.session()
    host(stage, session, command="lock", session_id=other["session_id"])
    untouched = stage.wiring.sessions.load(other["session_id"])
    assert untouched is not None
    assert not untouched.locked


def record(number: int, body: object) -> dict[str, Any]:
    """A message of the control queue."""
    return {
        "messageId": f"m{number}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"SentTimestamp": "1800000000000"},
    }


def test_a_failing_message_holds_up_no_other(
    stage: Stage, session: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Only it is delivered again; stale, unknown and unreadable ones are done, and logged."""
    sid = session["session_id"]
    timer = {"action": "start", "index": -1, "at": 0}
    # A quiz without a waiting session, so that the event is to make one.
    stage.wiring.questions.create("quiz-of-nobody", 1, DOCUMENT)
    nonsense = {"action": "start", "quiz_id": "quiz-of-nobody", "lobby_seconds": "soon"}
    bodies = [
        {"session_id": sid, "timer": {"action": "dance", "index": -1, "at": 0}},
        {"session_id": sid, "timer": timer},
        {"session_id": sid, "timer": timer},
        {"session_id": "none", "repair": 3},
        "not JSON",
        "[]",
        "[" * 100_000,
        '{"session_id": "\\ud800", "repair": 3}',
        {"detail-type": "Quiz Control", "id": "e1", "detail": nonsense},
        {"session_id": "none", "timer": timer},
    ]
    event = {"Records": [record(number, body) for number, body in enumerate(bodies)]}
    answer = stage.handler("control")(event, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["level"] for line in logged] == ["error", *["warning"] * 5]
    stored = stage.wiring.sessions.load(sid)
    assert stored is not None
    assert stored.index == 0


def test_calls_by_the_admin_function(stage: Stage) -> None:
    """`{"ok"}` or `{"error"}`."""
    handle = stage.handler("control")
    made = handle({"create": {"quiz_id": stage.quiz_id, "auto": True}}, None)["ok"]
    assert (made["state"], made["auto"], made["lobby_seconds"]) == ("lobby", True, 20)
    sid = made["session_id"]
    assert handle({"session_id": sid, "command": "start"}, None)["ok"]["state"] == "open"
    ada = stage.join(made, "Ada")
    kick = {"session_id": sid, "command": "kick", "participant_id": ada["participant_id"]}
    assert handle(kick, None)["ok"]["nickname"] == "Ada"
    for event, code in (
        ({"create": {"quiz_id": "none"}}, "quiz_not_found"),
        ({"session_id": "none", "command": "start"}, "session_not_found"),
        ({"command": "start"}, "session_not_found"),
        ({"session_id": sid, "command": "start"}, "not_allowed_now"),
        ({"session_id": sid}, "bad_request"),
    ):
        assert handle(event, None)["error"]["code"] == code
