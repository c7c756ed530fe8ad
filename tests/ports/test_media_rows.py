"""`media_library.MediaRows`: one suite over the fake and DynamoDB."""

from __future__ import annotations

import pytest

from quizkit.lambdas.adapters.media_rows import DynamoMediaRows
from quizkit.lambdas.services.media_library import Hold, Item, MediaRows
from tests.fakes.cloud import cloud
from tests.fakes.media import FakeMediaRows

KEY = f"media/{'0' * 64}.png"
NOW = 1_800_000_000_000
ITEM = Item(KEY, "image/png", 70, NOW, "ada-1", "p.png")


@pytest.fixture(params=["fake", "dynamodb"])
def rows(request: pytest.FixtureRequest) -> MediaRows:
    """Nothing is known."""
    return FakeMediaRows() if request.param == "fake" else DynamoMediaRows(cloud().store())


def test_an_item(rows: MediaRows) -> None:
    """Noted once: whoever was first stays; forgotten, it may be noted anew."""
    later = Item(KEY, "image/png", 70, NOW + 1, "bob-1")
    assert rows.get(KEY) is None
    rows.put(ITEM)
    rows.put(later)
    assert rows.get(KEY) == ITEM
    assert rows.listing(None) == ([ITEM], None)
    for _ in range(2):
        rows.delete(KEY)
        assert rows.get(KEY) is None
    rows.put(later)
    assert rows.get(KEY) == later


def test_lists_have_pages(rows: MediaRows) -> None:
    """Each item once, until there is no cursor."""
    keys = [f"media/{number:064d}.gif" for number in range(60)]
    for key in keys:
        rows.put(Item(key, "image/gif", 1, NOW, "admin"))
    found: list[str] = []
    sizes: list[int] = []
    cursor: str | None = None
    while True:
        items, cursor = rows.listing(cursor)
        sizes.append(len(items))
        found += [item.key for item in items]
        if cursor is None:
            break
    assert sizes == [25, 25, 10]
    assert found == keys


def test_holds(rows: MediaRows) -> None:
    """By file; made again they are younger; gone one by one, or all of a quiz."""
    other = KEY.replace("0", "1")
    rows.hold([KEY, other], Hold("one", NOW))
    rows.hold([KEY], Hold("two", NOW))
    rows.hold([], Hold("three", NOW))
    rows.hold([KEY], Hold("one", NOW + 1))
    assert set(rows.holds(KEY)) == {Hold("one", NOW + 1), Hold("two", NOW)}
    rows.drop(KEY, Hold("one", NOW))  # which is not there any more
    rows.drop(KEY, Hold("two", NOW))
    rows.drop(KEY, Hold("two", NOW))
    assert rows.holds(KEY) == [Hold("one", NOW + 1)]
    for _ in range(2):
        rows.drop_quiz("one")
        assert rows.holds(KEY) == rows.holds(other) == []


def test_a_quiz_may_hold_more_than_one_batch_takes(rows: MediaRows) -> None:
    """All of it is written, and all goes."""
    keys = [f"media/{number:064d}.gif" for number in range(40)]
    rows.hold(keys, Hold("one", NOW))
    assert all(rows.holds(key) == [Hold("one", NOW)] for key in keys)
    rows.drop_quiz("one")
    assert not any(rows.holds(key) for key in keys)


def test_locks(rows: MediaRows) -> None:
    """One at a time, until it is given back by its owner or has become stale."""
    assert not rows.locked(KEY, 0)
    assert rows.lock(KEY, "first", NOW, NOW - 10)
    assert rows.locked(KEY, NOW - 1)
    assert not rows.locked(KEY, NOW)
    assert not rows.lock(KEY, "second", NOW + 5, NOW - 5)
    rows.unlock(KEY, "second")
    assert rows.locked(KEY, NOW - 1)
    assert rows.lock(KEY, "third", NOW + 10, NOW)
    rows.unlock(KEY, "first")
    assert rows.locked(KEY, NOW + 9)
    rows.unlock(KEY, "third")
    rows.unlock(KEY, "third")
    assert not rows.locked(KEY, 0)
