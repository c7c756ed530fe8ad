"""`ports.Misses`: one suite over the fake and DynamoDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from quizkit.core.guessing import COUNTERS, WINDOW_MS
from quizkit.lambdas.adapters.stores import DynamoMisses
from quizkit.lambdas.ports import Misses
from tests.fakes.cloud import cloud

NOW = 3_000_000 * WINDOW_MS


def test_misses_are_counted_by_source_and_window(misses: Misses) -> None:
    """A source's count grows by one each, begins anew in the next window, and is its own."""
    assert [misses.add("a", NOW + n)[0] for n in range(3)] == [1, 2, 3]
    assert misses.add("b", NOW)[0] == 1
    assert misses.add("a", NOW + WINDOW_MS)[0] == 1
    assert misses.add("a", NOW + WINDOW_MS - 1)[0] == 4


def test_the_stages_count_is_about_right(misses: Misses) -> None:
    """Whoever counted last: it is off by no more than a counter for each source."""
    for total in range(1, 61):
        _, stage = misses.add(f"s{total % 3}", NOW)
        assert abs(stage - total) <= 3 * COUNTERS


def test_no_miss_is_lost(misses: Misses) -> None:
    """Forty at once from one source: each gets a number of its own."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: misses.add("a", NOW)[0], range(40)))
    assert sorted(found) == list(range(1, 41))


def test_rows_name_no_address_and_expire() -> None:
    """What is stored tells no address, and each row has a time at which it goes."""
    table = cloud().store()
    DynamoMisses(table).add("192.0.2.77", NOW)
    rows = table.api.call("Scan", {"TableName": table.name})["Items"]
    assert len(rows) == 2
    assert "192.0.2.77" not in str(rows)
    assert {row["expires_at"]["N"] for row in rows} == {str(NOW // 1_000 + 3_600)}
