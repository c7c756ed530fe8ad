"""A stage's stack and logs, over real HTTP: CloudFormation and CloudWatch Logs, as far as needed.

FilterLogEvents answers in small pages, the last one empty, as AWS may. `refusals` are the codes
of errors that the next requests get, one each; None lets one pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from quizkit.sdk.target import Target
from tests.sdk.serving import Quiet, serving

_PAGE = 2
_XML = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"'


@dataclass
class FakeLogs:
    """What the endpoint knows, and what it was asked.

    Attributes:
        deployed: whether there is a stack.
        groups: events by log group.
        asked: the requests for events.
    """

    url: str = ""
    deployed: bool = True
    groups: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refusals: list[str | None] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def target(self) -> Target:
        """A local target whose gateway is this endpoint."""
        return Target("local", endpoint_url=self.url)

    def write(self, function: str, at: int, message: str, *, ingested: int | None = None) -> None:
        """Add an event to a function's log."""
        events = self.groups.setdefault(f"/aws/lambda/quizkit-dev-{function}", [])
        total = sum(map(len, self.groups.values()))
        events.append(
            {
                "eventId": f"event-{total}",
                "logStreamName": "stream",
                "timestamp": at,
                "ingestionTime": at if ingested is None else ingested,
                "message": message,
            }
        )

    def answer(self, headers: Any, body: bytes) -> tuple[int, str, str]:
        """Status, content type and text of an answer."""
        if str(headers.get("X-Amz-Target")).endswith(".FilterLogEvents"):
            status, document = self._events(json.loads(body))
            return status, "application/x-amz-json-1.1", json.dumps(document)
        return self._stack(parse_qs(body.decode())["Action"][0])

    def _events(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked.append(asked)
        refusal = self.refusals.pop(0) if self.refusals else None
        if asked["logGroupName"] not in self.groups:
            refusal = "ResourceNotFoundException"
        if refusal is not None:
            return 400, {"__type": refusal, "message": "no"}
        begin = int(asked.get("nextToken", 0))
        found = [
            event
            for event in sorted(self.groups[asked["logGroupName"]], key=lambda e: e["timestamp"])
            if event["timestamp"] >= asked["startTime"]
        ]
        page: dict[str, Any] = {"events": found[begin : begin + _PAGE]}
        return 200, page | ({"nextToken": str(begin + _PAGE)} if page["events"] else {})

    def _stack(self, action: str) -> tuple[int, str, str]:
        if not self.deployed:
            told = "<Code>ValidationError</Code><Message>Stack does not exist</Message>"
            return 400, "text/xml", f"<ErrorResponse {_XML}><Error>{told}</Error></ErrorResponse>"
        if action == "DescribeStacks":
            name = "Stacks"
            created = "<CreationTime>2026-01-01T00:00:00Z</CreationTime>"
            status = "<StackStatus>CREATE_COMPLETE</StackStatus>"
            members: tuple[str, ...] = (f"<StackName>quizkit-dev</StackName>{created}{status}",)
        else:
            name = "StackResourceSummaries"
            members = tuple(
                f"<LogicalResourceId>L</LogicalResourceId><ResourceType>AWS::{kind}</ResourceType>"
                f"<PhysicalResourceId>{physical}</PhysicalResourceId>"
                "<ResourceStatus>CREATE_COMPLETE</ResourceStatus>"
                for kind, physical in (
                    ("Lambda::Function", "quizkit-dev-answer"),
                    ("Logs::LogGroup", "/aws/vendedlogs/quizkit-dev-http"),
                    *(("Logs::LogGroup", group) for group in self.groups),
                )
            )
        listed = "".join(f"<member>{each}</member>" for each in members)
        text = (
            f"<{action}Response {_XML}><{action}Result><{name}>{listed}</{name}>"
            f"</{action}Result></{action}Response>"
        )
        return 200, "text/xml", text


@contextmanager
def fake_logs() -> Iterator[FakeLogs]:
    """A running fake on a free port of loopback."""
    fake = FakeLogs()

    class Handler(Quiet):
        def do_POST(self) -> None:  # noqa: N802  (the base class's name)
            """Answer."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, text = fake.answer(self.headers, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    with serving(Handler) as fake.url:
        yield fake
