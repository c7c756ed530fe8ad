"""The proxy counts what passes by, and changes nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import urllib3

from bench.wire import Wire
from tests.fakes.cloud import REGION, cloud


@pytest.fixture
def called() -> list[tuple[str, Any]]:
    """Functions that were run, with their events."""
    return []


@pytest.fixture
def wire(called: list[tuple[str, Any]]) -> Iterator[Wire]:
    """A proxy before the run's emulator."""

    def invoke(function: str, event: Any) -> Any:
        called.append((function, event))
        return {"heard": event}

    made = Wire(cloud().port, invoke)
    yield made
    made.close()


@pytest.fixture
def client(wire: Wire) -> Iterator[Any]:
    """Makes clients as the function `answer` has them."""
    made: list[Any] = []

    def make(service: str) -> Any:
        session: Any = boto3.session.Session()
        made.append(
            session.client(
                service,
                region_name=REGION,
                endpoint_url=wire.url("answer"),
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        )
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_calls_of_tables_are_counted_with_their_units(wire: Wire, client: Any) -> None:
    """By function and operation; the item is really there."""
    table = cloud().table()
    dynamodb = client("dynamodb")
    item = {"pk": {"S": "p"}, "sk": {"S": "s"}, "x": {"S": "x" * 1_500}}
    with wire.counting() as counts:
        dynamodb.put_item(TableName=table, Item=item)
        found = dynamodb.get_item(
            TableName=table, Key={"pk": {"S": "p"}, "sk": {"S": "s"}}, ConsistentRead=True
        )
    assert found["Item"] == item
    assert counts.trips == {
        ("answer", "dynamodb", "PutItem"): 1,
        ("answer", "dynamodb", "GetItem"): 1,
    }
    assert (counts.reads, counts.writes) == (1, 2)
    assert (counts.of("dynamodb"), counts.of("dynamodb", "GetItem")) == (2, 1)


def test_a_refused_write_counts_and_is_refused(wire: Wire, client: Any) -> None:
    """The client sees the emulator's error, with the row that stood there."""
    table = cloud().table()
    dynamodb = client("dynamodb")
    put = {
        "TableName": table,
        "Item": {"pk": {"S": "p"}, "sk": {"S": "s"}},
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    dynamodb.put_item(**put)
    refusal = dynamodb.exceptions.ConditionalCheckFailedException
    with wire.counting() as counts, pytest.raises(refusal) as refused:
        dynamodb.put_item(**put)
    assert refused.value.response["Item"] == put["Item"]
    assert (counts.trips.total(), counts.writes) == (1, 1)


def test_messages_of_the_queue_are_kept(wire: Wire, client: Any) -> None:
    """Their bodies and delays, so that the bench can deliver them."""
    url = cloud().queue()
    with wire.counting() as counts:
        client("sqs").send_message(QueueUrl=url, MessageBody='{"a":1}', DelaySeconds=3)
    assert counts.sent == [({"a": 1}, 3)]
    assert counts.of("sqs", "SendMessage") == 1


def test_publishing_is_counted(wire: Wire, client: Any) -> None:
    """The topic speaks another protocol."""
    arn, _ = cloud().topic()
    with wire.counting() as counts:
        client("sns").publish(TopicArn=arn, Message="m")
    assert counts.of("sns", "Publish") == 1


def test_functions_called_by_functions_run_here(
    wire: Wire, client: Any, called: list[tuple[str, Any]]
) -> None:
    """With their event; the caller gets their answer."""
    with wire.counting() as counts:
        answer = client("lambda").invoke(FunctionName="broadcast", Payload=b'{"n":1}')
        assert answer["Payload"].read() == b'{"heard": {"n": 1}}'
    assert called == [("broadcast", {"n": 1})]
    assert counts.invocations == {"broadcast": 1}
    assert counts.by("answer") == counts.of("lambda", "Invoke") == 1


def test_posts_to_sockets_are_kept_by_connection(wire: Wire) -> None:
    """Each is a message; they are no round trip to a store."""
    pool = urllib3.PoolManager()
    with wire.counting() as counts:
        for body in (b"one", b"two"):
            url = f"{wire.url('broadcast')}/bench/@connections/c%3D"
            assert pool.request("POST", url, body=body).status == 200
        assert pool.request("DELETE", url).status == 200
    pool.clear()
    assert counts.bodies == {"c=": [b"one", b"two"]}
    assert (counts.posts, counts.messages, counts.by("broadcast")) == (2, 2, 0)


def test_outside_a_block_nothing_is_kept(wire: Wire) -> None:
    """Each block has counts of its own."""
    wire.exchanged("before")
    with wire.counting() as counts:
        wire.exchanged("frame")
        wire.requested("body")
        wire.invoked("join")
    wire.exchanged("after")
    assert (counts.messages, counts.requests, counts.answered) == (2, 1, 9)
    assert counts.invocations == {"join": 1}
