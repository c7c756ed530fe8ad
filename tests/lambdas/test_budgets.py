"""quizkit.lambdas.budgets: every socket counts for itself, and what is over is forgotten."""

from __future__ import annotations

import threading

import pytest

from quizkit.core.budget import BURST, EVERY_MS
from quizkit.core.errors import Rejected
from quizkit.lambdas.budgets import Budgets


def test_each_socket_has_its_own() -> None:
    """One that floods is refused; the next one is not."""
    budgets = Budgets()
    for _ in range(BURST):
        budgets.spend("loud", 1_000)
    with pytest.raises(Rejected) as caught:
        budgets.spend("loud", 1_000)
    assert caught.value.code == "too_many_requests"
    budgets.spend("quiet", 1_000)


def test_rested_sockets_are_forgotten() -> None:
    """What is kept stays bounded by the sockets of the last seconds, and those are remembered."""
    budgets = Budgets(room=10)
    for number in range(1_000):
        budgets.spend(f"c{number}", number * EVERY_MS)
        assert len(budgets) <= 11
    budgets = Budgets(room=10)
    for number in range(50):
        for _ in range(BURST):
            budgets.spend(f"c{number}", 1_000)
    assert len(budgets) == 50
    for number in range(50):
        with pytest.raises(Rejected):
            budgets.spend(f"c{number}", 1_000)


def test_threads_share_it() -> None:
    """A process that runs many invocations at once keeps one count, also while it forgets."""
    budgets = Budgets(room=5)
    trouble: list[BaseException] = []

    def send(name: str) -> None:
        try:
            for number in range(2_000):
                budgets.spend(f"{name}{number}", number * EVERY_MS)
        except BaseException as exc:  # noqa: BLE001 - reported by the test
            trouble.append(exc)

    threads = [threading.Thread(target=send, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not trouble
