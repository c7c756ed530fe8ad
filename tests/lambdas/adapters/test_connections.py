"""quizkit.lambdas.adapters.connections: connections are kept, and dropped when they are stale."""

from __future__ import annotations

import gc
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from quizkit.lambdas.adapters.connections import Connections, NoAnswer
from tests.fakes.cloud import HOST, free_port


class Echo:
    """A server that repeats bodies, and what it has seen.

    Attributes:
        opened: how many connections there were.
        requests: (method, path, headers).
        delay: seconds before an answer.
        closing: close the connection after each answer, telling so or not.
    """

    def __init__(self) -> None:
        self.opened = 0
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.delay = 0.0
        self.closing = ""
        self.url = ""


@contextmanager
def echo() -> Iterator[Echo]:
    """A running server."""
    seen = Echo()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            seen.opened += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.requests.append((self.command, self.path, dict(self.headers.items())))
            time.sleep(seen.delay)
            if seen.closing == "unanswered":
                self.close_connection = True
                return
            self.send_response(201)
            self.send_header("X-Some", "Thing")
            self.send_header("Content-Length", str(len(body)))
            if seen.closing == "told":
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = bool(seen.closing)

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        seen.url = f"http://{HOST}:{server.server_port}/stage/"
        yield seen
        server.shutdown()


def to(url: str, read_seconds: float = 5) -> Connections:
    """Connections with short patience."""
    return Connections(url, connect_seconds=2, read_seconds=read_seconds)


def test_one_connection_serves_many_requests() -> None:
    """Status, headers and body come back; the host is named, and the path is below the URL's."""
    with echo() as seen:
        connections = to(seen.url)
        for number in range(5):
            body = str(number).encode()
            answer = connections.request("POST", connections.path("/a%20b?c=d"), {"X-A": "b"}, body)
            assert (answer.status, answer.body) == (201, body)
            assert answer.headers["x-some"] == "Thing"
        assert seen.opened == 1
        method, path, headers = seen.requests[-1]
        assert (method, path) == ("POST", "/stage/a%20b?c=d")
        assert (headers["Host"], headers["X-A"]) == (connections.host, "b")
        connections.close()


def test_threads_have_connections_of_their_own() -> None:
    """Eight requests at once take eight; the next eight take the same."""
    with echo() as seen:
        connections = to(seen.url)
        seen.delay = 0.1
        with ThreadPoolExecutor(8) as pool:
            for _ in range(2):
                list(pool.map(lambda _: connections.request("POST", "/", {}, b""), range(8)))
        assert seen.opened == 8
        connections.close()


@pytest.mark.parametrize("closing", ["told", "untold"])
def test_a_connection_that_the_host_closed_is_not_used(closing: str) -> None:
    """Whether the host said so or not, the next request opens another, and succeeds."""
    with echo() as seen:
        connections = to(seen.url)
        seen.closing = closing
        for _ in range(3):
            assert connections.request("POST", "/", {}, b"x").body == b"x"
            time.sleep(0.05)
        assert seen.opened == 3


def test_a_connection_idle_for_long_is_not_used() -> None:
    """What lies between may have forgotten it without a word."""
    with echo() as seen:
        connections = Connections(seen.url, connect_seconds=2, read_seconds=5, idle_seconds=0.05)
        connections.request("POST", "/", {}, b"x")
        time.sleep(0.1)
        connections.request("POST", "/", {}, b"x")
        assert seen.opened == 2
        connections.close()


def test_nothing_is_sent_twice() -> None:
    """A connection that ends before the answer is told; the request went out once."""
    with echo() as seen:
        connections = to(seen.url)
        seen.closing = "unanswered"
        with pytest.raises(NoAnswer, match=connections.host):
            connections.request("POST", "/", {}, b"x")
        assert len(seen.requests) == 1


def test_waiting_has_an_end() -> None:
    """A host that says nothing in time has not answered."""
    with echo() as seen:
        seen.delay = 1.0
        with pytest.raises(NoAnswer, match="timed out"):
            to(seen.url, read_seconds=0.1).request("POST", "/", {}, b"x")


def test_nobody_there() -> None:
    """No server, no answer."""
    with pytest.raises(NoAnswer):
        to(f"http://{HOST}:{free_port()}").request("POST", "/", {}, b"x")


def test_encryption_is_checked() -> None:
    """A host that does not speak TLS is not taken for one that does."""
    with echo() as seen, pytest.raises(NoAnswer) as caught:
        to(seen.url.replace("http:", "https:")).request("POST", "/", {}, b"x")
    assert isinstance(caught.value.__cause__, ssl.SSLError)


@pytest.mark.parametrize("url", ["", "ftp://host", "http://", "host:80"])
def test_urls_of_hosts_only(url: str) -> None:
    """Anything else is a mistake in the settings."""
    with pytest.raises(ValueError, match="no URL of a host"):
        to(url)


def test_idle_connections_end_with_their_owner() -> None:
    """Nobody has to close them; a socket left open would fail this test run."""
    with echo() as seen:
        connections = to(seen.url)
        connections.request("POST", "/", {}, b"x")
        del connections
        gc.collect()
