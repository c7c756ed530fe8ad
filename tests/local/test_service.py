"""Asking components over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from quizkit.local.service import get_json, post


class Answers(BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self) -> None:
        """Say what the path asks for."""
        status, body = {
            "/good": (200, b'{"a": 1}'),
            "/list": (200, b"[1]"),
            "/text": (200, b"hello"),
        }.get(self.path, (500, b'{"a": 1}'))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - named by the base class

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """A server that answers by path."""
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_only_an_object_with_status_200_counts(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures, other JSON and text are no answer; a proxy of the user's is not asked."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert get_json(port, "/good") == {"a": 1}
    assert post(port, "/good") == {"a": 1}
    for path in ("/list", "/text", "/broken"):
        assert get_json(port, path) is None
        assert post(port, path) is None


def test_nobody_there_is_no_answer(port: int) -> None:
    """A closed port is not an exception."""
    assert get_json(1, "/good") is None
