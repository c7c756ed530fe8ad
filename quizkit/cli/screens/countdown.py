"""How long a question still takes answers, on a machine whose clock may be wrong.

Only the server's clock decides; ours just draws. A question that has just been sent opens
within `LEAD_MS`, whatever the two clocks say, so the difference is bounded by that.
"""

from __future__ import annotations

from dataclasses import dataclass

from quizkit.core.session import LEAD_MS


@dataclass(frozen=True, slots=True)
class Countdown:
    """When a question opens and closes, in seconds of a clock that only goes forward."""

    opens: float
    closes: float

    @classmethod
    def start(
        cls, opens_at: int, closes_at: int, *, now_ms: float, clock: float, fresh: bool
    ) -> Countdown:
        """Place a question's times on our clock.

        Args:
            opens_at, closes_at: the server's, epoch milliseconds.
            now_ms: our time of day, epoch milliseconds.
            clock: our monotonic clock now, seconds.
            fresh: it was sent just now, so it cannot have opened yet.
        """
        limit = (closes_at - opens_at) / 1_000
        lead = min(max((opens_at - now_ms) / 1_000, 0.0 if fresh else -limit), LEAD_MS / 1_000)
        return cls(clock + lead, clock + lead + limit)

    def waiting(self, clock: float) -> float:
        """Seconds until it opens; 0 once it has."""
        return max(self.opens - clock, 0.0)

    def left(self, clock: float) -> float:
        """Seconds until it closes; 0 once it has."""
        return max(self.closes - clock, 0.0)
