"""Errors of the SDK. Whatever goes wrong reaches the caller as one of these.

    QuizkitError               base; `code`, `message`, `hint`
    ├── Misuse                 a name or setting that cannot be right
    ├── InvalidInput           a file or document with problems; `problems` lists them
    ├── NotFound               no such quiz, session, PIN, stack, …
    ├── CredentialsError       none, expired, or not allowed to do this
    ├── Unreachable            the backend does not answer
    │   └── MissingExtra       this installation lacks an extra such as quizkit[deploy]
    ├── DeploymentFailed       CloudFormation gave up; `resource` and `reason` of the first failure
    ├── Conflict               right request, wrong moment: the state does not allow it
    └── Refused                any other refusal of the platform; `code` is the platform's

`code` is stable and for programs, `message` says what and why, `hint` says the fix. Vendor
exceptions stop at their adapters (`quizkit.sdk.target.translate` for boto3). Exit codes
belong to the command line, which maps these classes to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


class QuizkitError(Exception):
    """Base of all errors of the SDK.

    Attributes:
        code: stable, snake_case; the class's own unless one is given.
        message: what happened and why; for people, one line.
        hint: what to do about it, or None.
    """

    default_code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code


class Misuse(QuizkitError):
    """A target, stage, region or option that cannot be right."""

    default_code = "usage"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file; `line` and `column` count from 1, None where unknown.

    `file` is named where several are told of at once.
    """

    message: str
    line: int | None = None
    column: int | None = None
    file: str | None = None

    def __str__(self) -> str:
        """The problem as `line:column: message`, as far as the place is known."""
        if self.line is None:
            return self.message
        column = "" if self.column is None else f":{self.column}"
        return f"{self.line}{column}: {self.message}"


class InvalidInput(QuizkitError):
    """A file or document that breaks its format; `problems` holds every one found."""

    default_code = "invalid_input"

    def __init__(
        self,
        message: str,
        *,
        problems: Iterable[Problem] = (),
        hint: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.problems = tuple(problems)


class NotFound(QuizkitError):
    """What was named does not exist."""

    default_code = "not_found"


class CredentialsError(QuizkitError):
    """There are no credentials, they have expired, or they do not allow this."""

    default_code = "credentials"


class Unreachable(QuizkitError):
    """The backend does not answer."""

    default_code = "unreachable"


class MissingExtra(Unreachable):
    """A part of quizkit that this installation left out.

    Args:
        extra: name of the extra, such as `deploy`.
        purpose: what it is needed for, such as "Deploying".
    """

    default_code = "missing_extra"

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the extra “{extra}”, which is not installed.",
            hint=f'run: pip install "quizkit[{extra}]"',
        )
        self.extra = extra


class DeploymentFailed(QuizkitError):
    """The stack did not reach the state asked for.

    Attributes:
        resource: logical id of the resource that failed first, or None.
        reason: what CloudFormation said about it, or None.
    """

    default_code = "deployment_failed"

    def __init__(
        self,
        message: str,
        *,
        resource: str | None = None,
        reason: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.resource = resource
        self.reason = reason


class Conflict(QuizkitError):
    """The state of things does not allow this now."""

    default_code = "conflict"


class Refused(QuizkitError):
    """The platform refused the request; `code` is one of the wire protocol's."""

    default_code = "refused"


_BY_CODE: Mapping[str, type[QuizkitError]] = {
    "unauthorized": CredentialsError,
    "forbidden": CredentialsError,
    "unavailable": Unreachable,
    "conflict": Conflict,
    "media_in_use": Conflict,
    "invalid_media": InvalidInput,
    "nickname_taken": Conflict,
    "not_allowed_now": Conflict,
    "quiz_in_use": Conflict,
    "session_finished": Conflict,
    "session_full": Conflict,
    "session_locked": Conflict,
}


def refusal(error: Mapping[str, Any], *, hint: str | None = None) -> QuizkitError:
    """Turn the platform's `{"code", "message", "problems"?}` into the error to raise."""
    code = str(error.get("code", Refused.default_code))
    message = str(error.get("message") or code)
    if code == "invalid_quiz":
        problems = [_problem(item) for item in error.get("problems", ())]
        return InvalidInput(message, problems=problems, hint=hint, code=code)
    if code.endswith("_not_found"):
        return NotFound(message, hint=hint, code=code)
    return _BY_CODE.get(code, Refused)(message, hint=hint, code=code)


def _problem(item: object) -> Problem:
    """A problem as the platform words it: a text, or a mapping with a message and a path."""
    if not isinstance(item, Mapping):
        return Problem(str(item))
    path = item.get("path")
    where = ".".join(str(part) for part in path) + ": " if path else ""
    return Problem(f"{where}{item.get('message', '')}", item.get("line"), item.get("column"))
