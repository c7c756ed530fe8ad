"""quizkit.lambdas.handlers.authorizer: a ticket is an identity, once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lambdas.handlers.conftest import Stage

ARN = "arn:aws:execute-api:us-east-1:000000000000:api/dev/$connect"


def event(query: object) -> dict[str, Any]:
    """A `$connect` request before its authorizer."""
    return {"type": "REQUEST", "methodArn": ARN, "queryStringParameters": query}


def effect(answer: dict[str, Any]) -> str:
    """Allow or Deny."""
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Resource"] == ARN
    return str(statement["Effect"])


def test_a_ticket_opens_one_socket(stage: Stage, session: dict[str, Any]) -> None:
    """The first use gives the identity, all of it text; the second use is denied."""
    joined = stage.join(session, "Ada")
    authorize = stage.handler("authorizer")
    answer = authorize(event({"ticket": joined["ticket"]}), None)
    assert effect(answer) == "Allow"
    assert answer["principalId"] == joined["participant_id"]
    context = answer["context"]
    assert (context["session_id"], context["role"]) == (session["session_id"], "player")
    assert all(isinstance(value, str) for value in context.values())
    assert effect(authorize(event({"ticket": joined["ticket"]}), None)) == "Deny"


@pytest.mark.parametrize("query", [None, {}, {"ticket": ""}, {"ticket": "wrong"}])
def test_no_ticket_no_socket(stage: Stage, query: object) -> None:
    """Nothing is told about why."""
    answer = stage.handler("authorizer")(event(query), None)
    assert effect(answer) == "Deny"
    assert (answer["principalId"], answer["context"]) == ("nobody", {})


@pytest.mark.parametrize(
    "headers",
    [
        {"headers": {"Origin": "https://evil.test"}},
        {"headers": {"origin": "null"}},
        {"multiValueHeaders": {"Origin": ["https://quiz.example.org.evil.test"]}},
        {"multiValueHeaders": {"Origin": ["https://quiz.example.org", "https://evil.test"]}},
        {"multiValueHeaders": {"Origin": ["https://quiz.example.org"], "origin": ["null"]}},
    ],
)
def test_pages_of_other_origins_are_refused(
    stage: Stage, session: dict[str, Any], headers: dict[str, Any]
) -> None:
    """However the header is spelled and however often; the ticket is not spent by it."""
    joined = stage.join(session, "Bob")
    authorize = stage.handler("authorizer")
    asked = event({"ticket": joined["ticket"]})
    answer = authorize(asked | headers, None)
    assert effect(answer) == "Deny"
    assert (answer["principalId"], answer["context"]) == ("nobody", {})
    assert effect(authorize(asked, None)) == "Allow"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"headers": None, "multiValueHeaders": None},
        {"headers": {"User-Agent": "quizkit"}},
        {"headers": {"Origin": "https://quiz.example.org"}},
        {"multiValueHeaders": {"ORIGIN": ["https://quiz.example.org"]}},
    ],
)
def test_listed_pages_and_programs_are_let_in(
    stage: Stage, session: dict[str, Any], headers: dict[str, Any]
) -> None:
    """A listed origin, or none at all: a program that is no browser."""
    joined = stage.join(session, "Bob")
    asked = event({"ticket": joined["ticket"]}) | headers
    assert effect(stage.handler("authorizer")(asked, None)) == "Allow"
