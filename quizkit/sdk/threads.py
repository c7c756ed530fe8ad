"""Blocking calls for asyncio, in threads that nobody has to wait for.

`asyncio.to_thread` keeps its threads in the loop's executor, which the end of `asyncio.run`
waits for: a Ctrl-C would hang until the last HTTP request has timed out. A daemon thread is
left behind instead. The cost is one new thread a call; the calls are few.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def in_thread(call: Callable[[], T]) -> T:
    """Run a blocking call; a caller that is cancelled leaves it to end by itself."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    threading.Thread(target=_run, args=(call, loop, future), daemon=True).start()
    return await future


def _run(call: Callable[[], T], loop: asyncio.AbstractEventLoop, future: asyncio.Future[T]) -> None:
    try:
        settle = partial(future.set_result, call())
    except BaseException as exc:  # noqa: BLE001  (handed to whoever waits)
        settle = partial(future.set_exception, exc)
    # The loop may be closed by now: then nobody waits any more.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(lambda: None if future.done() else settle())
