"""quizkit.lambdas.adapters.json_api: calls, refusals, and what is tried again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from quizkit.lambdas.adapters.connections import Connections, NoAnswer, Response
from quizkit.lambdas.adapters.json_api import ApiError, JsonApi
from quizkit.lambdas.adapters.signing import Credentials, Signer
from tests.fakes.cloud import cloud


class Host(Connections):
    """A host whose answers are given."""

    def __init__(self, *answers: Response | NoAnswer) -> None:
        super().__init__("https://api.example/base", connect_seconds=1, read_seconds=1)
        self.answers: Iterator[Response | NoAnswer] = iter(answers)
        self.requests: list[tuple[str, str, Mapping[str, str], bytes]] = []

    def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """The next answer."""
        self.requests.append((method, path, headers, body))
        answer = next(self.answers)
        if isinstance(answer, NoAnswer):
            raise answer
        return answer


def said(document: object, status: int = 200, checksum: int | None = None) -> Response:
    """An answer, with the right checksum unless another is given."""
    body = json.dumps(document).encode()
    crc = zlib.crc32(body) if checksum is None else checksum
    return Response(status, {"x-amz-crc32": str(crc)}, body)


def api(host: Host, attempts: int = 3) -> tuple[JsonApi, list[float]]:
    """An API on a host, and the pauses that it makes."""
    pauses: list[float] = []
    signer = Signer(Credentials("key", "secret"), "dynamodb", "eu-west-1")
    return JsonApi(host, signer, target="T_1", attempts=attempts, sleep=pauses.append), pauses


def test_a_call() -> None:
    """A signed POST that names the operation; the answer is the service's own."""
    host = Host(said({"Item": {"n": 1}}))
    made, pauses = api(host)
    assert made.call("GetItem", {"Key": "é"}) == {"Item": {"n": 1}}
    ((method, path, headers, body),) = host.requests
    assert (method, path) == ("POST", "/base/")
    assert json.loads(body) == {"Key": "é"}
    assert headers["x-amz-target"] == "T_1.GetItem"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert "SignedHeaders=host;x-amz-date;x-amz-target" in headers["authorization"]
    assert pauses == []


def test_a_refusal() -> None:
    """It carries the service's code and all that it said, and is not tried again."""
    refused = {"__type": "com.amazon#ConditionalCheckFailedException", "Item": {"n": {"N": "1"}}}
    host = Host(said(refused, 400))
    with pytest.raises(ApiError, match="ConditionalCheckFailed") as caught:
        api(host)[0].call("PutItem", {})
    assert caught.value.code == "ConditionalCheckFailedException"
    assert caught.value.document["Item"] == {"n": {"N": "1"}}


@pytest.mark.parametrize(
    "passing",
    [
        said({"__type": "x#ThrottlingException"}, 400),
        said({"__type": "ProvisionedThroughputExceededException"}, 400),
        said({}, 429),
        said({"message": "oops"}, 500),
        Response(503, {}, b"<html>"),
        said({"Item": 1}, checksum=1),
        NoAnswer("gone"),
    ],
)
def test_what_may_pass_is_tried_again(passing: Response | NoAnswer) -> None:
    """Throttled, broken, garbled or silent: again after a pause, as often as allowed."""
    host = Host(passing, passing, said({"ok": 1}))
    made, pauses = api(host)
    assert made.call("GetItem", {}) == {"ok": 1}
    assert len(pauses) == 2
    assert all(0 <= pause <= 0.2 for pause in pauses)
    for attempts in (1, 3):
        host = Host(*[passing] * attempts)
        with pytest.raises((ApiError, NoAnswer)):
            api(host, attempts)[0].call("GetItem", {})
        assert len(host.requests) == attempts


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"\xff"])
def test_a_refusal_without_a_word(body: bytes) -> None:
    """The status alone makes the code."""
    with pytest.raises(ApiError) as caught:
        api(Host(Response(403, {}, body)))[0].call("GetItem", {})
    assert caught.value.code == "Status403"


def test_the_real_thing() -> None:
    """An emulator understands the calls and is understood, also where it refuses."""
    made = cloud().api("dynamodb", "DynamoDB_20120810")
    assert "TableNames" in made.call("ListTables", {"Limit": 1})
    missing: dict[str, Any] = {"TableName": "none", "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}
    with pytest.raises(ApiError) as caught:
        made.call("GetItem", missing)
    assert caught.value.code == "ResourceNotFoundException"
