"""How often a count that only grows is worth a line."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from quizkit.sdk.live_events import AnswerCount

_EVERY_SECONDS: Final = 1.0


class Paced:
    """Lets a count through once a second, and when it is complete.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told = float("-inf")

    def worth(self, count: AnswerCount) -> bool:
        """Whether this count should be told."""
        now = self._clock()
        if count.answers < count.participants and now - self._told < _EVERY_SECONDS:
            return False
        self._told = now
        return True
