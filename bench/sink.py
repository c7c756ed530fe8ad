"""A server that takes every request and says 200: what posts are measured against.

It runs in a process of its own (`python -m bench.sink`), so that its CPU time does not count,
keeps connections open, and prints its port when it listens. It ends when its standard input
is closed, so it cannot outlive the bench.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

HOST: Final = "127.0.0.1"
_ANSWER: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


@contextmanager
def sink() -> Iterator[str]:
    """A running sink; its URL."""
    command = [sys.executable, "-m", "bench.sink"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            yield f"http://{HOST}:{port}"
        finally:
            process.stdin.close()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = 0
            for line in head.split(b"\r\n"):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            await reader.readexactly(length)
            writer.write(_ANSWER)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        return  # the client is done, or we are
    finally:
        writer.close()


async def _main() -> None:
    server = await asyncio.start_server(_serve, HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Not `async with`: since Python 3.12 that waits for the clients, who keep their connections.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_main())
