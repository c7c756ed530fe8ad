"""quizkit.core.guessing: who is one guesser, and how much guessing is let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.guessing import (
    COUNTERS,
    SOURCE_BUDGET,
    STAGE_BUDGET,
    STRICT_BUDGET,
    WINDOW_MS,
    budget,
    counter,
    minutes_left,
    source,
    window,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:0DB8::1", "2001:db8::2"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_addresses_of_one_source(one: str, other: str) -> None:
    """Addresses that one customer may choose among, and two ways of writing one, are one source."""
    assert source(one) == source(other)


def test_sources_differ() -> None:
    """Another IPv4 address and another IPv6 network are other sources; so is what is no address."""
    addresses = ["192.0.2.1", "192.0.2.2", "2001:db8:1:2::1", "2001:db8:1:3::1", "::1", "", "x"]
    assert len({source(address) for address in addresses}) == len(addresses)


def test_windows_follow_one_another() -> None:
    """A window begins where the one before ends."""
    assert window(WINDOW_MS - 1) + 1 == window(WINDOW_MS)
    assert window(WINDOW_MS) == window(2 * WINDOW_MS - 1)


@given(st.integers(0, 2**256 - 1), st.integers(1, 10_000))
def test_each_source_goes_round_the_counters(number: int, first: int) -> None:
    """Any eight misses in a row fall on eight counters, so that one of them tells of all."""
    digest = f"{number:064x}"
    found = [counter(digest, first + step) for step in range(COUNTERS)]
    assert sorted(found) == list(range(COUNTERS))


def test_budgets() -> None:
    """A source has its own until the stage's is used up, then a small one."""
    assert budget(0) == budget(STAGE_BUDGET - 1) == SOURCE_BUDGET
    assert budget(STAGE_BUDGET) == STRICT_BUDGET < SOURCE_BUDGET


def test_a_game_is_unlikely_to_be_found() -> None:
    """The chance that a stage full of guessers finds one live session in a window stays small."""
    assert STAGE_BUDGET / 10**6 <= 0.005
    assert SOURCE_BUDGET / 10**6 <= 0.0001


@given(st.integers(0, 10**15))
def test_what_is_left_of_a_window(now: int) -> None:
    """After so many whole minutes there is a new window, and not a minute sooner."""
    minutes = minutes_left(now)
    assert 1 <= minutes <= WINDOW_MS // 60_000
    assert window(now + minutes * 60_000) == window(now) + 1
    assert window(now + (minutes - 1) * 60_000) == window(now)
