"""A check's finding, as plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from quizkit.sdk.errors import QuizkitError

Verdict = Literal["ok", "warning", "failed", "skipped"]

#: Makes a command of ours for people to type, such as `quizkit --stage prod deploy`.
Command: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found.

    Attributes:
        name: of the check; stable, snake_case.
        status: ok; warning: it works, but less well or not for long; failed: it does not
            work; skipped: nothing could be found out.
        message: what was found, and for anything but ok the reason; for people, one line.
        fix: what to do about it, a command where there is one; None where there is nothing.
    """

    name: str
    status: Verdict
    message: str
    fix: str | None = None

    @classmethod
    def ok(cls, name: str, message: str) -> Check:
        """All is well."""
        return cls(name, "ok", message)

    @classmethod
    def warning(cls, name: str, message: str, fix: str | None) -> Check:
        """It works, but less well than it could."""
        return cls(name, "warning", message, fix)

    @classmethod
    def failed(cls, name: str, message: str, fix: str | None) -> Check:
        """It does not work."""
        return cls(name, "failed", message, fix)

    @classmethod
    def skipped(cls, name: str, message: str, fix: str | None = None) -> Check:
        """Nothing could be found out, and why."""
        return cls(name, "skipped", message, fix)

    @classmethod
    def of_error(cls, name: str, error: QuizkitError, status: Verdict = "failed") -> Check:
        """An error as a finding."""
        return cls(name, status, error.message, error.hint)

    def as_dict(self) -> dict[str, Any]:
        """The finding as a JSON document."""
        return asdict(self)
