"""The two ways to the platform's operations: with AWS credentials, and signed in as a host.

Both lead to the same function and take and give the same documents; it knows which way one
came. An admin may do everything, a host what concerns their own quizzes and sessions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from quizkit.sdk.errors import CredentialsError, NotFound, QuizkitError, Refused, refusal
from quizkit.sdk.player import Bearer, PlayerApi

if TYPE_CHECKING:
    from quizkit.sdk.target import Target

#: Longer than any operation may run, in seconds.
_READ_TIMEOUT: Final = 65.0
_ATTEMPTS: Final = 3


class AdminDoor(Protocol):
    """A way to the operations."""

    def call(
        self, operation: str, arguments: Mapping[str, Any], *, repeatable: bool
    ) -> dict[str, Any]:
        """Do an operation; raises its refusal as an error of `quizkit.sdk.errors`.

        Args:
            repeatable: whether it may be sent again where its answer is lost.
        """


class InvokeDoor:
    """Calls the admin function with AWS credentials."""

    def __init__(self, target: Target, function: str) -> None:
        self._target = target
        self._function = function

    def call(
        self, operation: str, arguments: Mapping[str, Any], *, repeatable: bool
    ) -> dict[str, Any]:
        """Invoke the function; raises as the protocol says."""
        payload = json.dumps({"operation": operation, **arguments}).encode()
        answer = self._invoke(payload, attempts=_ATTEMPTS if repeatable else 1)
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            raise refusal(answer["error"])
        if not isinstance(answer, dict) or not isinstance(answer.get("ok"), dict):
            raise Refused(f"{self._function} answered {operation} in an unknown form.")
        return cast(dict[str, Any], answer["ok"])

    def _invoke(self, payload: bytes, *, attempts: int) -> Any:
        from botocore.exceptions import ClientError

        client = self._target.client("lambda", read_timeout=_READ_TIMEOUT, attempts=attempts)
        with self._target.errors():
            try:
                response = client.invoke(FunctionName=self._function, Payload=payload)
            except ClientError as exc:
                if exc.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
                    raise not_deployed(self._target.stage) from exc
                raise
            content = response["Payload"].read()
        try:
            answer = json.loads(content)
        except ValueError as exc:
            raise Refused(f"{self._function} answered without JSON.") from exc
        if response.get("FunctionError"):
            said = answer.get("errorMessage") if isinstance(answer, dict) else None
            message = f"{self._function} failed: {said or 'no reason given'}."
            raise QuizkitError(message, code="internal", hint="see its log group in CloudWatch")
        return answer


class SignedInDoor:
    """Sends operations over HTTP with the ID token of a host; no AWS credentials are needed."""

    def __init__(self, http_url: str, bearer: Bearer) -> None:
        self._api = PlayerApi(http_url, bearer=bearer)

    def call(
        self, operation: str, arguments: Mapping[str, Any], *, repeatable: bool
    ) -> dict[str, Any]:
        """Send the operation; raises as the protocol says."""
        try:
            return cast(
                dict[str, Any], self._api.operate(operation, arguments, repeatable=repeatable)
            )
        except CredentialsError as exc:
            if exc.code != "forbidden" or exc.hint:
                raise
            # Who is nobody's host, or not this one's, has the same way out.
            hint = "sign in as its host, or act as an admin: --as admin (AWS credentials)"
            raise CredentialsError(exc.message, hint=hint, code=exc.code) from exc


def not_deployed(stage: str) -> NotFound:
    """The error for a stage that is not there."""
    return NotFound(f"The stage {stage} is not deployed.", hint="run: quizkit deploy")
