"""quizkit.lambdas.handlers.answer: the socket and HTTP, one set of rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quizkit.lambdas.ports import Ticket
from tests.lambdas.handlers.conftest import Stage, frame, message, request


def over_http(token: str | None, at: int, body: object) -> dict[str, Any]:
    """A `POST /answer` received at a time."""
    event = request(body)
    event["requestContext"]["timeEpoch"] = at
    if token is not None:
        event["headers"]["authorization"] = token
    return event


def identity(joined: dict[str, Any]) -> Ticket:
    """Who somebody that has joined is on a socket."""
    return Ticket(joined["session_id"], joined["participant_id"], "player", joined["nickname"], 0)


def test_both_ways_are_one(stage: Stage, session: dict[str, Any]) -> None:
    """An answer over the socket is acknowledged again over HTTP, and the other way round."""
    ada, bob = stage.join(session, "Ada"), stage.join(session, "Bob")
    window = stage.open(session)
    handle = stage.handler("answer")
    right = {"action": "submit_answer", "question_id": "q1", "answer": ["b"], "ref": "r1"}
    first = frame(handle(message(identity(ada), right, at=window.opens_at + 7), None))
    assert first == {
        "action": "answer_accepted",
        "question_id": "q1",
        "ref": "r1",
        "received_at": window.opens_at + 7,
    }
    again = handle(over_http(f"Bearer {ada['resume_token']}", window.opens_at + 900, right), None)
    assert (again["statusCode"], json.loads(again["body"])) == (200, first)
    wrong = {"question_id": "q1", "answer": ["a"]}
    other = handle(over_http(f"bearer {bob['resume_token']}", window.opens_at + 8, wrong), None)
    assert json.loads(other["body"])["received_at"] == window.opens_at + 8
    changed = frame(handle(message(identity(bob), right, at=window.opens_at + 9), None))
    assert (changed["action"], changed["code"], changed["ref"]) == (
        "error",
        "already_answered",
        "r1",
    )


def test_errors_over_http(stage: Stage, session: dict[str, Any]) -> None:
    """Each refusal has its status."""
    ada = stage.join(session, "Ada")
    window = stage.open(session)
    handle, token = stage.handler("answer"), f"Bearer {ada['resume_token']}"
    body = {"question_id": "q1", "answer": ["b"]}
    for at, changed, status, code in (
        (window.opens_at - 1, {}, 409, "question_not_open"),
        (window.closes_at + 1, {}, 409, "question_closed"),
        (window.opens_at, {"question_id": "q2"}, 409, "wrong_question"),
        (window.opens_at, {"question_id": None}, 400, "bad_request"),
        (window.opens_at, {"answer": ["z"]}, 400, "invalid_answer"),
    ):
        answer = handle(over_http(token, at, body | changed), None)
        assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (status, code)
    assert stage.wiring.answers.get(ada["session_id"], ada["participant_id"], "q1") is None


@pytest.mark.parametrize("token", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a.00b.c"])
def test_who_has_no_token(stage: Stage, token: str | None) -> None:
    """401, whatever is wrong with it."""
    answer = stage.handler("answer")(over_http(token, 0, {"question_id": "q1"}), None)
    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["error"]["code"] == "unauthorized"


def test_nobody_answers_for_another(stage: Stage, session: dict[str, Any]) -> None:
    """Names of others in the body are passed over: the token's owner answers."""
    ada, bob = stage.join(session, "Ada"), stage.join(session, "Bob")
    window = stage.open(session)
    body = {"question_id": "q1", "answer": ["b"], "participant_id": bob["participant_id"]}
    event = over_http(f"Bearer {ada['resume_token']}", window.opens_at, body)
    assert stage.handler("answer")(event, None)["statusCode"] == 200
    answers = stage.wiring.answers
    assert answers.get(bob["session_id"], bob["participant_id"], "q1") is None
    assert answers.get(ada["session_id"], ada["participant_id"], "q1") is not None


def test_kicked_players_are_refused(stage: Stage, session: dict[str, Any]) -> None:
    """Their token is good for nothing any more."""
    ada = stage.join(session, "Ada")
    window = stage.open(session)
    stage.wiring.participants.kick(ada["session_id"], ada["participant_id"])
    event = over_http(
        f"Bearer {ada['resume_token']}", window.opens_at, {"question_id": "q1", "answer": ["b"]}
    )
    assert stage.handler("answer")(event, None)["statusCode"] == 403


def test_tokens_are_checked_once_a_lease(stage: Stage, session: dict[str, Any]) -> None:
    """The second answer within it costs no look-up, and still stands for the same player."""
    ada = stage.join(session, "Ada")
    window = stage.open(session)
    handle, token = stage.handler("answer"), f"Bearer {ada['resume_token']}"
    body = {"question_id": "q1", "answer": ["b"]}
    first = handle(over_http(token, window.opens_at, body), None)
    second = handle(over_http(token, window.opens_at + 5, body), None)
    assert second["body"] == first["body"]
