"""quizkit.lambdas.adapters.sharing: one read for all who ask meanwhile, never an old one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from quizkit.lambdas.adapters.sharing import SharedReads


class Store:
    """A value that changes; reads of it wait at a gate."""

    def __init__(self) -> None:
        self.value = 0
        self.reads: list[str] = []
        self.begun = threading.Semaphore(0)
        self.gate = threading.Semaphore(0)

    def read(self, key: str) -> int:
        """The value as it is when the read begins."""
        self.reads.append(key)
        value = self.value
        self.begun.release()
        assert self.gate.acquire(timeout=10)
        return value


def test_a_single_reader_reads_itself() -> None:
    """Nothing is kept: every call is a read."""
    store = Store()
    shared = SharedReads(store.read)
    for value in range(3):
        store.value = value
        store.gate.release()
        assert shared.get("s") == value
    assert store.reads == ["s"] * 3
    assert shared._reading == {}


def test_whoever_asks_during_a_read_shares_the_next() -> None:
    """Twenty wait while one reads: one more read, begun after all of them asked."""
    store = Store()
    shared = SharedReads(store.read)
    with ThreadPoolExecutor(21) as pool:
        first = pool.submit(shared.get, "s")
        assert store.begun.acquire(timeout=10)
        asked = threading.Barrier(21)

        def ask() -> int:
            asked.wait(10)
            return shared.get("s")

        others = [pool.submit(ask) for _ in range(20)]
        asked.wait(10)
        store.value = 7  # after the first read began
        while len(shared._gathering) == 0:
            pass
        store.gate.release(30)
        assert first.result(10) == 0
        assert {other.result(10) for other in others} == {7}
    assert 2 <= len(store.reads) < 21
    assert shared._reading == {}


def test_keys_do_not_wait_for_one_another() -> None:
    """A slow read of one session holds up no other."""
    store = Store()
    shared = SharedReads(store.read)
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(shared.get, "slow")
        assert store.begun.acquire(timeout=10)
        quick = pool.submit(shared.get, "quick")
        assert store.begun.acquire(timeout=10)
        store.gate.release(2)
        assert (slow.result(10), quick.result(10)) == (0, 0)
    assert store.reads == ["slow", "quick"]


def test_a_failed_read_fails_for_all_who_shared_it() -> None:
    """And for nobody else."""
    attempts: list[str] = []

    def read(key: str) -> int:
        attempts.append(key)
        if len(attempts) == 1:
            raise OSError("down")
        return len(attempts)

    shared = SharedReads(read)
    with pytest.raises(OSError, match="down"):
        shared.get("s")
    assert shared.get("s") == 2
