"""The gateway's callback interface as a small HTTP server, for the adapter that posts to it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote

from tests.fakes.cloud import HOST


class Callbacks:
    """What the server has and has seen.

    Attributes:
        frames: of each open connection; others are gone (410).
        refusals: statuses that the next posts to a connection get first.
        requests: (method, path, headers) of every request.
    """

    def __init__(self) -> None:
        self.frames: dict[str, list[dict[str, Any]]] = {}
        self.refusals: dict[str, list[int]] = defaultdict(list)
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.url = ""

    def open(self, connection_id: str) -> None:
        """A client connects."""
        self.frames[connection_id] = []

    def drop(self, connection_id: str) -> None:
        """A client is gone."""
        del self.frames[connection_id]

    def take(self, method: str, connection_id: str, body: bytes) -> int:
        """Handle one request; returns its status."""
        if connection_id not in self.frames:
            return 410
        if self.refusals[connection_id]:
            return self.refusals[connection_id].pop(0)
        if method == "DELETE":
            self.drop(connection_id)
        else:
            self.frames[connection_id].append(json.loads(body))
        return 200


@contextmanager
def callbacks() -> Iterator[Callbacks]:
    """A running server."""
    seen = Callbacks()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            seen.requests.append((self.command, self.path, dict(self.headers.items())))
            status = seen.take(self.command, unquote(self.path.rsplit("/", 1)[1]), body)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        do_POST = _answer  # noqa: N815
        do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        seen.url = f"http://{HOST}:{server.server_port}/dev"
        yield seen
        server.shutdown()
