"""Bearing with a platform that does not answer for a while, in commands that go on and on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from quizkit.cli.render import Output
    from quizkit.sdk.errors import Unreachable

#: For how many looks in a row the platform may be silent.
LOOKS: Final = 30


class Patience:
    """Counts looks without an answer; the first is told, and one too many ends it."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._failures = 0

    def answered(self) -> None:
        """Begin anew."""
        self._failures = 0

    def missed(self, error: Unreachable) -> None:
        """Take one more failure.

        Raises:
            Unreachable: the platform has not answered for too long.
        """
        self._failures += 1
        if self._failures == 1:
            self._out.note("no answer; trying again …", style="yellow")
        if self._failures > LOOKS:
            raise error
