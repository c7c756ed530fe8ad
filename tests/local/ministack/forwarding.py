"""Invokes a function twice through its proxy URL, and prints how many connections that took."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from ministack.services import lambda_svc

opened: list[object] = []


class Host(BaseHTTPRequestHandler):
    """A handler host that would keep its connections."""

    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        """Note that somebody has connected."""
        opened.append(self)
        super().setup()

    def do_POST(self) -> None:
        """Give an empty result."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    function = {"FunctionName": "f", "Timeout": 10}
    for _ in range(2):
        assert lambda_svc._execute_function_proxy(function, {}, url, "r") == {"body": {}}
    server.shutdown()
print(f"{len(opened)} connections for 2 invocations")
