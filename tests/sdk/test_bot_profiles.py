"""What bots are like: profiles, casts, and what chance decides."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.sdk.bot_profiles import (
    Profile,
    deal,
    everybody,
    parse_cast,
    profiles,
)
from quizkit.sdk.errors import Misuse


@pytest.mark.parametrize(
    "wrong",
    [
        {"drops": 1.1},
        {"leaves": -0.1},
        {"contradicts": float("nan")},
        {"skill": (0.9, 0.1)},
        {"skill": (0.0, 2.0)},
        {"haste": (0.0, 0.9, 0.5)},
        {"away": (2.0, 1.0)},
        {"away": (-1.0, 1.0)},
        {"repeats": -1},
    ],
)
def test_a_profile_that_cannot_be(wrong: dict[str, Any]) -> None:
    """Chances lie between 0 and 1, ranges run forwards; anything else names the profile."""
    with pytest.raises(Misuse, match="mine"):
        Profile("mine", **wrong)


def test_the_profiles_that_come_along() -> None:
    """Five of them; everybody is dealt in shares, most of them steady."""
    assert list(profiles()) == ["steady", "hasty", "nervous", "flaky", "sleeper"]
    assert all(name == profile.name for name, profile in profiles().items())
    shares = everybody()
    assert set(shares) == set(profiles().values())
    assert shares[profiles()["steady"]] > sum(shares.values()) / 2


def test_a_cast_as_people_write_it() -> None:
    """Names with shares; one without a share counts one."""
    known = profiles()
    assert parse_cast("steady=8, flaky = 2.5") == {known["steady"]: 8, known["flaky"]: 2.5}
    assert parse_cast("nervous") == {known["nervous"]: 1}


@pytest.mark.parametrize(
    "text",
    ["", "steady,", "nobody", "steady=0", "steady=-1", "steady=x", "steady=nan", "flaky=1e9"],
)
def test_a_cast_that_cannot_be(text: str) -> None:
    """Unknown names and shares that are none are refused, with what there is."""
    with pytest.raises(Misuse) as caught:
        parse_cast(text)
    assert caught.value.hint


@given(
    shares=st.lists(st.floats(0.001, 1_000), min_size=1, max_size=6),
    count=st.integers(0, 300),
    seed=st.integers(),
)
def test_a_cast_is_dealt_as_its_shares_say(shares: list[float], count: int, seed: int) -> None:
    """Everybody gets a profile, no profile is off by one bot or more, and the seed decides."""
    cast = {Profile(str(number)): share for number, share in enumerate(shares)}
    dealt = deal(cast, count, seed)
    assert len(dealt) == count
    counts = Counter(profile.name for profile in dealt)
    for profile, share in cast.items():
        assert abs(counts[profile.name] - count * share / sum(shares)) < 1 + 1e-6
    assert dealt == deal(cast, count, seed)


def test_another_seed_deals_another_order() -> None:
    """The same numbers, in another order."""
    first, second = deal(everybody(), 100, 1), deal(everybody(), 100, 2)
    assert first != second
    assert Counter(first) == Counter(second)
