"""Exit codes, and which error ends with which; the only place that knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from enum import IntEnum
from typing import Any, Final

from quizkit.sdk.errors import (
    CredentialsError,
    DeploymentFailed,
    InvalidInput,
    Misuse,
    NotFound,
    QuizkitError,
    Unreachable,
)


class Exit(IntEnum):
    """What the process tells its caller."""

    DONE = 0
    OTHER = 1
    USAGE = 2
    NOT_FOUND = 3
    CREDENTIALS = 4
    INVALID = 5
    UNREACHABLE = 6
    DEPLOYMENT = 7
    INTERRUPTED = 130


_BY_CLASS: Final[tuple[tuple[type[QuizkitError], Exit], ...]] = (
    (Misuse, Exit.USAGE),
    (NotFound, Exit.NOT_FOUND),
    (CredentialsError, Exit.CREDENTIALS),
    (InvalidInput, Exit.INVALID),
    (Unreachable, Exit.UNREACHABLE),
    (DeploymentFailed, Exit.DEPLOYMENT),
)

#: A stage that is not deployed is a backend that is not there, not a wrong name.
_BY_CODE: Final[Mapping[str, Exit]] = {"stack_not_found": Exit.UNREACHABLE}

#: What to do about refusals that come from the platform without a hint.
_HINTS: Final[Mapping[str, str]] = {
    "quiz_not_found": "see them all with: quizkit quiz list",
    "session_not_found": "see them all with: quizkit session list",
    "pin_not_found": "ask the host for the PIN; live sessions: quizkit session list --live",
    "participant_not_found": "see who plays with: quizkit leaderboard",
    "nickname_taken": "take another name with --nick",
    "invalid_nickname": "take a name of 1 to 24 visible characters with --nick",
    "session_finished": "see its results with: quizkit session results SESSION",
    "session_locked": "ask the host to open it again (quizkit session unlock)",
    "media_not_found": "see them all with: quizkit media list",
    "media_in_use": "delete these quizzes first, or leave the file where it is",
    "too_many_requests": "check the PIN with the host; from another network it works at once",
    "quiz_in_use": "end its session first: quizkit session end",
}


def exit_of(error: QuizkitError) -> Exit:
    """The exit code of an error."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    for kind, code in _BY_CLASS:
        if isinstance(error, kind):
            return code
    return Exit.OTHER


def hint_of(error: QuizkitError) -> str | None:
    """What to do about an error."""
    return error.hint or _HINTS.get(error.code)


def document_of(error: QuizkitError) -> dict[str, Any]:
    """The error as the document that `--json` prints."""
    document = error_document(error.code, error.message, hint_of(error))
    if isinstance(error, InvalidInput) and error.problems:
        document["error"]["problems"] = [
            {name: value for name, value in asdict(problem).items() if name != "file" or value}
            for problem in error.problems
        ]
    return document


def error_document(code: str, message: str, hint: str | None) -> dict[str, Any]:
    """`{"error": {"code", "message", "hint"}}`."""
    return {"error": {"code": code, "message": message, "hint": hint}}
