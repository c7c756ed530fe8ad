"""Refusing sources that guess.

A wrong guess is counted in storage, and the count is remembered in the warm environment. So a
source that is over its budget costs nothing more, and a right guess never costs anything. An
environment that has seen no wrong guess of a source does not know of the others' counts: it
looks one guess up before it does. So a source gets at most one guess for each environment
beyond its budget, and is told nothing by it but that it is over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from quizkit.core.errors import Rejected
from quizkit.core.guessing import budget, minutes_left, window
from quizkit.lambdas.ports import Clock, Misses

_ROOM: Final = 10_000


@dataclass(slots=True)
class Guesses:
    """The budgets of all sources that this environment has had wrong guesses of.

    Attributes:
        room: how many sources are remembered; more begin anew, as their stored counts do not.
    """

    misses: Misses
    clock: Clock
    room: int = _ROOM
    #: The window that the rest is of, the stage's misses, and each source's.
    _window: int = -1
    _stage: int = 0
    _sources: dict[str, int] = field(default_factory=dict)

    def check(self, source: str) -> None:
        """Refuse a source that is known to have used up its budget; makes no call.

        Raises:
            Rejected: `too_many_requests`.
        """
        self._turn()
        if self._sources.get(source, 0) >= budget(self._stage):
            raise _refusal(self.clock())

    def miss(self, source: str) -> None:
        """Count a wrong guess.

        Raises:
            Rejected: `too_many_requests`: the budget had been used up before this one.
        """
        self._turn()
        misses, stage = self.misses.add(source, self.clock())
        if len(self._sources) >= self.room:
            self._sources.clear()
        self._sources[source] = misses
        self._stage = max(self._stage, stage)
        if misses > budget(self._stage):
            raise _refusal(self.clock())

    def _turn(self) -> None:
        """Forget what was before this window."""
        now = window(self.clock())
        if now != self._window:
            self._window, self._stage = now, 0
            self._sources.clear()


def _refusal(now: int) -> Rejected:
    minutes = minutes_left(now)
    wait = f"wait {minutes} minutes" if minutes > 1 else "wait a minute"
    return Rejected("too_many_requests", f"too many wrong PINs from your network; {wait}")
