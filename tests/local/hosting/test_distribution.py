"""Media by path: requests for a distribution, carried to a server that goes by host name."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from quizkit.local.hosting.distribution import fetch

DOMAIN = "d1234567890abc.cloudfront.net"


class Edge(BaseHTTPRequestHandler):
    """Answers with the request's own headers."""

    def do_GET(self) -> None:
        """Answer."""
        body = f"{self.headers['Host']} {self.path}".encode()
        self.send_response(206 if self.headers.get("Range") else 200)
        self.send_header("Content-Type", "image/png")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Seen-Proto", self.headers.get("X-Forwarded-Proto", ""))
        self.send_header("Set-Cookie", "a=b")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def edge() -> Iterator[str]:
    """A running server; its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Edge) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_distribution_is_asked_in_its_name() -> None:
    """Host name and path are those of the target; the answer's media headers come back."""
    with edge() as url:
        reply = fetch(url, f"/cdn/{DOMAIN}/media/x.png?more=1", {"cookie": "secret"})
    assert (reply.status, reply.body) == (200, f"{DOMAIN} /media/x.png".encode())
    assert reply.headers["Content-Type"] == "image/png"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in reply.headers


def test_parts_of_an_object_can_be_asked_for() -> None:
    """Players of sound and video do."""
    with edge() as url:
        assert fetch(url, f"/cdn/{DOMAIN}/media/x.mp4", {"range": "bytes=0-1"}).status == 206


@pytest.mark.parametrize(
    "target",
    [
        "/cdn/",
        f"/cdn/{DOMAIN}",
        "/cdn/127.0.0.1/x",
        "/cdn/evil.test/x",
        f"/cdn/{DOMAIN}.evil.test/x",
        f"/cdn/{DOMAIN}:80/x",
        f"/cdn/{DOMAIN}/x#y",
    ],
)
def test_only_distributions_can_be_asked(target: str) -> None:
    """It leads nowhere else."""
    with edge() as url:
        assert fetch(url, target, {}).status == 404


def test_a_platform_that_is_away() -> None:
    """It is said as a gateway says it."""
    with edge() as url:
        pass
    assert fetch(url, f"/cdn/{DOMAIN}/x", {}).status == 502
