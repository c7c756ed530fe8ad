"""Opening one WebSocket, and how long to try; what the `websockets` library raises stops here."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from quizkit.sdk.errors import Unreachable
from quizkit.sdk.player import is_loopback

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

Greeting: TypeAlias = "Callable[[ClientConnection], Awaitable[None]]"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take, in seconds.

    Attributes:
        connect: opening a socket and joining on it.
        acknowledge: one try of an answer over a socket.
        answer: an answer in all, over whatever way.
        command: a host's command, up to the event that it causes.
        give_up: being away before the session is given up.
        first_delay, longest_delay: between two tries to connect; doubled, then halved at
            most by chance, so that a thousand players do not return at the same instant.
        settled: a socket that lasted this long starts the delays anew.
        keep_alive: between two pings; the gateway closes sockets idle for 10 minutes.
    """

    connect: float = 10.0
    acknowledge: float = 4.0
    answer: float = 30.0
    command: float = 10.0
    give_up: float = 120.0
    first_delay: float = 0.25
    longest_delay: float = 5.0
    settled: float = 10.0
    keep_alive: float = 240.0


class TicketRefused(Unreachable):
    """The gateway refused the ticket; a newer one may do."""


async def open_socket(url: str, greet: Greeting, seconds: float) -> ClientConnection:
    """Connect and greet, all of it within a time.

    Args:
        url: with the ticket.
        greet: what to do on the new socket before it counts as open.
        seconds: for connecting and greeting together.

    Raises:
        TicketRefused: HTTP 401 or 403 instead of a socket.
        Unreachable: no socket for another reason, or it closed during the greeting.
    """
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidStatus, WebSocketException

    try:
        async with asyncio.timeout(seconds):
            socket = await connect(
                url,
                ssl=_tls() if url.startswith("wss:") else None,
                compression=None,  # frames are small, and the gateway does not offer it
                proxy=None if is_loopback(url) else True,
                open_timeout=None,
                close_timeout=1,
            )
            try:
                await greet(socket)
            except BaseException:
                socket.transport.abort()
                raise
    except InvalidStatus as exc:
        status = exc.response.status_code
        if status in (401, 403):
            raise TicketRefused(f"The ticket was refused (HTTP {status}).") from exc
        raise Unreachable(f"The WebSocket API answered with HTTP {status}.") from exc
    except (OSError, WebSocketException) as exc:
        reason = str(exc) or "it took too long"
        message = f"The WebSocket API does not answer: {reason}."
        raise Unreachable(message, hint="check that the platform is up") from exc
    return socket


@cache
def _tls() -> ssl.SSLContext:
    """One for all sockets: loading the machine's certificates takes longer than connecting."""
    return ssl.create_default_context()
