"""AWS's JSON protocol (version 1.0), which DynamoDB and SQS speak: a POST a call.

It does what botocore's client does for such a call, in a tenth of its time: sign, send over
a kept connection, check the checksum, and try again, after a pause at random, what was
refused for the load or not answered. Arguments and answers are the service's own JSON.
"""

from __future__ import annotations

import json
import random
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from quizkit.lambdas.adapters.connections import Connections, NoAnswer, Response
from quizkit.lambdas.adapters.signing import Signer

_PAUSE_SECONDS: Final = 0.05
_CONTENT_TYPE: Final = "application/x-amz-json-1.0"
#: Refusals with status 400 that pass by themselves; those with 429 and 5xx do anyway.
_PASSING: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)


class ApiError(Exception):
    """The service refused a call.

    Attributes:
        code: the service's own, like `ConditionalCheckFailedException`.
        document: all that it said.
    """

    def __init__(self, code: str, document: Mapping[str, Any]) -> None:
        super().__init__(f"{code}: {document.get('message') or document.get('Message') or ''}")
        self.code = code
        self.document = document


class JsonApi:
    """Calls one service.

    Args:
        target: what its operations are named after, like `DynamoDB_20120810`.
        attempts: how often a call is made at most, whose end is not known or may pass.
    """

    def __init__(
        self,
        connections: Connections,
        signer: Signer,
        *,
        target: str,
        attempts: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.connections = connections
        self.attempts = attempts
        self._signer = signer
        self._target = target
        self._sleep = sleep

    def call(self, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Make one call and hand back its answer.

        Raises:
            ApiError: the service refused it.
            NoAnswer: no answer came, in all attempts.
        """
        body = json.dumps(arguments).encode()
        for attempt in range(1, self.attempts + 1):
            try:
                return self._once(operation, body)
            except NoAnswer:
                if attempt == self.attempts:
                    raise
            except _Passing as exc:
                if attempt == self.attempts:
                    raise exc.error from None
            self._sleep(random.uniform(0, _PAUSE_SECONDS * 2**attempt))
        raise AssertionError("unreachable")

    def _once(self, operation: str, body: bytes) -> dict[str, Any]:
        host, path = self.connections.host, self.connections.path("/")
        headers = self._signer.headers(
            "POST",
            host,
            path,
            {"x-amz-target": f"{self._target}.{operation}", "content-type": _CONTENT_TYPE},
            body,
        )
        response = self.connections.request("POST", path, headers, body)
        expected = response.headers.get("x-amz-crc32")
        if expected is not None and expected != str(zlib.crc32(response.body)):
            raise NoAnswer(f"{host}: the answer's checksum is wrong")
        if response.status == 200:
            document: dict[str, Any] = json.loads(response.body)
            return document
        error = _error(response)
        if response.status == 429 or response.status >= 500 or error.code in _PASSING:
            raise _Passing(error)
        raise error


class _Passing(Exception):
    """A refusal that another attempt may not meet."""

    def __init__(self, error: ApiError) -> None:
        self.error = error


def _error(response: Response) -> ApiError:
    try:
        document = json.loads(response.body)
    except ValueError:
        document = {}
    if not isinstance(document, dict):
        document = {}
    code = str(document.get("__type", "")).rpartition("#")[2]
    return ApiError(code or f"Status{response.status}", document)
