"""Opening one socket: what can go wrong, in our own words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from quizkit.sdk.errors import Unreachable
from quizkit.sdk.live_socket import TicketRefused, open_socket
from tests.sdk.fake_platform import FakePlatform, fake_platform

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    """A fake platform, running."""
    async with fake_platform() as running:
        yield running


async def silent(socket: ClientConnection) -> None:
    """Greet with nothing."""


async def waiting(socket: ClientConnection) -> None:
    """Wait for a frame that never comes."""
    await socket.recv()


def url(platform: FakePlatform) -> str:
    """A URL with a good ticket."""
    ticket = platform.host_ticket()
    return f"{ticket['websocket_url']}?ticket={ticket['ticket']}"


async def test_it_opens(platform: FakePlatform) -> None:
    """A good ticket gives a socket."""
    socket = await open_socket(url(platform), silent, 5)
    await socket.close()


async def test_a_bad_ticket(platform: FakePlatform) -> None:
    """HTTP 403 instead of a socket is TicketRefused."""
    with pytest.raises(TicketRefused):
        await open_socket(f"{platform.websocket_url}?ticket=x", silent, 5)


async def test_no_sockets(platform: FakePlatform) -> None:
    """Any other status, and a closed port, are Unreachable."""
    platform.wrong.no_sockets = 1
    with pytest.raises(Unreachable, match="503"):
        await open_socket(url(platform), silent, 5)
    with pytest.raises(Unreachable):
        await open_socket("ws://127.0.0.1:9/", silent, 5)


async def test_a_server_that_does_not_speak_tls(platform: FakePlatform) -> None:
    """A secure address with nothing secure behind it is Unreachable."""
    with pytest.raises(Unreachable):
        await open_socket(url(platform).replace("ws:", "wss:"), silent, 5)


async def test_a_greeting_without_end(platform: FakePlatform) -> None:
    """Connecting and greeting have one time limit together."""
    with pytest.raises(Unreachable, match="too long"):
        await open_socket(url(platform), waiting, 0.2)


async def test_a_greeting_that_is_cut(platform: FakePlatform) -> None:
    """A socket that closes during the greeting is Unreachable, too."""

    async def cut(socket: ClientConnection) -> None:
        socket.transport.abort()
        await asyncio.sleep(0)
        await socket.recv()

    with pytest.raises(Unreachable):
        await open_socket(url(platform), cut, 5)
