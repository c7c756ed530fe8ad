"""Units by the rules of DynamoDB, and by what the emulator says of writes."""

from __future__ import annotations

from typing import Any

import pytest

from bench.units import item_bytes, units
from quizkit.lambdas.adapters.dynamo import to_item
from tests.fakes.cloud import cloud


def row(size: int, pk: str = "p") -> dict[str, Any]:
    """An item of exactly this many bytes."""
    bare = item_bytes(to_item({"pk": pk, "sk": "s", "x": ""}))
    return to_item({"pk": pk, "sk": "s", "x": "x" * (size - bare)})


def test_sizes_are_names_and_values() -> None:
    """The sums that DynamoDB's documentation gives for each kind of value."""
    assert item_bytes(to_item({"name": "Ada"})) == 7
    assert item_bytes(to_item({"n": 1_800_000_000_000})) == 1 + 2
    assert item_bytes(to_item({"n": 1_234})) == 1 + 3
    assert item_bytes(to_item({"b": True, "z": None})) == 4
    assert item_bytes(to_item({"l": ["b", "c"]})) == 1 + 3 + 2 * 2
    assert item_bytes(to_item({"m": {"key": "value"}})) == 1 + 3 + 1 + 8
    assert item_bytes(to_item({"s": frozenset(("ada", "bob"))})) == 1 + 6
    assert item_bytes(to_item({"ü": "ü"})) == 4


def test_what_has_no_rule_is_refused() -> None:
    """A scan, or a kind of value that is never stored, must not be counted as nothing."""
    with pytest.raises(ValueError, match="no rule for Scan"):
        units("Scan", {}, 200, {})
    with pytest.raises(ValueError, match="no size"):
        item_bytes({"set": {"NS": ["1"]}})


@pytest.mark.parametrize(
    ("size", "consistent", "expected"),
    [(100, True, 1), (4_096, True, 1), (4_097, True, 2), (4_097, False, 1), (100, False, 0.5)],
)
def test_a_read_costs_a_unit_for_each_4_kb(size: int, consistent: bool, expected: float) -> None:
    """Rounded up for each item; half where consistency is not asked for."""
    request = {"ConsistentRead": consistent}
    assert units("GetItem", request, 200, {"Item": row(size)}) == (expected, 0)


def test_a_read_of_nothing_costs_a_unit_too() -> None:
    """Also a query without rows, and each key of a batch that is not there."""
    assert units("GetItem", {"ConsistentRead": True}, 200, {}) == (1, 0)
    assert units("Query", {"ConsistentRead": True}, 200, {"Items": []}) == (1, 0)
    keys = {"RequestItems": {"t": {"Keys": [{}, {}, {}], "ConsistentRead": True}}}
    assert units("BatchGetItem", keys, 200, {"Responses": {"t": [row(5_000)]}}) == (4, 0)


def test_a_query_is_rounded_up_once() -> None:
    """Sixteen rows of 1 KB are four units, not sixteen."""
    rows = {"Items": [row(1_024, f"{number:02d}") for number in range(16)]}
    assert units("Query", {"ConsistentRead": True}, 200, rows) == (4, 0)


def test_a_transaction_costs_double() -> None:
    """Reads and writes alike."""
    answer = {"Responses": [{"Item": row(100)}, {}]}
    assert units("TransactGetItems", {}, 200, answer) == (4, 0)
    parts = {"TransactItems": [{"Put": {"Item": row(1_025)}}, {"Put": {"Item": row(100)}}]}
    assert units("TransactWriteItems", parts, 400, {}) == (0, 6)


def test_a_refused_write_costs_its_unit() -> None:
    """The error says nothing of capacity; a batch that was refused wrote nothing."""
    assert units("PutItem", {"Item": row(1_500)}, 400, {}) == (0, 2)
    assert units("BatchWriteItem", {}, 400, {}) == (0, 0)


def test_writes_are_what_the_emulator_says() -> None:
    """For puts that agrees with the sizes here, so both reckon alike."""
    client = cloud().client("dynamodb")
    table = cloud().table()
    for size in (200, 1_024, 1_025, 5_000):
        request = {"TableName": table, "Item": row(size, str(size))}
        said = client.put_item(**request, ReturnConsumedCapacity="TOTAL")
        assert units("PutItem", request, 200, said) == (0, -(-size // 1_024))
        assert units("PutItem", request, 400, {}) == units("PutItem", request, 200, said)
    batch = {
        table: [
            {"PutRequest": {"Item": row(1_500, "a")}},
            {"DeleteRequest": {"Key": {"pk": {"S": "200"}, "sk": {"S": "s"}}}},
        ]
    }
    said = client.batch_write_item(RequestItems=batch, ReturnConsumedCapacity="TOTAL")
    assert units("BatchWriteItem", {"RequestItems": batch}, 200, said) == (0, 3)
