"""Invocations over one kept connection, a line each way; the other end is `local.emulator`.

    NUMBER FUNCTION REQUEST-ID DEADLINE-MS <tab> the event as JSON
    NUMBER STATUS <tab> the result as JSON, or nothing

JSON as we write it holds no line break. Invocations run side by side and are answered as they
end. A caller that goes away leaves them running, as one that closes an HTTP connection does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Final

from quizkit.local.hosting.functions import Call, Reply

#: What a client asks to upgrade an HTTP connection to.
PROTOCOL: Final = "quizkit-lines"
_CHUNK: Final = 256 * 1024


class NotALine(Exception):
    """The other end speaks something else."""


async def serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    start: Callable[[Call], Awaitable[Reply]],
) -> None:
    """Answer invocations until the other end is gone.

    Args:
        start: has an invocation run; its reply comes later.

    Raises:
        NotALine: and then the connection is of no use any more.
    """
    async for line in lines_from(reader):
        number, call = parse(line)
        running = asyncio.ensure_future(start(call))
        running.add_done_callback(partial(_answer, writer, number))


async def lines_from(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Whole lines, without their ends; what is left of one at the end is dropped."""
    rest = b""
    while chunk := await reader.read(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line


def parse(line: bytes) -> tuple[int, Call]:
    """The number and the invocation in a line.

    Raises:
        NotALine: it is none.
    """
    head, _, payload = line.partition(b"\t")
    try:
        number, function, request_id, deadline = head.decode("ascii").split(" ")
        call = Call(function, request_id, int(deadline), payload)
        return int(number), call
    except ValueError:
        raise NotALine(head[:100].decode("latin-1")) from None


def _answer(writer: asyncio.StreamWriter, number: int, done: asyncio.Future[Reply]) -> None:
    """Send a reply; nobody is left to hear of one that was cancelled with the process."""
    if done.cancelled() or writer.is_closing():
        return
    reply = done.result()
    writer.write(b"%d %d\t%b\n" % (number, reply.status, reply.body))
