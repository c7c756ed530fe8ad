"""The host's HTTP side, over real connections."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from quizkit.local.hosting.functions import Call, Reply
from quizkit.local.hosting.server import WORKERS, Server
from quizkit.local.status import HOST


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[int]:
    """Serve on a free port."""
    listener = await server.start(0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]
    server.close()


async def ask(port: int, text: str) -> tuple[int, bytes]:
    """Send a request as it stands; the status and the body."""
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(text.encode())
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    return (int(head.split(b" ")[1]) if head else 0), body


def invocation(function: str, body: str = "{}", headers: str = "") -> str:
    """An invocation as MiniStack sends it."""
    return (
        "POST / HTTP/1.1\r\nHost: x\r\n"
        f"X-Amzn-Lambda-Function-Name: {function}\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )


async def test_invocation_reaches_the_runner() -> None:
    """Name, request id, deadline and payload of the call are those of the request."""
    calls: list[Call] = []

    def run(call: Call) -> Reply:
        calls.append(call)
        return Reply(200, b'{"ok": true}')

    headers = "X-Amzn-Lambda-Request-Id: r1\r\nX-AMZN-Lambda-Deadline-Ms: 123\r\n"
    async with serving(Server(run, {})) as port:
        assert await ask(port, invocation("one", '{"a": 1}', headers)) == (200, b'{"ok": true}')
    assert calls == [Call("one", "r1", 123, b'{"a": 1}')]


async def test_deadline_is_made_up_where_it_is_missing() -> None:
    """A call by hand gets a minute."""
    calls: list[Call] = []

    def run(call: Call) -> Reply:
        calls.append(call)
        return Reply(500, b"{}")

    async with serving(Server(run, {})) as port:
        assert await ask(port, invocation("one")) == (500, b"{}")
    assert calls[0].deadline_ms > 1_600_000_000_000


async def test_full_pool_of_one_function_does_not_hold_up_another() -> None:
    """With every thread of a caller waiting for another function, that one still runs."""
    called = threading.Semaphore(0)

    def run(call: Call) -> Reply:
        if call.function == "caller":
            called.acquire(timeout=30)
        else:
            called.release()
        return Reply(200, b"")

    many = WORKERS * 2
    async with serving(Server(run, {})) as port:
        callers = [asyncio.create_task(ask(port, invocation("caller"))) for _ in range(many)]
        answers = await asyncio.gather(*(ask(port, invocation("called")) for _ in range(many)))
        answers += await asyncio.gather(*callers)
    assert {status for status, _ in answers} == {200}


async def test_thousand_connections_at_once() -> None:
    """A burst of a thousand players is answered, each of them."""
    async with serving(Server(lambda call: Reply(200, call.payload), {})) as port:
        bodies = [json.dumps({"n": number}) for number in range(1000)]
        answers = await asyncio.gather(*(ask(port, invocation("one", body)) for body in bodies))
    assert [body.decode() for _, body in answers] == bodies


async def test_controls_answer_on_their_paths() -> None:
    """The host's own paths answer, others are not found."""
    server = Server(lambda call: Reply(200, b""), {("GET", "/health"): lambda: {"status": "ok"}})
    async with serving(server) as port:
        assert await ask(port, "GET /health HTTP/1.1\r\n\r\n") == (200, b'{"status": "ok"}')
        assert (await ask(port, "POST /health HTTP/1.1\r\n\r\n"))[0] == 404
        assert (await ask(port, "GET / HTTP/1.1\r\nX-Amzn-Lambda-Function-Name: a\r\n\r\n"))[
            0
        ] == 404


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("nonsense\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nX: " + "x" * 100_000 + "\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", 0),
        ("POST", 0),
    ],
)
async def test_what_is_no_request_is_refused(text: str, status: int) -> None:
    """Broken requests get an answer or a closed connection, and the server goes on."""
    server = Server(lambda call: Reply(200, b""), {("GET", "/health"): dict})
    async with serving(server) as port:
        assert (await ask(port, text))[0] == status
        assert (await ask(port, "GET /health HTTP/1.1\r\n\r\n"))[0] == 200
