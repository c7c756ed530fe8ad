"""Ways onto a live session's socket: a player's, with a resume token, and a host's.

The doors are asynchronous; the HTTP requests behind them block, and run in threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, Self

from quizkit.sdk.errors import Misuse, NotFound, Unreachable
from quizkit.sdk.live_events import Answer
from quizkit.sdk.live_protocol import Ack
from quizkit.sdk.player import PlayerApi, Seat
from quizkit.sdk.threads import in_thread


@contextmanager
def _coming_back() -> Iterator[None]:
    """A platform that has just been restarted may answer before it knows its APIs again.

    Raises:
        Unreachable: instead of the `NotFound` that names neither session nor PIN.
    """
    try:
        yield
    except NotFound as exc:
        if exc.code != NotFound.default_code:
            raise
        raise Unreachable(exc.message, hint=exc.hint) from exc


class Door(Protocol):
    """How a client gets onto a socket."""

    async def url(self) -> str:
        """A WebSocket URL with a fresh ticket."""

    async def answer(self, question_id: str, answer: Answer, ref: str) -> Ack:
        """Answer without a socket."""


class PlayerDoor:
    """A player's way in: the ticket of joining first, then the resume token.

    Args:
        api: may be shared between players, so that they share its kept connections.
        fresh: whether the seat's ticket is still unused.
    """

    def __init__(self, api: PlayerApi, seat: Seat, *, fresh: bool = True) -> None:
        self._api = api
        self.seat = seat
        self._ticket = seat.ticket if fresh else None

    @classmethod
    async def join(cls, api: PlayerApi, pin: str, nickname: str) -> Self:
        """Take a new seat; raises as `PlayerApi.join` does."""
        return cls(api, await in_thread(lambda: api.join(pin, nickname)))

    @classmethod
    async def resume(cls, api: PlayerApi, pin: str, resume_token: str) -> Self:
        """Return to a seat; raises as `PlayerApi.resume` does."""
        return cls(api, await in_thread(lambda: api.resume(pin, resume_token)))

    async def url(self) -> str:
        """The URL with the first ticket, later with one for the resume token."""
        ticket, self._ticket = self._ticket, None
        if ticket is None:
            with _coming_back():
                seat = self.seat
                self.seat = await in_thread(lambda: self._api.resume(seat.pin, seat.resume_token))
            ticket = self.seat.ticket
        return f"{self.seat.websocket_url}?ticket={ticket}"

    async def answer(self, question_id: str, answer: Answer, ref: str) -> Ack:
        """Answer over `POST /answer`."""
        token = self.seat.resume_token
        with _coming_back():
            fields = await in_thread(lambda: self._api.answer(token, question_id, answer, ref))
        return Ack.read(fields)


class HostDoor:
    """A host's way in: a callable that gives `{"ticket", "websocket_url"}` each time.

    Args:
        tickets: called in a thread, since it asks the platform.
    """

    def __init__(self, tickets: Callable[[], Mapping[str, Any]]) -> None:
        self._tickets = tickets

    async def url(self) -> str:
        """The URL with a new ticket."""
        with _coming_back():
            ticket = await in_thread(self._tickets)
        return f"{ticket['websocket_url']}?ticket={ticket['ticket']}"

    async def answer(self, question_id: str, answer: Answer, ref: str) -> Ack:
        """Hosts do not answer."""
        raise Misuse("A host does not answer questions.")
