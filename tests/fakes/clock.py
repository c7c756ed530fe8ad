"""A clock that stands still until it is moved."""

from __future__ import annotations

START = 1_800_000_000_000


class FakeClock:
    """`ports.Clock`; `sleep` moves it, so nothing ever waits."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.now += max(1, round(seconds * 1_000))

    def advance(self, milliseconds: int) -> int:
        """Move on; returns the new time."""
        self.now += milliseconds
        return self.now
