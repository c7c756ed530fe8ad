"""Where the functions' requests pass by and are counted: a reverse proxy on the loopback.

The functions get the proxy's address as the endpoint of every service, with the function's
name in front of the path, so that a request is known by its function. Calls to tables,
queues and topics go on to the emulator; posts to sockets are taken here; and calls of other
functions are run in this process. What is counted is what went over the wire: a retry of a
client counts, a value from a cache does not.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread, local
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from bench.units import units

HOST: Final = "127.0.0.1"
_HOP: Final = frozenset({"host", "content-length", "connection", "transfer-encoding"})
_INVOKE: Final = re.compile(r"/2015-03-31/functions/([^/]+)/invocations$")
_POST: Final = re.compile(r"/@connections/([^/]+)$")
Invoke = Callable[[str, Any], Any]


@dataclass
class Counts:
    """What went over the wire.

    Attributes:
        trips: network round trips by (function, service, operation).
        reads, writes: DynamoDB's units.
        bodies: of the frames that were posted, by connection.
        invocations: by function, those by the gateway included.
        messages: frames on sockets, in and out, posts included.
        requests: HTTP requests of clients.
        answered: bytes of answers to clients, over sockets and HTTP.
        redis: commands that the cache was given.
        sent: what was put into queues: (body, delay in seconds).
    """

    trips: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    reads: float = 0.0
    writes: float = 0.0
    bodies: dict[str, list[bytes]] = field(default_factory=dict)
    invocations: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    requests: int = 0
    answered: int = 0
    redis: int = 0
    sent: list[tuple[dict[str, Any], int]] = field(default_factory=list)

    @property
    def posts(self) -> int:
        """Frames posted to sockets."""
        return sum(map(len, self.bodies.values()))

    def of(self, service: str, operation: str | None = None) -> int:
        """Round trips to a service, or of one operation."""
        return sum(
            number
            for (_, where, what), number in self.trips.items()
            if where == service and operation in (None, what)
        )

    def by(self, function: str) -> int:
        """Round trips of one function, save posts."""
        return sum(
            number
            for (who, where, _), number in self.trips.items()
            if who == function and where != "sockets"
        )


class Wire:
    """The proxy; `counting` gives the counts of a block.

    Args:
        upstream: port of the emulator.
        invoke: runs a function by its name and returns its answer.
    """

    def __init__(self, upstream: int, invoke: Invoke) -> None:
        self._upstream = upstream
        self._invoke = invoke
        self._lock = Lock()
        self._counts = Counts()
        self._kept = local()
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An answer is two small writes; without this each would wait for the other's ack.
            disable_nagle_algorithm = True
            wbufsize = -1

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {k.lower(): v for k, v in self.headers.items()}
                status, answer, kind = wire.take(self.command, self.path, headers, body)
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_PUT = do_POST = do_DELETE = _pass  # noqa: N815

            def finish(self) -> None:
                super().finish()
                wire.hang_up()

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, function: str) -> str:
        """The endpoint for one function."""
        return f"http://{HOST}:{self._server.server_port}/{function}"

    @contextmanager
    def counting(self) -> Iterator[Counts]:
        """Count what passes by inside the block; blocks do not nest."""
        before, self._counts = self._counts, Counts()
        try:
            yield self._counts
        finally:
            self._counts = before

    def exchanged(self, answer: str) -> None:
        """Note a frame of a client and the one that answered it."""
        with self._lock:
            self._counts.messages += 2
            self._counts.answered += len(answer.encode())

    def requested(self, answer: str) -> None:
        """Note an HTTP request of a client and what answered it."""
        with self._lock:
            self._counts.requests += 1
            self._counts.answered += len(answer.encode())

    def invoked(self, function: str) -> None:
        """Note an invocation by the gateway, the queue or the stream."""
        with self._lock:
            self._counts.invocations[function] += 1

    # --- what comes by -----------------------------------------------------------------

    def take(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes, str]:
        """Handle one request: (status, body, content type)."""
        function, _, rest = path.lstrip("/").partition("/")
        path = f"/{rest}"
        if found := _POST.search(path):
            return self._post(function, method, unquote(found[1]), body)
        if found := _INVOKE.search(path):
            name = unquote(found[1])
            self._note(function, "lambda", "Invoke")
            self.invoked(name)
            answer = self._invoke(name, json.loads(body or b"null"))
            return 200, json.dumps(answer).encode(), "application/json"
        return self._forward(function, method, path, headers, body)

    def _post(
        self, function: str, method: str, connection_id: str, body: bytes
    ) -> tuple[int, bytes, str]:
        self._note(function, "sockets", method)
        if method == "POST":
            with self._lock:
                self._counts.bodies.setdefault(connection_id, []).append(body)
                self._counts.messages += 1
        return 200, b"", "application/json"

    def _forward(
        self, function: str, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes, str]:
        service, operation = _named(headers, body)
        document: dict[str, Any] = {}
        if service == "dynamodb":
            document = json.loads(body)
            body = json.dumps(document | {"ReturnConsumedCapacity": "TOTAL"}).encode()
        elif service == "sqs" and operation == "SendMessage":
            document = json.loads(body)
        kept = {name: value for name, value in headers.items() if name not in _HOP}
        status, kind, answer = self._ask(method, path, kept, body)
        self._note(function, service, operation)
        with self._lock:
            if service == "dynamodb":
                reads, writes = units(operation, document, status, json.loads(answer))
                self._counts.reads += reads
                self._counts.writes += writes
            elif document:
                entry = json.loads(document["MessageBody"]), int(document.get("DelaySeconds", 0))
                self._counts.sent.append(entry)
        return status, answer, kind

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, str, bytes]:
        connection: HTTPConnection | None = getattr(self._kept, "connection", None)
        if connection is None:
            connection = self._kept.connection = HTTPConnection(HOST, self._upstream, timeout=60)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        return response.status, response.getheader("content-type") or "application/json", answer

    def hang_up(self) -> None:
        """Close this thread's connection to the emulator."""
        connection: HTTPConnection | None = getattr(self._kept, "connection", None)
        if connection is not None:
            connection.close()

    def _note(self, function: str, service: str, operation: str) -> None:
        with self._lock:
            self._counts.trips[function, service, operation] += 1


def _named(headers: dict[str, str], body: bytes) -> tuple[str, str]:
    """(service, operation) of a request in one of the protocols of AWS."""
    target = headers.get("x-amz-target", "")
    if target:
        service, _, operation = target.partition(".")
        return {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs"}[service], operation
    form = parse_qs(body.decode())
    return "sns", form["Action"][0]
