"""Invocations over one connection: they run side by side and are answered as they end."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from quizkit.local.hosting import lines
from quizkit.local.hosting.functions import Call, Reply
from quizkit.local.hosting.server import WORKERS, Server
from quizkit.local.status import HOST
from tests.local.hosting.test_server import serving

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def line_to(port: int) -> AsyncIterator[Streams]:
    """A connection that has gone over to lines."""
    reader, writer = await asyncio.open_connection(HOST, port, limit=2**20)
    writer.write(f"GET / HTTP/1.1\r\nUpgrade: {lines.PROTOCOL}\r\n\r\n".encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def answers(reader: asyncio.StreamReader, count: int) -> dict[int, tuple[int, bytes]]:
    """The next answers, by number."""
    found = {}
    for _ in range(count):
        head, _, body = (await reader.readline()).rstrip(b"\n").partition(b"\t")
        number, status = head.split()
        found[int(number)] = (int(status), body)
    return found


async def test_an_invocation_reaches_the_runner() -> None:
    """Name, request id, deadline and payload of the call are those of the line."""
    calls: list[Call] = []

    def run(call: Call) -> Reply:
        calls.append(call)
        return Reply(500, b'{"no": 1}')

    async with serving(Server(run, {})) as port, line_to(port) as (reader, writer):
        writer.write(b'7 some-function r1 123\t{"a": "\\t b"}\n')
        assert await answers(reader, 1) == {7: (500, b'{"no": 1}')}
    assert calls == [Call("some-function", "r1", 123, b'{"a": "\\t b"}')]


async def test_answers_come_as_they_are_ready() -> None:
    """A slow invocation holds up no other, and none of another function when its pool is full."""
    release = threading.Event()

    def run(call: Call) -> Reply:
        if call.function == "slow":
            release.wait(30)
        return Reply(200, call.payload)

    async with serving(Server(run, {})) as port, line_to(port) as (reader, writer):
        for number in range(WORKERS * 2):
            writer.write(b"%d slow r 1\t{}\n" % number)
        writer.write(b"900 quick r 1\t[1]\n901 quick r 1\t[2]\n")
        assert await answers(reader, 2) == {900: (200, b"[1]"), 901: (200, b"[2]")}
        release.set()
        rest = await answers(reader, WORKERS * 2)
    assert set(rest) == set(range(WORKERS * 2))


async def test_a_thousand_at_once_and_lines_in_pieces() -> None:
    """However the bytes come in, each invocation gets the answer to its own payload."""
    async with (
        serving(Server(lambda call: Reply(200, call.payload), {})) as port,
        line_to(port) as (reader, writer),
    ):
        sent = {number: json.dumps({"n": number, "x": "é" * number}) for number in range(1_000)}
        text = b"".join(b"%d f r 1\t%b\n" % (n, body.encode()) for n, body in sent.items())
        asking = asyncio.create_task(answers(reader, len(sent)))
        for start in range(0, len(text), 9_973):
            writer.write(text[start : start + 9_973])
            await writer.drain()
        found = await asking
    assert found == {number: (200, body.encode()) for number, body in sent.items()}


@pytest.mark.parametrize(
    "text", ["nonsense", "1 f r\t{}", "x f r 1\t{}", "1 f r soon\t{}", "1 é r 1\t{}", ""]
)
async def test_what_is_no_line_ends_the_connection(text: str) -> None:
    """The other end speaks something else; the server goes on."""
    async with serving(Server(lambda call: Reply(200, b"1"), {})) as port:
        async with line_to(port) as (reader, writer):
            writer.write(f"{text}\n".encode())
            assert await reader.read() == b""
        async with line_to(port) as (reader, writer):
            writer.write(b"1 f r 1\t{}\n")
            assert await answers(reader, 1) == {1: (200, b"1")}


async def test_a_caller_that_goes_away() -> None:
    """What it has asked for runs to its end; its answer goes nowhere."""
    begun, ended = threading.Event(), threading.Event()
    release = threading.Event()

    def run(call: Call) -> Reply:
        begun.set()
        release.wait(30)
        ended.set()
        return Reply(200, b"")

    async with serving(Server(run, {})) as port:
        async with line_to(port) as (_, writer):
            writer.write(b"1 f r 1\t{}\n")
            await asyncio.to_thread(begun.wait, 30)
        release.set()
        await asyncio.to_thread(ended.wait, 30)
        await asyncio.sleep(0.05)
    assert ended.is_set()
