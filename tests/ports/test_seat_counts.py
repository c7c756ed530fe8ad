"""`ports.SeatCounts`: one suite over the fake and DynamoDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from quizkit.lambdas.ports import SeatCounts

NOW = 1_800_000_000_000


def test_seats_are_taken_up_to_the_limit(seat_counts: SeatCounts) -> None:
    """One by one exactly so many, in each session by itself; the limit may be another later."""
    assert [seat_counts.take("s1", 1, 3, NOW) for _ in range(5)] == [True] * 3 + [False] * 2
    assert seat_counts.take("s2", 1, 3, NOW)
    assert seat_counts.take("s1", 1, 4, NOW)
    assert not seat_counts.take("s1", 1, 4, NOW)


def test_a_block_goes_over_the_limit_by_less_than_itself(seat_counts: SeatCounts) -> None:
    """The block that reaches the limit is taken, the next one is not."""
    assert [seat_counts.take("s1", 20, 50, NOW) for _ in range(4)] == [True, True, True, False]


def test_of_many_at_once_as_many_as_fit_get_one(seat_counts: SeatCounts) -> None:
    """Thirty for ten seats: ten."""
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: seat_counts.take("s1", 1, 10, NOW), range(30)))
    assert found.count(True) == 10
