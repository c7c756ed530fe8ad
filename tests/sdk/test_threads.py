"""Blocking calls in threads that nobody has to wait for."""

from __future__ import annotations

import asyncio
import threading

import pytest

from quizkit.sdk.threads import in_thread


async def test_results_and_errors() -> None:
    """A call's result is returned and its exception raised."""
    assert await in_thread(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0)


def test_a_cancelled_caller_leaves_the_call_behind() -> None:
    """The loop ends while the call still blocks, and the late result hurts nobody."""
    release, done = threading.Event(), threading.Event()

    def block() -> None:
        release.wait(10)
        done.set()

    async def main() -> None:
        task = asyncio.create_task(in_thread(block))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert not done.is_set()
    release.set()
    assert done.wait(10)
