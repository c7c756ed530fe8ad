"""Serving the leaderboard: from Redis where it has the current one, else from DynamoDB.

Both give the same order. A board that Redis lacks, or has from an older moment, is put
there on the way, so losing Redis costs speed and nothing else. Where answers count at once,
each moves its line in Redis, and one given while Redis is away moves nothing: such a board
lasts some seconds, then it is made from the answers again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from quizkit.core import messages
from quizkit.core.errors import Rejected
from quizkit.core.scoring import Standing
from quizkit.core.session import Session, State
from quizkit.lambdas.ports import Board, Clock, Sessions
from quizkit.lambdas.services.standings import Standings

#: A line has some 120 bytes, so the longest board stays far below what a function may answer.
MAX_TOP: Final = 5_000
DEFAULT_TOP: Final = 10
#: How long a board is believed whose lines are moved one by one.
LIVE_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Boards:
    """What serving boards needs."""

    sessions: Sessions
    standings: Standings
    board: Board
    clock: Clock

    def get(self, session_id: str, top: int) -> dict[str, Any]:
        """The document of `GET /leaderboard/{session_id}`.

        Raises:
            Rejected: `session_not_found`.
        """
        session = self._load(session_id)
        # Before the first result Redis holds the board of a self-paced session only.
        kept = session.settled > 0 or session.self_paced
        found = self.board.top(session_id, session.edition, top) if kept else None
        if found is not None:
            as_of, total, lines = found
            return _document(session, as_of, "redis", total, lines)
        lines, whole = self.standings.current(session)
        if kept and whole:
            self._write(session, lines)
        return _document(session, self.clock(), "dynamodb", len(lines), lines[:top])

    def refresh(self, session_id: str) -> bool:
        """Put the current standings into Redis; False where Redis is away or they are not known."""
        session = self._load(session_id)
        lines, whole = self.standings.current(session)
        return whole and self._write(session, lines)

    def _write(self, session: Session, lines: Sequence[Standing]) -> bool:
        moving = session.self_paced and session.state is State.OPEN
        return self.board.write(
            session.session_id,
            session.edition,
            self.clock(),
            lines,
            seconds=LIVE_SECONDS if moving else None,
        )

    def _load(self, session_id: str) -> Session:
        session = self.sessions.load(session_id)
        if session is None:
            raise Rejected("session_not_found", "there is no such session")
        return session


def _document(session: Session, as_of: int, source: str, total: int, lines: Any) -> dict[str, Any]:
    return {
        "session_id": session.session_id,
        "state": str(session.state),
        "as_of": as_of,
        "source": source,
        "total": total,
        "entries": messages.board_entries(lines),
    }


def top_of(value: str | None) -> int:
    """The `top` of a request: 1 to `MAX_TOP`, 10 where absent.

    Raises:
        Rejected: `bad_request`.
    """
    if value is None:
        return DEFAULT_TOP
    if not value.isascii() or not value.isdigit() or len(value) > 6 or int(value) < 1:
        raise Rejected("bad_request", f"'top' must be a whole number from 1 to {MAX_TOP}")
    return min(int(value), MAX_TOP)
