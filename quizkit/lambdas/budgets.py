"""What each socket may still send, kept in a warm environment's own memory.

The gateway's throttles are for a whole stage: one socket that floods would use up what all
others need. So every function that answers sockets counts the messages of each, by the rule
of `core.budget`. The count costs a look into a dict and no call. In return it is a best
effort: each function counts for itself, and so does each of its environments, so that a
socket whose messages are spread over several may send that many times more.
"""

from __future__ import annotations

from typing import Final

from quizkit.core.budget import spend
from quizkit.core.errors import Rejected

_ROOM: Final = 10_000


class Budgets:
    """The budgets of all sockets that this environment has heard of lately.

    Args:
        room: how many are kept before those that are whole again are forgotten.
    """

    def __init__(self, room: int = _ROOM) -> None:
        self._least = self._room = room
        self._whole_at: dict[str, int] = {}

    def __len__(self) -> int:
        """How many sockets are kept."""
        return len(self._whole_at)

    def spend(self, connection_id: str, now: int) -> None:
        """Pay for one message of a socket.

        Args:
            now: epoch milliseconds at which the gateway received it.

        Raises:
            Rejected: `too_many_requests`.
        """
        whole_at = spend(self._whole_at.get(connection_id, 0), now)
        if whole_at is None:
            raise Rejected("too_many_requests", "too many messages at once; nothing has changed")
        if len(self._whole_at) >= self._room:
            self._forget(now)
        self._whole_at[connection_id] = whole_at

    def _forget(self, now: int) -> None:
        # `list` copies at once; other threads of this process may be adding sockets.
        kept = {key: at for key, at in list(self._whole_at.items()) if at > now}
        self._whole_at = kept
        self._room = max(self._least, 2 * len(kept))
