"""A tiny AWS endpoint: Lambda's Invoke and a bucket's form upload, over real HTTP.

`operations` holds what the admin function answers, by operation; each is a function of the
arguments. What was called and uploaded is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from quizkit.sdk.target import Target
from tests.sdk.serving import Quiet, serving

Operation = Callable[[dict[str, Any]], Any]


class Raised(Exception):
    """Raised by an operation: the function itself fails."""


@dataclass
class FakeAws:
    """What the endpoint knows, and what it was asked."""

    url: str = ""
    deployed: bool = True
    operations: dict[str, Operation] = field(default_factory=dict)
    boards: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    uploads: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    bucket_refuses: str | None = None

    @property
    def target(self) -> Target:
        """A local target whose gateway is this endpoint."""
        return Target("local", endpoint_url=self.url, access_key="test", secret_key="test")

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the stack."""
        return {"AdminFunctionName": "quizkit-dev-admin", "HttpApiUrl": self.url}

    def named(self, operation: str) -> list[dict[str, Any]]:
        """The arguments of all calls of an operation."""
        return [arguments for name, arguments in self.calls if name == operation]

    def answer(self, path: str, body: bytes, content_type: str) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON of an answer."""
        if path.endswith("/functions/quizkit-dev-admin/invocations"):
            return self._invoke(json.loads(body))
        if path == "/bucket":
            return self._upload(body, content_type)
        if path in self.boards:
            return 200, {}, self.boards[path]
        return 404, {}, {"error": {"code": "session_not_found", "message": f"no {path}"}}

    def _invoke(self, payload: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        if not self.deployed:
            headers = {"x-amzn-ErrorType": "ResourceNotFoundException"}
            return 404, headers, {"Message": "Function not found", "Type": "User"}
        name = payload.pop("operation")
        self.calls.append((name, payload))
        try:
            return 200, {}, self.operations[name](payload)
        except Raised as exc:
            return 200, {"X-Amz-Function-Error": "Unhandled"}, {"errorMessage": str(exc)}

    def _upload(self, body: bytes, content_type: str) -> tuple[int, dict[str, str], Any]:
        if self.bucket_refuses:
            return 403, {}, f"<Error><Message>{self.bucket_refuses}</Message></Error>"
        whole: Message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
        fields: dict[str, bytes] = {}
        for part in whole.walk():
            name = part.get_param("name", header="content-disposition")
            if isinstance(name, str):
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                fields[name] = content
        self.uploads[fields["key"].decode()] = (fields["Content-Type"].decode(), fields["file"])
        return 204, {}, None


@contextmanager
def fake_aws() -> Iterator[FakeAws]:
    """A running fake on a free port of loopback."""
    fake = FakeAws()

    class Handler(Quiet):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            status, headers, document = fake.answer(
                self.path, body, self.headers.get("Content-Type") or ""
            )
            content = b"" if document is None else json.dumps(document).encode()
            if isinstance(document, str):
                content = document.encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = _answer  # noqa: N815  (the names are the base class's)
        do_POST = _answer  # noqa: N815

    with serving(Handler) as fake.url:
        yield fake
