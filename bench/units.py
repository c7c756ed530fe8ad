"""DynamoDB's capacity units of one call, by the rules that DynamoDB bills by.

Reads are computed from what came back, since the emulator charges one unit whatever the
size; writes are what the emulator says, since only it knows the size of the item that an
update changed. A refused conditional write costs as much as one that went through.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

_READ_BYTES: Final = 4_096
_WRITE_BYTES: Final = 1_024
_LIST_OVERHEAD: Final = 3

READS: Final = frozenset({"GetItem", "Query", "BatchGetItem", "TransactGetItems"})


def units(
    operation: str, request: Mapping[str, Any], status: int, response: Mapping[str, Any]
) -> tuple[float, float]:
    """(read units, write units) of one call.

    Args:
        request, response: their JSON bodies; the request asked for consumed capacity.

    Raises:
        ValueError: an operation that this table of rules does not know.
    """
    if operation in READS:
        return _read(operation, request, response), 0.0
    if operation == "TransactWriteItems":
        items = [next(iter(part.values())) for part in request["TransactItems"]]
        least = sum(2.0 * _written(item) for item in items)
    elif operation == "BatchWriteItem":
        least = 0.0
    elif operation in ("PutItem", "UpdateItem", "DeleteItem"):
        least = float(_written(request))
    else:
        raise ValueError(f"no rule for {operation}")
    if status != 200:
        return 0.0, least
    said = response.get("ConsumedCapacity") or []
    return 0.0, sum(part["CapacityUnits"] for part in ([said] if isinstance(said, dict) else said))


def _read(operation: str, request: Mapping[str, Any], response: Mapping[str, Any]) -> float:
    if operation == "GetItem":
        sizes = [item_bytes(response.get("Item", {}))]
    elif operation == "Query":
        # A page is rounded up as a whole, not item by item.
        sizes = [sum(item_bytes(item) for item in response.get("Items", []))]
    elif operation == "BatchGetItem":
        tables = response.get("Responses", {}).values()
        sizes = [item_bytes(item) for items in tables for item in items]
        asked = sum(len(part["Keys"]) for part in request["RequestItems"].values())
        sizes += [0] * (asked - len(sizes))
    else:
        sizes = [item_bytes(part.get("Item", {})) for part in response.get("Responses", [])]
        return sum(2.0 * _steps(size, _READ_BYTES) for size in sizes)
    blocks = sum(_steps(size, _READ_BYTES) for size in sizes)
    consistent = request.get("ConsistentRead") or any(
        part.get("ConsistentRead") for part in request.get("RequestItems", {}).values()
    )
    return float(blocks) if consistent else blocks / 2


def _written(part: Mapping[str, Any]) -> int:
    return _steps(item_bytes(part.get("Item", {})), _WRITE_BYTES)


def _steps(size: int, step: int) -> int:
    return max(1, -(-size // step))


def item_bytes(item: Mapping[str, Any]) -> int:
    """The size of an item in DynamoDB's JSON, as DynamoDB reckons it."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(attribute: Mapping[str, Any]) -> int:
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            # About a byte for two digits, and one more.
            return (len(value.lstrip("-").strip("0")) + 1) // 2 + 1
        case "L":
            return _LIST_OVERHEAD + _nested(value)
        case "M":
            return _LIST_OVERHEAD + item_bytes(value) + len(value)
        case "SS":
            return sum(len(member.encode()) for member in value)
        case "BOOL" | "NULL":
            return 1
    raise ValueError(f"no size for {json.dumps(attribute)}")


def _nested(values: Iterable[Mapping[str, Any]]) -> int:
    return sum(1 + _value_bytes(value) for value in values)
