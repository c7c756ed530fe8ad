"""Who is told about winners."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quizkit.sdk import winners
from quizkit.sdk.errors import Conflict, Misuse, NotFound
from quizkit.sdk.target import Target
from tests.deployed import Deployed

QUEUE = "arn:aws:sqs:us-east-1:000000000000:quizkit-dev-control-dead"


@pytest.fixture
def target(deployed: Deployed) -> Target:
    """The deployed stage."""
    return Target("local", endpoint_url=deployed.gateway_url)


@pytest.fixture
def outputs(deployed: Deployed, target: Target) -> Iterator[dict[str, str]]:
    """Its outputs; subscriptions that a test leaves are removed."""
    yield deployed.outputs
    for item in winners.subscriptions(target, deployed.outputs):
        if item["subscription"] is not None:
            winners.unsubscribe(target, deployed.outputs, item["subscription"])


@pytest.mark.parametrize(
    ("endpoint", "protocol"),
    [
        ("ada@example.org", "email"),
        ("https://example.org/hook?x=1", "https"),
        ("http://127.0.0.1:8080/", "http"),
        (QUEUE, "sqs"),
        ("arn:aws:lambda:eu-central-1:123456789012:function:f", "lambda"),
        ("+491701234567", "sms"),
    ],
)
def test_the_way_follows_from_the_endpoint(endpoint: str, protocol: str) -> None:
    """Each kind of endpoint has its protocol."""
    assert winners.protocol_of(endpoint) == protocol


@pytest.mark.parametrize("endpoint", ["", "ada", "ada@", "ftp://x", "arn:aws:s3:::b", "017012"])
def test_what_cannot_be_subscribed(endpoint: str) -> None:
    """Anything else is wrong usage, and says what would do."""
    with pytest.raises(Misuse) as caught:
        winners.protocol_of(endpoint)
    assert "email" in str(caught.value.hint)


def test_a_queue_comes_and_goes(target: Target, outputs: dict[str, str]) -> None:
    """Subscribing twice makes one subscription, which can be named by endpoint or ARN."""
    first = winners.subscribe(target, outputs, QUEUE)
    assert first["confirmed"]
    winners.subscribe(target, outputs, QUEUE)
    # Other tests may have left queues of theirs on the topic.
    mine = [each for each in winners.subscriptions(target, outputs) if each["endpoint"] == QUEUE]
    assert mine == [first]
    assert winners.unsubscribe(target, outputs, str(first["subscription"])) == first
    with pytest.raises(NotFound):
        winners.unsubscribe(target, outputs, QUEUE)


def test_an_endpoint_that_has_not_confirmed() -> None:
    """SNS has no ARN for it yet, so it is listed as waiting and cannot be removed."""
    waiting = winners._subscription("ada@example.org", "email", "PendingConfirmation")
    assert waiting["subscription"] is None
    assert waiting["confirmed"] is False
    assert winners._subscription("a", "email", "pending confirmation")["confirmed"] is False


def test_removing_one_that_has_not_confirmed(
    target: Target, outputs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told that nothing has to be done."""
    waiting = winners._subscription("ada@example.org", "email", "PendingConfirmation")
    monkeypatch.setattr(winners, "subscriptions", lambda target, outputs: [waiting])
    with pytest.raises(Conflict, match="not confirmed"):
        winners.unsubscribe(target, outputs, "ada@example.org")
    monkeypatch.undo()


def test_a_stack_without_the_topic(target: Target) -> None:
    """Outputs of an older stack lead to a deployment."""
    with pytest.raises(NotFound) as caught:
        winners.subscriptions(target, {})
    assert caught.value.code == "stack_not_found"


def test_the_topic_of_alarms_has_its_own_subscriptions(
    target: Target, outputs: dict[str, str]
) -> None:
    """Who is told about winners is not told about alarms."""
    winners.subscribe(target, outputs, QUEUE)
    told = winners.subscriptions(target, outputs, topic=winners.OPERATIONS)
    assert QUEUE not in [each["endpoint"] for each in told]
