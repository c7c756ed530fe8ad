"""quizkit.core.budget: a burst, then a steady rate, whatever the clock does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.budget import BURST, EVERY_MS, spend


def taken(times: list[int]) -> list[bool]:
    """Which of a socket's messages are taken, given when they come."""
    whole_at, found = 0, []
    for now in times:
        after = spend(whole_at, now)
        found.append(after is not None)
        whole_at = whole_at if after is None else after
    return found


def test_a_burst_is_taken() -> None:
    """So many at the same instant, and the next one is refused, at no cost."""
    assert taken([5_000] * (BURST + 2)) == [True] * BURST + [False] * 2


def test_one_is_given_back_at_a_time() -> None:
    """After a spent budget one message is taken in each interval, not a millisecond sooner."""
    spent = [5_000] * BURST
    assert taken([*spent, 5_000 + EVERY_MS - 1, 5_000 + EVERY_MS, 5_000 + EVERY_MS])[BURST:] == [
        False,
        True,
        False,
    ]


def test_rest_makes_it_whole() -> None:
    """A socket that was silent for long enough may send a whole burst again, and no more."""
    rest = 5_000 + BURST * EVERY_MS
    assert taken([5_000] * BURST + [rest] * (BURST + 1)) == [True] * 2 * BURST + [False]


def test_a_steady_sender_is_never_refused() -> None:
    """Whoever keeps to the rate, from the start and without a rest, is always taken."""
    assert all(taken([number * EVERY_MS for number in range(500)]))


@given(st.lists(st.integers(0, 60_000), max_size=300))
def test_no_more_than_promised(times: list[int]) -> None:
    """In any span at most a burst and the steady rate are taken."""
    times.sort()
    found = [now for now, good in zip(times, taken(times), strict=True) if good]
    for first, start in enumerate(found):
        for number, now in enumerate(found[first:], start=1):
            assert number <= BURST + (now - start) // EVERY_MS + 1
