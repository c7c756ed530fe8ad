"""The local platform's one error, below `quizkit.sdk.errors.Unreachable`.

Unreachable
└── LocalError      a process of the local platform is missing, crashed, or does not answer
"""

from __future__ import annotations

from typing import ClassVar

from quizkit.sdk.errors import Unreachable


class LocalError(Unreachable):
    """The local platform does not run; `message` says what and why, `hint` the fix."""

    default_code: ClassVar[str] = "backend_unreachable"
