"""A gateway's two limits in front of the local one, which has neither: idle sockets, old sockets.

Messages pass unchanged between a client and the platform's own gateway. A socket over which the
client has sent nothing for `idle` seconds is closed, and so is any socket after `oldest` seconds,
both as API Gateway does it after 10 minutes and 2 hours: close code 1001, going away. Control
frames (the WebSocket's own pings) do not count as messages there, and do not here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

GOING_AWAY = 1001
#: Seconds that a message may take from the client's clock to ours: where this loop was held up,
#: by other work on a busy machine, what was sent meanwhile is still on its way.
ON_ITS_WAY = 0.5


@dataclass(slots=True)
class Limits:
    """The limits, in seconds; and what they did.

    Attributes:
        closed: why sockets were closed, `idle` or `old`, in order.
        messages: how many messages clients have sent.
    """

    upstream: str
    idle: float
    oldest: float
    address: str = ""
    closed: list[str] = field(default_factory=list)
    messages: int = 0

    def through(self, url: str) -> str:
        """A URL of the platform's gateway, led through here."""
        assert urlsplit(url).netloc == self.upstream
        return url.replace(self.upstream, self.address, 1)

    async def pass_on(self, client: ServerConnection) -> None:
        """Serve one socket to its end."""
        assert client.request is not None
        url = f"ws://{self.upstream}{client.request.path}"
        async with connect(url, proxy=None, compression=None) as platform:
            loop = asyncio.get_running_loop()
            last = [loop.time()]

            async def upwards() -> None:
                async for text in client:
                    last[0] = loop.time()
                    self.messages += 1
                    await platform.send(text)

            tasks = [
                asyncio.create_task(work)
                for work in (upwards(), _downwards(platform, client), self._watch(client, last))
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, client: ServerConnection, last: list[float]) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        while True:
            left = {"idle": last[0] + self.idle - clock(), "old": began + self.oldest - clock()}
            due = [why for why, seconds in left.items() if seconds <= 0]
            if due == ["idle"]:
                before = last[0]
                await asyncio.sleep(ON_ITS_WAY)
                if last[0] > before:
                    continue
            if due:
                self.closed.append(due[0])
                await client.close(GOING_AWAY, "Going away")
                return
            await asyncio.sleep(min(left.values()))


async def _downwards(platform: ClientConnection, client: ServerConnection) -> None:
    try:
        async for text in platform:
            await client.send(text)
    except ConnectionClosed:
        return


@asynccontextmanager
async def limited(gateway_url: str, *, idle: float, oldest: float) -> AsyncIterator[Limits]:
    """A limited gateway in front of `gateway_url`, on a free port of loopback."""
    limits = Limits(urlsplit(gateway_url).netloc, idle, oldest)
    async with serve(limits.pass_on, "127.0.0.1", 0, compression=None, close_timeout=1) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        limits.address = f"127.0.0.1:{port}"
        yield limits
