"""Exit codes and error documents."""

from __future__ import annotations

import pytest

from quizkit.cli.exits import Exit, document_of, exit_of, hint_of
from quizkit.local.errors import LocalError
from quizkit.sdk.errors import (
    Conflict,
    CredentialsError,
    DeploymentFailed,
    InvalidInput,
    MissingExtra,
    Misuse,
    NotFound,
    Problem,
    QuizkitError,
    Refused,
    Unreachable,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (QuizkitError("x"), 1),
        (Conflict("x"), 1),
        (Refused("x"), 1),
        (Misuse("x"), 2),
        (NotFound("x"), 3),
        (CredentialsError("x"), 4),
        (InvalidInput("x"), 5),
        (Unreachable("x"), 6),
        (LocalError("x"), 6),
        (MissingExtra("deploy", "Deploying"), 6),
        (NotFound("x", code="stack_not_found"), 6),
        (DeploymentFailed("x"), 7),
    ],
)
def test_every_error_has_its_exit_code(error: QuizkitError, code: int) -> None:
    """The classes of the SDK map to the contract's exit codes."""
    assert exit_of(error) == Exit(code)


def test_an_errors_own_hint_wins() -> None:
    """The fix that an error brings is told, else the one for its code, else none."""
    assert hint_of(NotFound("x", code="quiz_not_found", hint="mine")) == "mine"
    assert "quiz list" in (hint_of(NotFound("x", code="quiz_not_found")) or "")
    assert hint_of(QuizkitError("x")) is None


def test_the_document_names_code_message_and_hint() -> None:
    """Exactly the contract's keys stand in an error document."""
    document = document_of(NotFound("gone", hint="look elsewhere"))
    assert document == {"error": {"code": "not_found", "message": "gone", "hint": "look elsewhere"}}


def test_problems_of_a_file_stand_in_the_document() -> None:
    """Line, column and message of every problem reach programs."""
    document = document_of(InvalidInput("bad", problems=[Problem("p", 3, 4), Problem("q")]))
    assert document["error"]["problems"] == [
        {"line": 3, "column": 4, "message": "p"},
        {"line": None, "column": None, "message": "q"},
    ]
