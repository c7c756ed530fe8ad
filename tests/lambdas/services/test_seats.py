"""quizkit.lambdas.services.seats: how many may join, and what it costs to count them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from quizkit.core.errors import Rejected
from quizkit.core.session import MAX_PARTICIPANTS, Session
from quizkit.lambdas.services.seats import Seats
from tests.fakes.clock import FakeClock
from tests.fakes.game import World
from tests.fakes.stores import FakeSeatCounts

SESSION = Session("s1", "quiz", "T", "123456", 3, created_at=0)


def takes(seats: Seats, session: Session) -> bool:
    """Whether one more gets a seat."""
    try:
        seats.take(session)
    except Rejected as exc:
        return exc.code != "session_full"
    return True


@pytest.mark.parametrize("limit", [1, 30, 499])
def test_a_small_session_has_exactly_its_seats(limit: int) -> None:
    """Over three environments, each used by several threads."""
    counts, session = FakeSeatCounts(), replace(SESSION, max_participants=limit)
    environments = [Seats(counts, FakeClock()) for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda n: takes(environments[n % 3], session), range(limit + 60))
    assert sum(found) == limit


def test_a_large_session_is_counted_in_blocks() -> None:
    """Nobody is refused too soon, each environment adds less than a block, one call in twenty."""
    counts = FakeSeatCounts()
    environments = [Seats(counts, FakeClock()) for _ in range(4)]
    found = [takes(environments[number % 4], SESSION) for number in range(MAX_PARTICIPANTS + 500)]
    assert all(found[:MAX_PARTICIPANTS])
    assert MAX_PARTICIPANTS <= sum(found) < MAX_PARTICIPANTS + 4 * 20
    assert counts.calls <= MAX_PARTICIPANTS // 20 + 4
    assert not any(found[-100:])


def test_a_full_session_costs_no_more_calls() -> None:
    """Whoever comes later is refused from memory."""
    counts, session = FakeSeatCounts(), replace(SESSION, max_participants=1)
    seats = Seats(counts, FakeClock())
    assert [takes(seats, session) for _ in range(50)] == [True] + [False] * 49
    assert counts.calls == 2
    assert takes(seats, replace(session, session_id="s2"))


def test_a_seat_given_back_is_taken_by_the_next() -> None:
    """A taken nickname uses up no seat."""
    seats, session = Seats(FakeSeatCounts(), FakeClock()), replace(SESSION, max_participants=2)
    for _ in range(10):
        assert takes(seats, session)
        seats.give_back(session)
    assert [takes(seats, session) for _ in range(3)] == [True, True, False]


def test_a_session_with_a_cap(world: World) -> None:
    """Who comes too late is told so; who was in may return; a kick makes no room."""
    session = world.create(max_participants=2)
    ada, _ = world.join(session, "Ada"), world.join(session, "Bob")
    with pytest.raises(Rejected) as caught:
        world.join(session, "Eve")
    assert caught.value.code == "session_full"
    assert world.resume(ada).id == ada.id
    world.control.kick(session.session_id, ada.id)
    with pytest.raises(Rejected):
        world.join(session, "Eve")
    assert world.join(world.create(), "Eve").id


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "30", 100_001, []])
def test_a_cap_must_be_a_number(world: World, value: object) -> None:
    """From one to 100,000."""
    with pytest.raises(Rejected) as caught:
        world.create(max_participants=value)
    assert caught.value.code == "bad_request"
    assert world.create(max_participants=None).max_participants == MAX_PARTICIPANTS
