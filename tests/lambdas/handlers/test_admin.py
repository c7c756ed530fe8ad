"""quizkit.lambdas.handlers.admin: for signed-in hosts, and for whoever may invoke it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.game import DOCUMENT
from tests.lambdas.handlers.conftest import Stage, request


def post(
    stage: Stage, operation: str, body: object, groups: object = "[hosts]", **more: object
) -> tuple[int, dict[str, Any]]:
    """`POST /host/{operation}` by an account of some groups: status and document."""
    event = request(body, pathParameters={"operation": operation})
    claims = {"sub": "user-1", "token_use": "id"} | more
    if groups is not None:
        claims["cognito:groups"] = groups
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims}}
    answer = stage.handler("admin")(event, None)
    return answer["statusCode"], json.loads(answer["body"])


def test_a_direct_call(stage: Stage) -> None:
    """The operation's name and its arguments in one object."""
    handle = stage.handler("admin")
    made = handle({"operation": "quiz.create", "document": DOCUMENT}, None)["ok"]
    assert made["questions"] == 3
    got = handle({"operation": "quiz.get", "quiz_id": made["quiz_id"]}, None)["ok"]
    assert got["document"]["title"] == "Capitals"
    error = handle({"operation": "quiz.get", "quiz_id": "none"}, None)["error"]
    assert error["code"] == "quiz_not_found"
    assert handle({}, None)["error"]["code"] == "unknown_action"


def test_problems_are_listed(stage: Stage) -> None:
    """Every one, each with its path."""
    event = {"operation": "quiz.create", "document": {"titel": "x", "questions": [{}]}}
    error = stage.handler("admin")(event, None)["error"]
    assert error["code"] == "invalid_quiz"
    assert [problem["path"] for problem in error["problems"]] == [
        ["titel"],
        [],
        ["questions", 0],
        ["questions", 0],
    ]


def test_a_problem_that_is_no_text_can_be_shown(stage: Stage) -> None:
    """A key that is a lone surrogate is refused over HTTP and named in a direct call's answer."""
    status, error = post(stage, "quiz.create", '{"document": {"\\ud800": 1}}')
    assert (status, error["error"]["code"]) == (400, "bad_request")
    event = {"operation": "quiz.create", "document": {"\ud800": 1}}
    assert stage.handler("admin")(event, None)["error"]["code"] == "invalid_quiz"


@pytest.mark.parametrize("groups", ["[hosts]", "[others hosts]", "[hosts, others]", "hosts"])
def test_hosts_may(stage: Stage, groups: str) -> None:
    """However the gateway writes the list."""
    status, listed = post(stage, "quiz.list", {}, groups)
    assert status == 200
    assert stage.quiz_id in [quiz["quiz_id"] for quiz in listed["quizzes"]]


@pytest.mark.parametrize("groups", [None, "", "[]", "[others]", "[hostsx xhosts]", "[HOSTS]"])
def test_others_may_not(stage: Stage, groups: object) -> None:
    """Signed in is not enough."""
    status, error = post(stage, "quiz.list", {}, groups)
    assert (status, error["error"]["code"]) == (403, "forbidden")


def test_nobody_without_an_authorizer(stage: Stage) -> None:
    """A route that lost its authorizer lets nobody in."""
    event = request({}, pathParameters={"operation": "quiz.list"})
    assert stage.handler("admin")(event, None)["statusCode"] == 403


@pytest.mark.parametrize("other", [{"token_use": "access"}, {"token_use": None}, {"sub": ""}])
def test_another_kind_of_token(stage: Stage, other: dict[str, object]) -> None:
    """The gateway takes access tokens of the same client, too; they do not say who somebody is."""
    status, error = post(stage, "quiz.list", {}, **other)
    assert (status, error["error"]["code"]) == (401, "unauthorized")


def test_a_host_owns_what_they_make(stage: Stage) -> None:
    """The account stands with the quiz; another host sees nothing of it, an admin all."""
    made = post(stage, "quiz.create", {"document": DOCUMENT})[1]
    key = {"quiz_id": made["quiz_id"]}
    assert post(stage, "quiz.get", key)[1]["owner"] == "user-1"
    for operation in ("quiz.get", "quiz.delete", "session.start"):
        status, error = post(stage, operation, key, sub="user-2")
        assert (status, error["error"]["code"]) == (403, "forbidden")
    listed = post(stage, "quiz.list", {}, sub="user-2")[1]["quizzes"]
    assert made["quiz_id"] not in [quiz["quiz_id"] for quiz in listed]
    admin = stage.handler("admin")({"operation": "quiz.get", **key, "sub": "x"}, None)
    assert admin["ok"]["owner"] == "user-1"


@pytest.mark.parametrize("body", [None, ""])
def test_no_body(stage: Stage, body: str | None) -> None:
    """Taken for no arguments."""
    assert post(stage, "session.get", body)[1]["error"]["code"] == "pin_not_found"


@pytest.mark.parametrize(
    "body", ["null", "[]", "{", "[" * 100_000, '{"pin": NaN}', '{"pin": 1, "pin": 2}', "\ud800"]
)
def test_bodies_that_are_none(stage: Stage, body: str) -> None:
    """What is no JSON object is refused, as in every other request."""
    status, error = post(stage, "session.get", body)
    assert (status, error["error"]["code"]) == (400, "bad_request")


def test_a_whole_quiz_is_taken(stage: Stage) -> None:
    """A host's request may be far longer than a player's, up to a limit of its own."""
    document = {**DOCUMENT, "description": "é" * 3_999, "attribution": "long" * 250}
    long = {"document": document, "more": "x" * 100_000}
    assert post(stage, "quiz.create", long)[0] == 200
    status, error = post(stage, "quiz.create", {"document": DOCUMENT, "more": "x" * 1024 * 1024})
    assert (status, error["error"]["code"]) == (413, "message_too_large")


def test_sessions_go_through_the_control_function(stage: Stage) -> None:
    """The admin function may not move them itself."""
    status, made = post(stage, "session.start", {"quiz_id": stage.quiz_id, "auto": True})
    assert status == 200
    asked = {"create": {"quiz_id": stage.quiz_id, "auto": True}, "owner": "user-1"}
    assert made["asked"] == asked
