"""MiniStack's process, with some things put right before it serves.

Run as a file, not as a module: it needs nothing of quizkit, which a source tree that is not
installed could not import from here. The changes take the place of names of MiniStack's own,
which may change; it is pinned, and `differences` tells when to delete each.

Deep frames. A socket's message is routed by one of its fields, so MiniStack parses every frame.
Ten thousand nested arrays exhaust its parser, and instead of taking the frame for one without
the field, as API Gateway does with what it cannot read, it closes the socket.

Invocations. MiniStack starts a thread and opens a connection for each, and writes lines to a log
stream of its own: four fifths of what a player's message costs its one interpreter. Here the
APIs' invocations of hosted functions go to the handler host over one connection that is kept, a
line each way, answered in any order:

    NUMBER FUNCTION REQUEST-ID DEADLINE-MS <tab> the event as JSON
    NUMBER STATUS <tab> the result as JSON, or nothing

`quizkit.local.hosting.lines` is the other end. Functions' own output is shipped from there, so
only the lines START, END and REPORT are missing from their logs.

Calls. A request passes MiniStack's server, written for every protocol, and a dispatcher, written
for every service, before it reaches the one that it is for: three quarters of what storing an
answer costs. Here calls of DynamoDB and posts to sockets, which a game makes by the thousand,
are read by a few lines of our own and handed to the same handlers. Whatever else a connection
carries goes the usual way, and so does everything where IAM is enforced.

Sockets. MiniStack looks twice a second whether there is a frame for a socket, with a task and a
timer each time: half of what a thousand sockets cost that do nothing. Here they sleep.

Queues. MiniStack knows a queue by its URL, port and all, and what reads queues for functions looks
for the URL that the queue would have now. After a start on another port it would find none.

Logs. FilterLogEvents gives ten thousand lines and no token for the rest, and lines of functions
that MiniStack runs itself have no id. Here there are pages, and every line is known by its id.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import logging
import re
import time
import uuid
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

#: As in `hosting.lines`, which cannot be imported from here.
PROTOCOL = "quizkit-lines"
_CHUNK = 256 * 1024
_CONNECT_S = 5.0
#: Log lines that FilterLogEvents gives at once, at most.
_PAGE = 10_000
_LARGEST = 32 * 1024 * 1024
_SOCKET = re.compile(
    r"/_aws/execute-api/(?P<api>\w+)/(?P<stage>[\w-]+)/@connections/(?P<id>[^/?]+)"
)
#: Headers of requests that need what MiniStack's own way does with them.
_SPECIAL = frozenset({"content-encoding", "expect", "origin", "transfer-encoding"})
#: MiniStack holds all its data as objects. With Python's own thresholds the collector walks
#: through all of them every few hundred requests, for a sixth of the time.
_COLLECTOR = (50_000, 20, 100)

_log = logging.getLogger("quizkit.local.emulator")


class Line:
    """A connection to the handler host, opened when needed; it belongs to one event loop."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[tuple[int, bytes]]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._opening = asyncio.Lock()

    async def invoke(self, function: str, payload: bytes, seconds: float) -> tuple[int, bytes]:
        """Have a function run; its status and result.

        Raises:
            TimeoutError: it did not answer within its time.
            OSError: the host is away, or went away meanwhile.
        """
        number = next(self._numbers)
        deadline = int((time.time() + seconds) * 1000)
        head = f"{number} {function} {uuid.uuid4()} {deadline}\t"
        async with asyncio.timeout(seconds):
            writer = self._writer
            if writer is None:
                writer = await self._open()
            answer: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
            self._waiting[number] = answer
            try:
                writer.write(head.encode() + payload + b"\n")
                return await answer
            finally:
                self._waiting.pop(number, None)

    async def close(self) -> None:
        """Give the connection up, and with it whatever waits for an answer."""
        if self._writer is not None:
            self._writer.close()
            await self._reading

    async def _open(self) -> asyncio.StreamWriter:
        async with self._opening:
            if self._writer is not None:
                return self._writer
            async with asyncio.timeout(_CONNECT_S):
                reader, writer = await asyncio.open_connection(self._host, self._port)
                writer.write(
                    f"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: {PROTOCOL}\r\n\r\n".encode()
                )
                head = await reader.readuntil(b"\r\n\r\n")
            if b" 101 " not in head.partition(b"\r\n")[0]:
                writer.close()
                raise ConnectionError("it is no handler host")
            self._writer = writer
            self._reading = asyncio.create_task(self._read(reader, writer))
            return writer

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand answers to those who wait, until the host is gone; then fail the rest."""
        try:
            rest = b""
            while chunk := await reader.read(_CHUNK):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    head, _, body = line.partition(b"\t")
                    number, status = head.split()
                    answer = self._waiting.get(int(number))
                    if answer is not None and not answer.done():
                        answer.set_result((int(status), body))
        except (OSError, ValueError):
            pass
        finally:
            self._writer = None
            writer.close()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the connection was lost"))


class Forwarding:
    """Stands in for the threads in which MiniStack's APIs run functions."""

    def __init__(self, apigateway: Any, lambda_svc: Any) -> None:
        self._run_in_thread = apigateway.run_reentrant
        self._execute = lambda_svc._execute_function_with_config_scope
        self._url_of = lambda_svc._proxy_url_for
        self._lines: dict[str, Line] = {}
        apigateway.run_reentrant = self.run

    async def run(self, work: Any, *arguments: Any, **options: Any) -> Any:
        """Run a hosted function over its line, anything else as ever."""
        if work is self._execute:
            record, event = arguments
            config = record.get("config") or record
            url = self._url_of(config)
            if url and record.get("concurrency") is None:
                return await self._invoke(url, config, event)
        return await self._run_in_thread(work, *arguments, **options)

    async def close(self) -> None:
        """Give all lines up."""
        for line in self._lines.values():
            await line.close()

    async def _invoke(self, url: str, config: dict[str, Any], event: Any) -> dict[str, Any]:
        """The result in the form in which MiniStack's own executors give it."""
        line = self._lines.get(url)
        if line is None:
            line = self._lines[url] = Line(url)
        seconds = int(config.get("Timeout") or 3)
        try:
            payload = json.dumps(event).encode()
            status, body = await line.invoke(config["FunctionName"], payload, seconds)
        except TimeoutError:
            return _failure("Sandbox.Timedout", f"Task timed out after {seconds}.00 seconds")
        except OSError as exc:
            return _failure("Runtime.HandlerError", f"Proxy target {url} unreachable: {exc}")
        if status != 200:
            said = body[:512].decode("utf-8", "replace")
            return _failure("Runtime.HandlerError", f"Proxy target returned HTTP {status}: {said}")
        return {"body": json.loads(body) if body else None}


def _failure(kind: str, message: str) -> dict[str, Any]:
    return {"body": {"errorMessage": message, "errorType": kind}, "error": True}


class Request:
    """The head of a request, header names in lower case; ValueError where it is none."""

    def __init__(self, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.path, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        self.headers = {name.lower(): value.strip() for name, _, value in pairs}
        self.length = int(self.headers.get("content-length", ""))


class Calls:
    """Hands requests to the handlers of MiniStack that they are for.

    Args:
        app: the module `ministack.app`.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._enforced = bool(app.AUTH)

    def takes(self, request: Request) -> bool:
        """Whether a request is one of those that are handed on here."""
        headers = request.headers
        if request.method != "POST" or self._enforced or not _SPECIAL.isdisjoint(headers):
            return False
        if not 0 <= request.length <= _LARGEST:
            return False
        if request.path == "/":
            return headers.get("x-amz-target", "").startswith("DynamoDB_20120810.")
        return _SOCKET.fullmatch(request.path) is not None

    async def answer(self, request: Request, body: bytes) -> bytes:
        """Have a request handled; the whole HTTP response."""
        app, headers = self._app, request.headers
        async with app._get_reset_lock():
            pass
        app.set_request_account_id(app.extract_access_key_id(headers, {}))
        app.set_request_region(app.extract_region(headers, {}))
        try:
            status, found, answer = await self._handle(request, body)
        except Exception as exc:  # noqa: BLE001 - MiniStack answers so, whatever it is
            _log.exception("a request failed")
            said = {"__type": "InternalError", "message": str(exc)}
            status, found, answer = 500, {"Content-Type": "application/json"}, json.dumps(said)
        content = answer.encode() if isinstance(answer, str) else answer
        lines = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            *(f"{name}: {value}" for name, value in found.items()),
            f"x-amzn-RequestId: {uuid.uuid4()}",
            f"Date: {formatdate(usegmt=True)}",
            f"Content-Length: {len(content)}\r\n\r\n",
        ]
        return "\r\n".join(lines).encode("latin-1") + bytes(content)

    async def _handle(self, request: Request, body: bytes) -> Any:
        socket = _SOCKET.fullmatch(request.path)
        if socket is None:
            handler = self._app.SERVICE_HANDLERS["dynamodb"]
            return await handler("POST", "/", request.headers, body, {})
        return await self._app._get_module("apigateway").handle_connections_api(
            "POST", socket["api"], socket["stage"], unquote(socket["id"]), body, {}
        )


def front_door(server: type[Any], raw: type[Any], closed: type[Any], calls: Calls) -> type[Any]:
    """A server's connection that answers some requests itself.

    Args:
        server: hypercorn's `TCPServer`.
        raw, closed: its events for bytes that came, and for the end.
    """

    class FrontDoor(server):  # type: ignore[misc]
        async def _read_data(self) -> None:
            ending = asyncio.create_task(self._close_at_the_end())
            try:
                left = await self._serve()
            finally:
                ending.cancel()
            if left:
                await self.protocol.handle(raw(left))
                await super()._read_data()
            else:
                await self.protocol.handle(closed())

        async def _close_at_the_end(self) -> None:
            await self.context.terminated.wait()
            self.writer.close()

        async def _serve(self) -> bytes:
            """Answer what is ours; the bytes with which something else began, if it did."""
            data: bytes = b""
            used = False
            try:
                while chunk := await self.reader.read(_CHUNK):
                    data += chunk
                    while data:
                        request, begins = _first(data)
                        if request is None and begins < 0:
                            break
                        if request is None or not calls.takes(request):
                            return data
                        ends = begins + request.length
                        if len(data) < ends:
                            break
                        body, data = data[begins:ends], data[ends:]
                        if not used:
                            # It would end the connection between two requests of ours.
                            await self.idle_task.stop()
                            used = True
                        self.writer.write(await calls.answer(request, body))
                        await self.writer.drain()
            except OSError:
                pass
            return b""

    return FrontDoor


def _first(data: bytes) -> tuple[Request | None, int]:
    """The request that `data` begins with, and where its body begins.

    None and -1 where more has to come, None and 0 where it is nothing of ours.
    """
    if not data.startswith(b"POST "[: len(data)]):
        return None, 0
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None, -1 if len(data) < _CHUNK else 0
    try:
        return Request(data[:end]), end + 4
    except ValueError:
        return None, 0


class _Closing(asyncio.Event):
    """A socket's end; it wakes whoever waits for the socket's next frame."""

    def __init__(self, frames: asyncio.Queue[Any]) -> None:
        super().__init__()
        self._frames = frames

    def set(self) -> None:
        """End it; None is what MiniStack itself puts last."""
        super().set()
        self._frames.put_nowait(None)


class Sleeping:
    """Stands in for `asyncio` where MiniStack serves sockets: they sleep until there is a frame."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[Any] = asyncio.Queue()

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    def Queue(self) -> asyncio.Queue[Any]:  # noqa: N802 - as asyncio calls it
        """A socket's frames; made just before the event of its end."""
        self._frames = asyncio.Queue()
        return self._frames

    def Event(self) -> asyncio.Event:  # noqa: N802 - as asyncio calls it
        """A socket's end."""
        return _Closing(self._frames)

    async def wait_for(self, frame: Any, timeout: float) -> Any:
        """The next frame, however long it takes."""
        return await frame


def queues_move_along(sqs: Any) -> None:
    """Have queues that were kept over a stop found by the URLs of this start."""
    load = sqs.load_persisted_state

    def load_and_move(data: Any) -> None:
        load(data)
        for key, queue in list(vars(sqs)["_queues"].all_items()):
            account, region, name, url = vars(sqs)["_queue_scope_from_record"](key, queue)
            here = vars(sqs)["_queue_url_for_account"](account, name)
            if url != here:
                vars(sqs)["_queues"].pop_scoped(account, region, url)
                vars(sqs)["_queues"].set_scoped(account, region, here, queue | {"url": here})
                vars(sqs)["_queue_name_to_url"].set_scoped(account, region, name, here)

    sqs.load_persisted_state = load_and_move


def logs_in_full(logs: Any) -> None:
    """Have log lines found to the last one, page by page, and each known by an id."""
    append, find = logs._append_log_events, logs._filter_log_events

    def append_known(stream: Any, lines: list[dict[str, Any]]) -> None:
        append(stream, [{"eventId": uuid.uuid4().hex, **line} for line in lines])

    def find_page(data: dict[str, Any]) -> Any:
        # A token is the time of the last line given, and how many lines of that time were.
        since, given = map(int, (data.get("nextToken") or "0:0").split(":"))
        if given >= _PAGE:  # of one millisecond; it has no more that could be asked for
            since, given = since + 1, 0
        limit = min(data.get("limit") or _PAGE, _PAGE - given)
        start = max(since, data.get("startTime") or 0)
        status, headers, body = find({**data, "startTime": start, "limit": given + limit})
        if status != HTTPStatus.OK:
            return status, headers, body
        answer = json.loads(body)
        found = answer["events"]
        if len(found) == given + limit:
            last = found[-1]["timestamp"]
            count = sum(line["timestamp"] == last for line in found)
            answer["nextToken"] = f"{last}:{count}"
        return status, headers, json.dumps(answer | {"events": found[given:]}).encode()

    logs._append_log_events, logs._filter_log_events = append_known, find_page


class Parting:
    """Stands in for `asyncio` where hypercorn listens: its end does not wait for who is connected.

    Since Python 3.12 `Server.wait_closed` waits for all connections, and hypercorn calls it before
    it ends any: with one player left MiniStack would never come to write its state. Delete this
    when hypercorn (0.18 does not) ends its connections first.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def start_server(self, *arguments: Any, **options: Any) -> Any:
        """A server that is closed at once."""
        server: Any = await asyncio.start_server(*arguments, **options)
        server.wait_closed = _at_once
        return server


async def _at_once() -> None:
    """Wait for nobody."""


def main() -> None:
    """Serve until MiniStack is told to end."""
    from hypercorn.asyncio import run as server
    from hypercorn.events import Closed, RawData
    from ministack import app
    from ministack.services import apigateway, cloudwatch_logs, lambda_svc, sqs

    select = apigateway._evaluate_route_selection

    def route_of(expression: str, text: str) -> str:
        try:
            route = str(select(expression, text))
        except RecursionError:
            return "$default"
        # A message that calls itself by the name of a socket's coming or going is none.
        return "$default" if route in ("$connect", "$disconnect") else route

    apigateway._evaluate_route_selection = route_of
    Forwarding(apigateway, lambda_svc)
    queues_move_along(sqs)
    logs_in_full(cloudwatch_logs)
    apigateway.asyncio = Sleeping()
    connection: Any = vars(server)["TCPServer"]
    vars(server)["asyncio"] = Parting()
    vars(server)["TCPServer"] = front_door(connection, RawData, Closed, Calls(app))
    gc.set_threshold(*_COLLECTOR)

    app.main()


if __name__ == "__main__":
    main()
