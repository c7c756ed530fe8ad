"""Blocking calls in threads that nobody has to wait for."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from quizkit.sdk.threads import Workers, in_thread


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


def test_threads_are_used_again() -> None:
    """Calls after one another share a thread, also where each comes the moment one is told."""
    workers, seen = Workers(), set()
    done = threading.Event()

    def call(left: int) -> Callable[[], None]:
        seen.add(threading.get_ident())
        return (lambda: workers.run(lambda: call(left - 1))) if left else done.set

    workers.run(lambda: call(50))
    assert done.wait(10)
    assert len(seen) == 1


async def test_calls_at_once_have_a_thread_each() -> None:
    """None waits for another."""
    together = threading.Barrier(8)

    def meet() -> int:
        together.wait(10)
        return threading.get_ident()

    assert len(set(await asyncio.gather(*(in_thread(meet) for _ in range(8))))) == 8


def test_an_idle_thread_ends() -> None:
    """After its time, and the next call gets another one."""
    workers, seen = Workers(linger=0.05), []
    for _ in range(2):
        done = threading.Event()

        def call(done: threading.Event = done) -> Callable[[], None]:
            seen.append(threading.current_thread())
            return done.set

        workers.run(call)
        assert done.wait(10)
        seen[-1].join(10)
        assert not seen[-1].is_alive()
    assert seen[0] is not seen[1]


def test_no_call_is_lost_where_threads_come_and_go() -> None:
    """Calls that come just as threads give up waiting are all made."""
    workers, made = Workers(linger=0.001), threading.Semaphore(0)

    def release() -> Callable[[], None]:
        return lambda: made.release()

    def submit() -> None:
        for number in range(200):
            workers.run(release)
            if number % 3 == 0:
                time.sleep(0.001)

    submitters = [threading.Thread(target=submit) for _ in range(4)]
    for thread in submitters:
        thread.start()
    for thread in submitters:
        thread.join()
    assert all(made.acquire(timeout=10) for _ in range(800))
    assert not made.acquire(blocking=False)
