"""The two ways to the operations, each over real HTTP against a small endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from quizkit.sdk.admin import Admin
from quizkit.sdk.admin_doors import AdminDoor, InvokeDoor, SignedInDoor, not_deployed
from quizkit.sdk.errors import Conflict, CredentialsError, InvalidInput, NotFound, Unreachable
from quizkit.sdk.target import Target
from tests.sdk.fake_aws import FakeAws, fake_aws
from tests.sdk.serving import Quiet, serving

AWS = Target("aws", "prod", "eu-central-1")


class Gateway:
    """An HTTP API that takes one token, and answers operations from a table."""

    def __init__(self) -> None:
        self.url = ""
        self.token = "token-1"
        self.answers: dict[str, tuple[int, Any]] = {}
        self.requests: list[tuple[str, str, Any]] = []

    def answer(self, path: str, token: str, body: Any) -> tuple[int, Any]:
        """Status and document."""
        self.requests.append((path, token, body))
        if token != self.token:
            return 401, {"message": "Unauthorized"}
        return self.answers[path.removeprefix("/host/")]


@contextmanager
def running(gateway: Gateway) -> Iterator[Gateway]:
    """The gateway on a free port of loopback."""

    class Handler(Quiet):
        def do_POST(self) -> None:  # noqa: N802  (the base class's name)
            """Answer an operation."""
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, document = gateway.answer(self.path, token, body)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with serving(Handler) as gateway.url:
        yield gateway


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A running gateway."""
    with running(Gateway()) as found:
        yield found


class Tokens:
    """Gives `token-0`, and with `fresh` the next one."""

    def __init__(self, number: int = 1) -> None:
        self.number = number
        self.asked: list[bool] = []

    def __call__(self, *, fresh: bool = False) -> str:
        """A token."""
        self.asked.append(fresh)
        self.number += fresh
        return f"token-{self.number}"


def signed_in(gateway: Gateway, tokens: Tokens | None = None) -> SignedInDoor:
    """The door of a host."""
    return SignedInDoor(gateway.url, tokens or Tokens())


# --- signed in -----------------------------------------------------------------------------


def test_an_operation_with_a_token(gateway: Gateway) -> None:
    """Its name is in the path, its arguments are the body, the token is the bearer's."""
    gateway.answers["quiz.get"] = (200, {"quiz_id": "q"})
    answer = signed_in(gateway).call("quiz.get", {"quiz_id": "q"}, repeatable=True)
    assert answer == {"quiz_id": "q"}
    assert gateway.requests == [("/host/quiz.get", "token-1", {"quiz_id": "q"})]


def test_a_token_that_is_refused_is_replaced_once(gateway: Gateway) -> None:
    """Also where the operation changes something: the gateway let nothing through."""
    gateway.answers["session.start"] = (200, {"session_id": "s"})
    tokens = Tokens(number=0)
    assert signed_in(gateway, tokens).call("session.start", {}, repeatable=False)
    assert tokens.asked == [False, True]
    gateway.token = "another"
    with pytest.raises(CredentialsError) as caught:
        signed_in(gateway, tokens).call("session.start", {}, repeatable=False)
    assert caught.value.code == "unauthorized"
    assert [token for _, token, _ in gateway.requests] == [
        "token-0",
        "token-1",
        "token-1",
        "token-2",
    ]


def test_refusals(gateway: Gateway) -> None:
    """The platform's codes, as for admins; what is another's comes with the way out."""

    def refuse(status: int, code: str, **more: Any) -> None:
        gateway.answers["quiz.create"] = (
            status,
            {"error": {"code": code, "message": "m", **more}},
        )

    def call() -> None:
        signed_in(gateway).call("quiz.create", {}, repeatable=False)

    refuse(403, "forbidden")
    with pytest.raises(CredentialsError) as forbidden:
        call()
    assert (forbidden.value.code, forbidden.value.message) == ("forbidden", "m")
    assert "--as admin" in (forbidden.value.hint or "")
    refuse(404, "quiz_not_found")
    with pytest.raises(NotFound):
        call()
    refuse(409, "quiz_in_use")
    with pytest.raises(Conflict):
        call()
    refuse(422, "invalid_quiz", problems=[{"path": ["title"], "message": "is missing"}])
    with pytest.raises(InvalidInput) as invalid:
        call()
    assert [str(problem) for problem in invalid.value.problems] == ["title: is missing"]


def test_what_may_not_be_repeated_is_sent_once(gateway: Gateway) -> None:
    """A gateway in trouble may have carried it out."""
    gateway.answers["session.start"] = (503, {"message": "Service Unavailable"})
    gateway.answers["session.list"] = (503, {"message": "Service Unavailable"})
    for operation, repeatable in (("session.start", False), ("session.list", True)):
        with pytest.raises(Unreachable):
            signed_in(gateway).call(operation, {}, repeatable=repeatable)
    paths = [path for path, _, _ in gateway.requests]
    assert paths.count("/host/session.start") == 1
    assert paths.count("/host/session.list") > 1


def test_a_host_needs_no_aws(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """`Admin` with a bearer asks neither for credentials nor for the function's name."""
    monkeypatch.setenv("AWS_PROFILE", "of-nobody")
    gateway.answers["quiz.list"] = (200, {"quizzes": [{"quiz_id": "q"}], "cursor": None})
    admin = Admin(AWS, {"HttpApiUrl": gateway.url}, bearer=Tokens())
    assert [quiz["quiz_id"] for quiz in admin.list_quizzes()] == ["q"]
    assert admin.http_url == gateway.url


def test_a_host_of_a_stage_without_an_api() -> None:
    """Is told as a stage that is not there."""
    with pytest.raises(NotFound, match="prod"):
        Admin(AWS, {}, bearer=Tokens())


# --- both ----------------------------------------------------------------------------------


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    """An endpoint with the admin function."""
    with fake_aws() as running_aws:
        yield running_aws


def test_both_ways_lead_to_the_same(aws: FakeAws, gateway: Gateway) -> None:
    """The same call gives the same document."""
    document: dict[str, Any] = {"quizzes": [], "cursor": None}
    aws.operations["quiz.list"] = lambda args: {"ok": document | {"got": args}}
    gateway.answers["quiz.list"] = (200, document | {"got": {"cursor": "c"}})
    doors: list[AdminDoor] = [
        InvokeDoor(aws.target, "quizkit-dev-admin"),
        signed_in(gateway),
    ]
    first, second = (door.call("quiz.list", {"cursor": "c"}, repeatable=True) for door in doors)
    assert first == second


def test_a_stage_that_is_not_there() -> None:
    """With the command that makes it."""
    assert not_deployed("prod").hint == "run: quizkit deploy"
