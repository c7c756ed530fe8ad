"""Counts the function calls behind a call of DynamoDB: through MiniStack's server, and direct."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Awaitable, Callable

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app

BODY = json.dumps({"TableName": "none", "Key": {"pk": {"S": "a"}}}).encode()
HEADERS = {
    "host": "localhost",
    "x-amz-target": "DynamoDB_20120810.GetItem",
    "content-type": "application/x-amz-json-1.0",
    "content-length": str(len(BODY)),
}
REQUEST = (
    "POST / HTTP/1.1\r\n" + "".join(f"{name}: {HEADERS[name]}\r\n" for name in HEADERS) + "\r\n"
)


async def counted(work: Callable[[], Awaitable[object]]) -> int:
    """Function calls of Python code in the second of two runs; the first imports and caches."""
    await work()
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    await work()
    sys.setprofile(None)
    return calls


async def main() -> None:
    """Serve, ask, and print both counts."""
    config, done = Config(), asyncio.Event()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config.bind = [f"127.0.0.1:{port}"]
    config.loglevel = "ERROR"
    server = asyncio.create_task(serve(app.app, config, shutdown_trigger=done.wait))
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            break
        except OSError:
            await asyncio.sleep(0.05)

    async def through() -> None:
        writer.write(REQUEST.encode() + BODY)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
        )
        await reader.readexactly(int(length.split(b":")[1]))

    async def direct() -> None:
        await app.SERVICE_HANDLERS["dynamodb"]("POST", "/", HEADERS, BODY, {})

    print(f"{await counted(through)} function calls through, direct {await counted(direct)}")
    writer.close()
    done.set()
    await server


asyncio.run(main())
