"""Invocations over one kept connection, a line each way; the other end is `local.emulator`.

    NUMBER FUNCTION REQUEST-ID DEADLINE-MS <tab> the event as JSON
    NUMBER STATUS <tab> the result as JSON, or nothing

JSON as we write it holds no line break. Invocations run side by side and are answered as they
end. A caller that goes away leaves them running, as one that closes an HTTP connection does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from threading import Lock
from typing import Final, TypeAlias

from quizkit.local.hosting.functions import Call, Reply

#: What a client asks to upgrade an HTTP connection to.
PROTOCOL: Final = "quizkit-lines"
_CHUNK: Final = 256 * 1024

#: Has an invocation run, and its reply handed over by whatever thread it ran in.
Start: TypeAlias = Callable[[Call, Callable[[Reply], None]], None]


class NotALine(Exception):
    """The other end speaks something else."""


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, start: Start) -> None:
    """Answer invocations until the other end is gone.

    Raises:
        NotALine: and then the connection is of no use any more.
    """
    answers = Answers(writer)
    async for line in lines_from(reader):
        number, call = parse(line)
        start(call, partial(answers.put, number))


class Answers:
    """Answers on their way out, from any thread.

    The loop is woken for the first of them and takes along all that came until it looks:
    waking it for each would cost more than most invocations do.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._lock = Lock()
        self._ready: list[bytes] = []

    def put(self, number: int, reply: Reply) -> None:
        """Send a reply soon; nobody hears of one whose caller has gone."""
        line = b"%d %d\t%b\n" % (number, reply.status, reply.body)
        with self._lock:
            self._ready.append(line)
            first = len(self._ready) == 1
        if first and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._flush)

    def _flush(self) -> None:
        with self._lock:
            lines, self._ready = self._ready, []
        if not self._writer.is_closing():
            self._writer.write(b"".join(lines))


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
