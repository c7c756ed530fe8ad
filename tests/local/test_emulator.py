"""quizkit.local.emulator: MiniStack serves as ever, sockets survive, and a game costs it less."""

from __future__ import annotations

import asyncio
import http.client
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.sync.client import connect

from quizkit.local import emulator
from quizkit.local.emulator import Calls, Forwarding, Line, Request
from quizkit.local.hosting import lines
from quizkit.local.status import HOST
from tests.local.cloud import Cloud

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, Signature=a"


def test_a_deep_frame_does_not_close_its_socket(cloud: Cloud) -> None:
    """What is nested too deeply to be routed by a field goes to `$default`; so does the next."""
    url = cloud.socket_api(cloud.hosted_function())
    with connect(url, proxy=None) as client:
        for text in ("[" * 50_000, "[" * 10_000 + "]" * 10_000, '{"action": "x"}'):
            client.send(text)
            assert json.loads(client.recv(timeout=30)) == {"hosted": text}


async def test_a_socket_sleeps_until_there_is_something() -> None:
    """A frame wakes it, and so does its end; no time does."""
    sleeping = emulator.Sleeping()
    frames, end = sleeping.Queue(), sleeping.Event()
    other, _ = sleeping.Queue(), sleeping.Event()
    waiting = asyncio.create_task(sleeping.wait_for(frames.get(), timeout=0.01))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await frames.put("frame")
    assert await waiting == "frame"
    waiting = asyncio.create_task(sleeping.wait_for(frames.get(), timeout=0.01))
    end.set()
    assert await waiting is None
    assert end.is_set()
    assert other.empty()
    assert sleeping.create_task is asyncio.create_task


def test_logs_come_page_by_page(cloud: Cloud) -> None:
    """Every line once and in order, whatever the pages' size, also many of one time."""
    logs = cloud.client("logs")
    group = f"/test/{uuid.uuid4().hex}"
    logs.create_log_group(logGroupName=group)
    for stream in ("a", "b"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [{"timestamp": 1_000 + n // 5, "message": f"{stream}{n}"} for n in range(12)]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    pages = logs.get_paginator("filter_log_events")
    whole = logs.filter_log_events(logGroupName=group, startTime=1_001)["events"]
    assert [event["timestamp"] for event in whole] == [1_001] * 10 + [1_002] * 4
    assert len({event["eventId"] for event in whole}) == 14
    for size in (1, 3, 7, 100):
        found = pages.paginate(
            logGroupName=group, startTime=1_001, PaginationConfig={"PageSize": size}
        )
        assert [event for page in found for event in page["events"]] == whole
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.filter_log_events(logGroupName="/test/none")


def test_more_lines_of_a_moment_than_a_page_holds() -> None:
    """What MiniStack cannot be asked for is passed over, and reading comes to its end."""

    def find(data: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        lines = [{"timestamp": 5 + n // 12_000, "n": n} for n in range(12_003)]
        found = [line for line in lines if line["timestamp"] >= data["startTime"]]
        return 200, {}, json.dumps({"events": found[: data["limit"]]}).encode()

    logs = SimpleNamespace(_append_log_events=None, _filter_log_events=find)
    emulator.logs_in_full(logs)
    token: str | None = ""
    numbers: list[int] = []
    while token is not None:
        _, _, body = logs._filter_log_events({"nextToken": token})
        page = json.loads(body)
        numbers += [line["n"] for line in page["events"]]
        token = page.get("nextToken")
    assert numbers == [*range(10_000), 12_000, 12_001, 12_002]


def test_lines_of_the_runner_are_known_by_an_id(cloud: Cloud) -> None:
    """What MiniStack writes about an invocation can be told from what it wrote before."""
    name = cloud.native_function("def handler(event, context):\n    return None\n")
    cloud.invoke(name, {})
    events = cloud.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    assert len({event["eventId"] for event in events}) == len(events) == 3


# --- invocations -----------------------------------------------------------------------------


Answering = Callable[[int, bytes], Awaitable[bytes | None]]


@asynccontextmanager
async def host(answer: Answering, opened: list[int]) -> AsyncIterator[str]:
    """A handler host that answers each line by `answer`; how often it was connected to."""

    tasks = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.current_task())
        opened.append(1)
        head = await reader.readuntil(b"\r\n\r\n")
        assert f"Upgrade: {lines.PROTOCOL}".encode() in head
        writer.write(b"HTTP/1.1 101 OK\r\n\r\n")
        async for line in lines.lines_from(reader):
            number, call = lines.parse(line)
            said = await answer(number, call.payload)
            if said is None:
                break
            writer.write(said)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, HOST, 0)
    async with server:
        yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*filter(None, tasks))


async def test_invocations_share_a_connection() -> None:
    """Many at once, answered in any order, each with its own answer."""
    opened: list[int] = []
    held: list[bytes] = []

    async def answer(number: int, payload: bytes) -> bytes:
        held.append(b"%d 200\t%b\n" % (number, payload))
        return b"".join(reversed(held)) if len(held) == 50 else b""

    async with host(answer, opened) as url:
        line = Line(url)
        asked = (line.invoke("f", b"%d" % number, 10) for number in range(50))
        assert await asyncio.gather(*asked) == [(200, b"%d" % number) for number in range(50)]
        assert opened == [1]
        await line.close()


async def test_an_invocation_that_takes_too_long() -> None:
    """Its caller gives up; the answer that comes later is nobody's, and the line stays good."""
    opened: list[int] = []
    late = b""

    async def answer(number: int, payload: bytes) -> bytes:
        nonlocal late
        if payload == b"slow":
            late = b"%d 200\tlate\n" % number
            return b""
        return late + b"%d 200\tquick\n" % number

    async with host(answer, opened) as url:
        line = Line(url)
        with pytest.raises(TimeoutError):
            await line.invoke("f", b"slow", 0.05)
        assert await line.invoke("f", b"quick", 10) == (200, b"quick")
        assert opened == [1]
        await line.close()


async def test_a_host_that_goes_away() -> None:
    """Whoever waits is told at once; the next invocation finds the host that is back."""
    opened: list[int] = []

    async def answer(number: int, payload: bytes) -> bytes | None:
        return None if payload == b"die" else b"%d 200\t%b\n" % (number, payload)

    async with host(answer, opened) as url:
        line = Line(url)
        with pytest.raises(OSError, match="connection was lost"):
            await line.invoke("f", b"die", 10)
        assert await line.invoke("f", b"live", 10) == (200, b"live")
        assert len(opened) == 2
        await line.close()
    with pytest.raises(ConnectionRefusedError):
        await Line(url).invoke("f", b"{}", 10)


async def test_something_else_on_the_port() -> None:
    """What does not go over to lines is no handler host."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, HOST, 0)
    async with server:
        line = Line(f"http://{HOST}:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(OSError, match="no handler host"):
            await line.invoke("f", b"{}", 10)


async def test_results_are_what_ministack_expects() -> None:
    """A result, nothing, a failure, a host that is away, and functions that are not hosted."""

    async def threads(work: Any, *arguments: Any, **_: Any) -> Any:
        return ("in a thread", work(*arguments))

    def execute(record: Any, event: Any) -> str:
        return "executed"

    answers = {
        b'"ok"': b'200\t{"n": "\\u00e9"}',
        b'"nothing"': b"200\t",
        b'"bad"': b'500\t{"m": 1}',
    }

    async def answer(number: int, payload: bytes) -> bytes:
        return b"%d %b\n" % (number, answers[payload])

    async with host(answer, []) as url:
        gateway = SimpleNamespace(run_reentrant=threads)
        service = SimpleNamespace(
            _execute_function_with_config_scope=execute, _proxy_url_for=lambda one: one["url"]
        )
        forwarding = Forwarding(gateway, service)
        hosted = {"config": {"FunctionName": "f", "Timeout": 5, "url": url}}

        async def run(event: str, record: dict[str, Any] = hosted) -> Any:
            return await gateway.run_reentrant(execute, record, event, thread_name="x")

        assert await run("ok") == {"body": {"n": "é"}}
        assert await run("nothing") == {"body": None}
        failed = await run("bad")
        assert failed["error"] is True
        assert failed["body"]["errorMessage"] == 'Proxy target returned HTTP 500: {"m": 1}'
        native = {"config": {"FunctionName": "f", "url": None}}
        assert await run("ok", native) == ("in a thread", "executed")
        reserved = {**hosted, "concurrency": 5}
        assert await run("ok", reserved) == ("in a thread", "executed")
        assert await gateway.run_reentrant(len, "abc") == ("in a thread", 3)
        await forwarding.close()
    away = await run("ok", {"config": {"FunctionName": "f", "url": f"http://{HOST}:1"}})
    assert (away["error"], away["body"]["errorType"]) == (True, "Runtime.HandlerError")


def test_the_two_ends_agree() -> None:
    """The emulator's file cannot import the host's, so it says the protocol's name again."""
    assert emulator.PROTOCOL == lines.PROTOCOL


# --- calls -----------------------------------------------------------------------------------


@pytest.fixture
def table(cloud: Cloud) -> Iterator[str]:
    """A table of its own."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    cloud.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    cloud.client("dynamodb").delete_table(TableName=name)


def headers(operation: str, body: bytes, **more: str) -> dict[str, str]:
    """The headers of a call of DynamoDB."""
    return {
        "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": SIGNED,
        "Content-Length": str(len(body)),
        **more,
    }


def text(operation: str, document: object) -> bytes:
    """A call of DynamoDB, as bytes."""
    body = json.dumps(document).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in headers(operation, body).items())
    return f"POST / HTTP/1.1\r\nHost: {HOST}\r\n{head}\r\n".encode() + body


def test_calls_are_answered_as_by_ministack_itself(cloud: Cloud, table: str) -> None:
    """Status, body and what the client reads of the headers; `Origin` makes a call go its way."""
    item = {"pk": {"S": "a"}, "n": {"N": "1.5"}, "t": {"S": "é\u2028😀"}}
    absent = {
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    asked: list[tuple[str, object]] = [
        ("PutItem", {"TableName": table, "Item": item}),
        ("PutItem", {"TableName": table, "Item": item, **absent}),
        ("GetItem", {"TableName": table, "Key": {"pk": {"S": "a"}}}),
        ("GetItem", {"TableName": "none", "Key": {"pk": {"S": "a"}}}),
        ("PutItem", {"TableName": table, "Item": {"pk": {"N": "1"}}}),
        ("NoSuchThing", {}),
        ("GetItem", ["no", "object"]),
    ]
    port = int(cloud.status.gateway_url.rpartition(":")[2])
    found = []
    for more in ({}, {"Origin": "https://example.org"}):
        with closing(http.client.HTTPConnection(HOST, port, timeout=30)) as connection:
            for operation, document in asked:
                body = json.dumps(document).encode()
                connection.request("POST", "/", body, headers(operation, body, **more))
                answer = connection.getresponse()
                kept = ("content-type", "x-amz-crc32", "x-amzn-errortype")
                assert answer.getheader("date")
                shown = [answer.getheader(name) for name in kept]
                found.append((answer.status, json.loads(answer.read()), *shown))
    ours, theirs = found[: len(asked)], found[len(asked) :]
    assert ours == theirs
    assert [status for status, *_ in ours] == [200, 400, 200, 400, 400, 400, 500]
    assert ours[1][1]["Item"] == item


def exchange(cloud: Cloud, sent: list[bytes], ends: bytes) -> bytes:
    """Send bytes in pieces over one connection, and read until `ends` has come."""

    async def talk() -> bytes:
        port = int(cloud.status.gateway_url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection(HOST, port)
        for piece in sent:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        found = b""
        async with asyncio.timeout(30):
            while ends not in found:
                found += await reader.read(65_536)
        writer.close()
        await writer.wait_closed()
        return found

    return asyncio.run(talk())


def test_requests_come_in_any_pieces(cloud: Cloud, table: str) -> None:
    """Two in one packet, one byte by byte; each is answered once."""
    put = text("PutItem", {"TableName": table, "Item": {"pk": {"S": "first"}}})
    get = text("GetItem", {"TableName": table, "Key": {"pk": {"S": "first"}}})
    found = exchange(cloud, [put + get], b'"first"')
    assert found.count(b"HTTP/1.1 200 OK") == 2
    pieces = [get[place : place + 1] for place in range(len(get))]
    assert exchange(cloud, pieces, b'"first"').count(b"HTTP/1.1 200 OK") == 1


def test_other_requests_go_the_usual_way(cloud: Cloud, table: str) -> None:
    """Before and after calls on the same connection; also what is no request at all."""
    put = text("PutItem", {"TableName": table, "Item": {"pk": {"S": "first"}}})
    get = text("GetItem", {"TableName": table, "Key": {"pk": {"S": "first"}}})
    health = f"GET /_ministack/health HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    found = exchange(cloud, [put, health, get], b'"first"')
    assert found.count(b"HTTP/1.1 200") == 3
    assert b'"services"' in found
    found = exchange(cloud, [health, put, get], b'"first"')
    assert found.count(b"HTTP/1.1 200") == 3
    assert b"HTTP/1.1 400" in exchange(cloud, [b"POST nonsense\r\n\r\n"], b"\r\n\r\n")


def test_posts_reach_sockets(cloud: Cloud) -> None:
    """A post arrives on its socket; one to a socket that is gone is told so."""
    url = cloud.socket_api(cloud.hosted_function())
    path = "/" + url.split("/", 3)[3] + "/@connections/"
    port = int(url.split(":")[2].split("/")[0])
    with (
        connect(url, proxy=None) as client,
        closing(http.client.HTTPConnection(HOST, port, timeout=30)) as connection,
    ):
        client.send("who am I?")
        name = json.loads(client.recv(timeout=30))["connection"]
        connection.request("POST", path + name, "grüße".encode())
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        assert client.recv(timeout=30) == "grüße"
        connection.request("POST", path + "gone%3D", b"x")
        answer = connection.getresponse()
        assert answer.status == 410
        assert json.loads(answer.read()) == {"message": "GoneException"}


@pytest.mark.parametrize(
    ("head", "takes"),
    [
        ("POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.GetItem", True),
        ("POST / HTTP/1.1\r\nX-Amz-Target: DynamoDBStreams_20120810.GetRecords", False),
        ("POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.SendMessage", False),
        ("POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\nExpect: 1", False),
        ("POST /x HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.GetItem", False),
        ("POST /_aws/execute-api/a1/dev/@connections/b%3D HTTP/1.1", True),
        ("POST /_aws/execute-api/a1/dev/join HTTP/1.1", False),
        ("DELETE /_aws/execute-api/a1/dev/@connections/b HTTP/1.1", False),
    ],
)
def test_what_is_handed_on(head: str, takes: bool) -> None:
    """Calls of DynamoDB and posts, plain ones; nothing where IAM is enforced."""
    request = Request(f"{head}\r\nContent-Length: 2".encode())
    assert Calls(SimpleNamespace(AUTH=False)).takes(request) is takes
    assert Calls(SimpleNamespace(AUTH=True)).takes(request) is False
