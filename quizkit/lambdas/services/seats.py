"""How many may join a session.

Seats are counted in storage, and in a large session not one by one: an environment counts a
block of joins by one call, when the block is complete. A session of fewer than 500 seats has
blocks of one, so that its cap is exact. In a larger one each warm environment may let in up to
a block beyond the cap. Nobody is refused before the cap is reached, and whoever was refused
by an environment will be again: seats of those who were removed are not given to others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from quizkit.core.errors import Rejected
from quizkit.core.session import Session
from quizkit.lambdas.ports import Clock, SeatCounts

#: A block is the cap's 250th part: 20 joins at 5,000 seats.
_BLOCKS: Final = 250
_ROOM: Final = 256


@dataclass(slots=True)
class Seats:
    """The seats of all sessions that this environment lets people into."""

    counts: SeatCounts
    clock: Clock
    #: By session: joins that are not counted in storage yet.
    _open: dict[str, int] = field(default_factory=dict)
    _full: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def take(self, session: Session) -> None:
        """Take a seat; makes a call once a block.

        Raises:
            Rejected: `session_full`.
        """
        key, block = session.session_id, max(1, session.max_participants // _BLOCKS)
        with self._lock:
            if key in self._full:
                raise _refusal(session)
            taken = self._open.get(key, 0) + 1
            due = taken >= block
            if len(self._open) >= _ROOM:
                self._open.clear()
            self._open[key] = 0 if due else taken
        if due and not self.counts.take(key, taken, session.max_participants, self.clock()):
            with self._lock:
                if len(self._full) >= _ROOM:
                    self._full.clear()
                self._full.add(key)
            raise _refusal(session)

    def give_back(self, session: Session) -> None:
        """Give a seat back that nobody sat down on; the next one who joins here takes it."""
        with self._lock:
            self._open[session.session_id] = self._open.get(session.session_id, 0) - 1


def _refusal(session: Session) -> Rejected:
    return Rejected("session_full", f"all {session.max_participants} places are taken")
