"""Ways onto a live session's socket: a player's, with a resume token, and a host's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from quizkit.sdk.errors import Misuse, NotFound, Unreachable
from quizkit.sdk.live_protocol import Ack
from quizkit.sdk.player import PlayerApi, Seat


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
    """How a client gets onto a socket; both methods block."""

    def url(self) -> str:
        """A WebSocket URL with a fresh ticket."""

    def answer(self, question_id: str, answer: object, ref: str) -> Ack:
        """Answer without a socket."""


class PlayerDoor:
    """A player's way in: the ticket of joining first, then the resume token."""

    def __init__(self, api: PlayerApi, seat: Seat) -> None:
        self._api = api
        self.seat = seat
        self._ticket: str | None = seat.ticket

    def url(self) -> str:
        """The URL with the first ticket, later with one for the resume token."""
        ticket, self._ticket = self._ticket, None
        if ticket is None:
            with _coming_back():
                self.seat = self._api.resume(self.seat.pin, self.seat.resume_token)
            ticket = self.seat.ticket
        return f"{self.seat.websocket_url}?ticket={ticket}"

    def answer(self, question_id: str, answer: object, ref: str) -> Ack:
        """Answer over `POST /answer`."""
        return Ack.read(self._api.answer(self.seat.resume_token, question_id, answer, ref))


class HostDoor:
    """A host's way in: a callable that gives `{"ticket", "websocket_url"}` each time."""

    def __init__(self, tickets: Callable[[], Mapping[str, Any]]) -> None:
        self._tickets = tickets

    def url(self) -> str:
        """The URL with a new ticket."""
        with _coming_back():
            ticket = self._tickets()
        return f"{ticket['websocket_url']}?ticket={ticket['ticket']}"

    def answer(self, question_id: str, answer: object, ref: str) -> Ack:
        """Hosts do not answer."""
        raise Misuse("A host does not answer questions.")
