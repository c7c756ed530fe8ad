"""tests.chaos.scheduler: many tasks on one clock, in the same order every time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from random import Random

import pytest

from tests.chaos.scheduler import Scheduler, Signal, scheduled
from tests.fakes.faults import Killed


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    """A scheduler; no thread of its tasks outlives the test."""
    before = threading.active_count()
    with scheduled() as found:
        yield found
    assert threading.active_count() == before


def test_tasks_interleave_where_they_wait(scheduler: Scheduler) -> None:
    """Whoever is due first goes on; the clock jumps there, and stands still meanwhile."""
    seen: list[tuple[str, int]] = []
    start = scheduler.clock.now

    def steps(name: str, pause: int) -> None:
        for _ in range(3):
            seen.append((name, scheduler.clock.now - start))
            scheduler.wait(pause)

    scheduler.start(partial(steps, "slow", 10))
    scheduler.start(partial(steps, "quick", 4), after=1)
    scheduler.at(start + 5, lambda: seen.append(("action", scheduler.clock.now - start)))
    scheduler.run(start + 100)
    assert seen == [
        *(("slow", 0), ("quick", 1), ("action", 5), ("quick", 5)),
        *(("quick", 9), ("slow", 10), ("slow", 20)),
    ]
    assert scheduler.clock.now == start + 100


def course(seed: int) -> list[tuple[int, int]]:
    """Forty tasks that wait at random: who ran when."""
    rng, seen = Random(seed), []
    with scheduled() as scheduler:

        def work(name: int) -> None:
            for _ in range(10):
                scheduler.wait(rng.randint(0, 20))
                seen.append((name, scheduler.clock.now))

        for name in range(40):
            scheduler.start(partial(work, name), after=rng.randint(0, 50))
        scheduler.run(scheduler.clock.now + 10_000)
    return seen


def test_the_same_seed_is_the_same_course() -> None:
    """However the machine runs the threads, the order is the clock's."""
    assert len(course(1)) == 400
    assert course(1) == course(1)
    assert course(1) != course(2)


def test_signals_wake_whoever_waits(scheduler: Scheduler) -> None:
    """At once where one comes, at the end of their patience where none does."""
    signal, never = Signal(), Signal()
    start, seen = scheduler.clock.now, []

    def wait(on: Signal) -> None:
        seen.append((scheduler.block(on, 1_000), scheduler.clock.now - start))

    for on in (signal, signal, never):
        scheduler.start(partial(wait, on))
    scheduler.at(start + 300, lambda: scheduler.set(signal))
    scheduler.start(partial(wait, signal), after=400)
    scheduler.run(start + 2_000)
    assert seen == [(True, 300), (True, 300), (True, 400), (False, 1_000)]
    signal.clear()
    scheduler.start(partial(wait, signal))
    scheduler.run(start + 9_000)
    assert seen[-1] == (False, 3_000)


def test_a_task_is_cut_off_at_its_limit(scheduler: Scheduler) -> None:
    """Like a function whose time is up: in a wait, and nothing of it runs later."""
    start, seen = scheduler.clock.now, []

    def work() -> None:
        try:
            while True:
                seen.append(scheduler.clock.now - start)
                scheduler.wait(40)
        finally:
            seen.append(-(scheduler.clock.now - start))

    scheduler.start(work, limit=100)
    scheduler.run(start + 1_000)
    assert seen == [0, 40, 80, -100]


def test_crashes_are_kept_and_kills_are_not(scheduler: Scheduler) -> None:
    """A task that dies of a fault has done what it should; any other death is a finding."""

    def dies() -> None:
        raise Killed

    def crashes() -> None:
        raise KeyError("lost")

    scheduler.start(dies, name="dies")
    scheduler.start(crashes, name="crashes")
    scheduler.run(scheduler.clock.now + 1)
    (found,) = scheduler.crashes
    assert found.startswith("crashes: ")
    assert "KeyError: 'lost'" in found


def test_time_passes_outside_of_tasks(scheduler: Scheduler) -> None:
    """Who looks at a run from outside does not have to wait."""
    start = scheduler.clock.now
    scheduler.clock.sleep(2.5)
    assert scheduler.clock.now == start + 2_500
