"""The host's HTTP side: one event loop that reads, a pool of threads a function that works.

The APIs' invocations come over one connection, in `lines`. Those of the queue, the stream and
other functions come from MiniStack itself, which opens a connection for each. The loop takes a
thousand of either at once without a thread for each; the handlers, which block, run in threads.
Every function has a pool of its own: a function that invokes another through MiniStack (admin →
control → broadcast and board) then waits for a thread of *another* pool, and no ring of functions
waits for itself, so a full pool can only be slow, never stuck. A shared pool of any size would
get stuck as soon as every thread holds a caller.

The loop shares the interpreter lock with the handlers. That costs some latency under load, and
less than a thread per connection does.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from quizkit.local.hosting import lines
from quizkit.local.hosting.distribution import PREFIX
from quizkit.local.hosting.functions import Call, Reply
from quizkit.local.status import HOST

WORKERS: Final = 32
_BACKLOG: Final = 1024
_MAX_BODY: Final = 16 * 1024 * 1024
_READ_TIMEOUT_S: Final = 30.0
_DEFAULT_TIMEOUT_MS: Final = 60_000

_log = logging.getLogger(__name__)

Control: TypeAlias = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class BadRequest(Exception):
    """Not a request that this server takes."""


class Server:
    """Answers invocations and the host's own paths.

    Args:
        run: runs one invocation to its end, in the thread that calls it.
        controls: (method, path) → what to do there; its result is the JSON answer.
        media: answers requests whose path begins with `distribution.PREFIX`, by path and
            headers; without it there are none.
    """

    def __init__(
        self,
        run: Callable[[Call], Reply],
        controls: dict[tuple[str, str], Control],
        media: Callable[[str, dict[str, str]], Reply] | None = None,
    ) -> None:
        self._run = run
        self._controls = controls
        self._media = media
        self._pools: dict[str, ThreadPoolExecutor] = {}

    async def start(self, port: int) -> asyncio.Server:
        """Listen on `port` of the loopback interface."""
        return await asyncio.start_server(self._connection, HOST, port, backlog=_BACKLOG)

    def close(self) -> None:
        """Take no more work; what runs is left to its end."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close: that is how MiniStack asks; or go over to lines."""
        try:
            request = await asyncio.wait_for(read_request(reader), _READ_TIMEOUT_S)
            if request.headers.get("upgrade") == lines.PROTOCOL:
                await self._lines(reader, writer)
                return
            reply = await self._answer(request)
        except BadRequest as exc:
            reply = Reply(400, json.dumps({"message": str(exc)}).encode())
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        head = (
            f"HTTP/1.1 {reply.status} {'OK' if reply.status < 400 else 'Error'}\r\n"
            + "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
            + f"Content-Length: {len(reply.body)}\r\n"
            "Connection: close\r\n\r\n"
        )
        try:
            writer.write(head.encode() + reply.body)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except ConnectionError:
            # The caller gave up; its invocation has run all the same.
            return

    async def _lines(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer invocations until the caller goes."""
        writer.write(
            f"HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: {lines.PROTOCOL}\r\n\r\n".encode()
        )
        try:
            await lines.serve(reader, writer, self._start)
        except lines.NotALine as exc:
            _log.warning("an invocation cannot be read: %s", exc)
        finally:
            writer.close()

    def _start(self, call: Call, done: Callable[[Reply], None]) -> None:
        self._pool(call.function).submit(lambda: done(self._run(call)))

    async def _answer(self, request: Request) -> Reply:
        function = request.headers.get("x-amzn-lambda-function-name")
        if function and request.method == "POST":
            call = _call(function, request)
            return await self._in_thread(function, lambda: self._run(call))
        media = self._media
        if media is not None and request.method == "GET" and request.path.startswith(PREFIX):
            return await self._in_thread("media", lambda: media(request.path, request.headers))
        control = self._controls.get((request.method, request.path))
        if control is None:
            return Reply(404, b'{"message": "Not Found"}')
        return await self._in_thread("", lambda: Reply(200, json.dumps(control()).encode()))

    def _in_thread(self, pool_name: str, work: Callable[[], Reply]) -> Awaitable[Reply]:
        return asyncio.get_running_loop().run_in_executor(self._pool(pool_name), work)

    def _pool(self, name: str) -> ThreadPoolExecutor:
        pool = self._pools.get(name)
        if pool is None:
            pool = ThreadPoolExecutor(WORKERS, thread_name_prefix=name or "control")
            self._pools[name] = pool
        return pool


async def read_request(reader: asyncio.StreamReader) -> Request:
    """Read one request.

    Raises:
        BadRequest: it is none, or too large.
        asyncio.IncompleteReadError: the connection ended within it.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, path, _ = first.split(" ", 2)
        pairs = (line.partition(":") for line in rest)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        length = int(headers.get("content-length", "0"))
    except (asyncio.LimitOverrunError, ValueError) as exc:
        raise BadRequest("not an HTTP request with a Content-Length") from exc
    if not 0 <= length <= _MAX_BODY:
        raise BadRequest("the body is too large")
    return Request(method, path, headers, await reader.readexactly(length))


def _call(function: str, request: Request) -> Call:
    """The invocation in a request; a missing deadline gives it a minute."""
    try:
        deadline_ms = int(request.headers["x-amzn-lambda-deadline-ms"])
    except (KeyError, ValueError):
        deadline_ms = int(time.time() * 1000) + _DEFAULT_TIMEOUT_MS
    return Call(
        function=function,
        request_id=request.headers.get("x-amzn-lambda-request-id", ""),
        deadline_ms=deadline_ms,
        payload=request.body,
    )
