"""Blocking calls for asyncio, in threads that nobody has to wait for.

`asyncio.to_thread` keeps its threads in the loop's executor, which the end of `asyncio.run`
waits for: a Ctrl-C would hang until the last HTTP request has timed out. These are daemon
threads, left behind instead. One that has finished its call takes the next; starting one
stops the event loop for about a millisecond, which a thousand bots would feel. There are as
many as calls at once, and an idle one ends by itself after a while.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")

#: Does the work, and gives what tells of it.
Call: TypeAlias = Callable[[], Callable[[], None]]

_IDLE_SECONDS: Final = 5.0


async def in_thread(call: Callable[[], T]) -> T:
    """Run a blocking call; a caller that is cancelled leaves it to end by itself."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    _workers.run(partial(_run, call, loop, future))
    return await future


def _run(
    call: Callable[[], T], loop: asyncio.AbstractEventLoop, future: asyncio.Future[T]
) -> Callable[[], None]:
    try:
        settle = partial(future.set_result, call())
    except BaseException as exc:  # noqa: BLE001  (handed to whoever waits)
        settle = partial(future.set_exception, exc)

    def tell() -> None:
        # The loop may be closed by now: then nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if future.done() else settle())

    return tell


class Workers:
    """Daemon threads that take calls; a new one where none is idle.

    Args:
        linger: how long an idle thread waits for its next call, in seconds.
    """

    def __init__(self, linger: float = _IDLE_SECONDS) -> None:
        self._linger = linger
        self._lock = threading.Lock()
        self._calls: SimpleQueue[Call] = SimpleQueue()
        #: Threads that wait, or are about to, and have no call coming to them.
        self._idle = 0

    def run(self, call: Call) -> None:
        """Have a call made, now; neither it nor what it returns may raise."""
        with self._lock:
            taken = self._idle > 0
            self._idle -= taken
        if taken:
            self._calls.put(call)
        else:
            threading.Thread(target=self._work, args=(call,), daemon=True).start()

    def _work(self, call: Call | None) -> None:
        while call is not None:
            tell = call()
            with self._lock:
                self._idle += 1
            # Whoever is told may have the next call at once: by now this thread is free for it.
            tell()
            del call, tell  # they may hold on to a loop that is closed
            call = self._next()

    def _next(self) -> Call | None:
        with suppress(Empty):
            return self._calls.get(timeout=self._linger)
        with self._lock:
            if self._idle:
                self._idle -= 1
                return None
        # Every thread that waits has been promised a call, so one is on its way here.
        return self._calls.get()


_workers: Final = Workers()
