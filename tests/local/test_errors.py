"""The local platform's error."""

from __future__ import annotations

from quizkit.local.errors import LocalError
from quizkit.sdk.errors import Unreachable


def test_local_error_is_an_unreachable_backend() -> None:
    """It carries message, hint and its stable code, and is caught with all unreachable backends."""
    error = LocalError("Redis did not start.", hint="install it")
    assert isinstance(error, Unreachable)
    assert (error.code, error.message, error.hint) == (
        "backend_unreachable",
        "Redis did not start.",
        "install it",
    )
