"""An AWS account over real HTTP: what each operation answers, and what time AWS has.

Operations without an answer are refused, as for a caller without permissions. Answers are
bodies as AWS sends them, XML or JSON; what was asked is kept.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from quizkit.sdk.target import Target

ARN = "arn:aws:iam::123456789012:user/ada"
WHO = (
    "<GetCallerIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'>"
    f"<GetCallerIdentityResult><Arn>{ARN}</Arn><UserId>U</UserId>"
    "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)
REFUSED = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
    "<Message>you may not</Message></Error></ErrorResponse>"
)


def stack_is(status: str, **outputs: str) -> tuple[int, str]:
    """CloudFormation's answer about the stack of stage `prod`."""
    members = "".join(
        f"<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
        for key, value in outputs.items()
    )
    return 200, (
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>"
        "<StackName>quizkit-prod</StackName><StackId>arn:s</StackId>"
        f"<CreationTime>2030-01-01T00:00:00Z</CreationTime><StackStatus>{status}</StackStatus>"
        f"<Outputs>{members}</Outputs></member></Stacks></DescribeStacksResult>"
        "</DescribeStacksResponse>"
    )


def subscribed(*pending: str) -> tuple[int, str]:
    """SNS's answer about a topic to which these addresses are subscribed, unconfirmed."""
    members = "".join(
        "<member><SubscriptionArn>PendingConfirmation</SubscriptionArn>"
        f"<Protocol>email</Protocol><Endpoint>{each}</Endpoint></member>"
        for each in pending
    )
    return 200, (
        "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult>"
        f"<Subscriptions>{members}</Subscriptions></ListSubscriptionsByTopicResult>"
        "</ListSubscriptionsByTopicResponse>"
    )


#: Operations that are known by their path.
_PATHS = {
    "/2016-08-19/account-settings": "GetAccountSettings",
    "/account": "GetAccount",
    "/": "ListBuckets",
}


@dataclass
class FakeAccount:
    """What the account answers.

    Attributes:
        answers: operation → status and body.
        date: AWS's time, as in a header; the real one where None.
        asked: the operations, in their order.
    """

    url: str = ""
    answers: dict[str, tuple[int, str]] = field(
        default_factory=lambda: {"GetCallerIdentity": (200, WHO)}
    )
    date: str | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def target(self) -> Target:
        """The AWS target whose services all are this account."""
        return Target("aws", "prod", "eu-central-1", endpoint_url=self.url).hurried()

    def answer(self, path: str, target: str, body: str) -> tuple[int, str, str]:
        """Status, type and body of an answer."""
        action = re.search(r"\bAction=(\w+)", body)
        plain = path.partition("?")[0].rstrip("/") or "/"
        operation = action[1] if action else target.rpartition(".")[2] or _PATHS.get(plain, plain)
        self.asked.append(operation)
        kind = "application/json" if target or not (action or plain == "/") else "text/xml"
        refused = '{"__type": "AccessDeniedException", "message": "you may not"}'
        if kind == "text/xml":
            refused = REFUSED.format(code="AccessDenied")
        status, content = self.answers.get(operation, (403, refused))
        return status, kind, content


@contextmanager
def fake_account() -> Iterator[FakeAccount]:
    """A running fake on a free port of loopback."""
    fake = FakeAccount()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, kind, content = fake.answer(
                self.path, self.headers.get("X-Amz-Target") or "", body
            )
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content.encode())))
            if kind == "application/json" and status == 403:
                self.send_header("x-amzn-ErrorType", "AccessDeniedException")
            self.end_headers()
            self.wfile.write(content.encode())

        do_GET = _answer  # noqa: N815  (the names are the base class's)
        do_POST = _answer  # noqa: N815

        def date_time_string(self, timestamp: float | None = None) -> str:
            """What the Date header says."""
            return fake.date or super().date_time_string(timestamp)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
