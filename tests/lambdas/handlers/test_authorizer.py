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
