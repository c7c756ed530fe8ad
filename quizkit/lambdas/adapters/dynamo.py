"""A DynamoDB table with keys `pk` and `sk`, by calls of its JSON interface.

Values are strings, whole numbers, booleans, None, lists and dicts of these: what the
rules use. A frozenset of strings is stored as a set, which comes back as a list in any
order. Numbers come back as int, so no Decimal ever reaches a JSON encoder. Reads are
strongly consistent unless asked otherwise, since most of them decide something.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from quizkit.core.errors import QuizError
from quizkit.lambdas.adapters.connections import NoAnswer
from quizkit.lambdas.adapters.json_api import ApiError, JsonApi

#: How DynamoDB's operations are named on the wire.
TARGET: Final = "DynamoDB_20120810"

Item = dict[str, Any]

_MAX_PK_BYTES: Final = 2_048
_MAX_SK_BYTES: Final = 1_024
_BATCH: Final = 25
_BATCH_ATTEMPTS: Final = 8
#: How often a transaction is tried that meets another one on the same item.
_CONFLICTS: Final = 5


class ConditionFailed(Exception):
    """A conditional write was refused; `existing` is the item that stood in its way."""

    def __init__(self, existing: Item | None) -> None:
        super().__init__("the condition of a write did not hold")
        self.existing = existing


@dataclass(frozen=True, slots=True)
class Put:
    """Store an item whole, as a part of a transaction.

    Attributes:
        absent: only where none has its key.
        was: only where one is there with these values; None stands for having none, too.
    """

    item: Item
    absent: bool = False
    was: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an item, as a part of a transaction; nothing happens where there is none."""

    pk: str
    sk: str


def to_attribute(value: Any) -> dict[str, Any]:
    """One value in DynamoDB's JSON."""
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case None:
            return {"NULL": True}
        case list() | tuple():
            return {"L": [to_attribute(item) for item in value]}
        case dict():
            return {"M": {key: to_attribute(item) for key, item in value.items()}}
        case frozenset():
            return {"SS": sorted(value)}
    raise TypeError(f"cannot store a {type(value).__name__}")


def from_attribute(attribute: Mapping[str, Any]) -> Any:
    """The value of one attribute in DynamoDB's JSON."""
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return int(value)
        case "NULL":
            return None
        case "L":
            return [from_attribute(item) for item in value]
        case "M":
            return {key: from_attribute(item) for key, item in value.items()}
    return value


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """A whole item in DynamoDB's JSON."""
    return {key: to_attribute(value) for key, value in values.items()}


def from_item(item: Mapping[str, Any]) -> Item:
    """A whole item as plain values."""
    return {key: from_attribute(value) for key, value in item.items()}


class Table:
    """One table.

    Every method raises `QuizError("unavailable")` where DynamoDB refuses or cannot be
    reached, and `ConditionFailed` where a condition was given and did not hold.
    """

    def __init__(self, api: JsonApi, name: str) -> None:
        self.api = api
        self.name = name

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            return self.api.call(operation, arguments)
        except ApiError as exc:
            if exc.code == "ConditionalCheckFailedException":
                existing: Any = exc.document.get("Item")
                raise ConditionFailed(from_item(existing) if existing else None) from exc
            if exc.code == "TransactionCanceledException" and "ConditionalCheckFailed" in (
                _reasons(exc)
            ):
                raise ConditionFailed(None) from exc
            raise QuizError("unavailable", f"storage refused the request ({exc.code})") from exc
        except NoAnswer as exc:
            raise QuizError("unavailable", "storage cannot be reached") from exc

    def get(self, pk: str, sk: str, *, consistent: bool = True) -> Item | None:
        """The item with this key, or None, also where no item can have such a key."""
        if not _possible(pk, sk):
            return None
        response = self._call(
            "GetItem", TableName=self.name, Key=_key(pk, sk), ConsistentRead=consistent
        )
        return from_item(response["Item"]) if "Item" in response else None

    def put(self, item: Item, *, if_absent: bool = False) -> None:
        """Store an item whole; with `if_absent` only where none has its key."""
        arguments: dict[str, Any] = {"TableName": self.name, "Item": to_item(item)}
        if if_absent:
            arguments |= {
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        self._call("PutItem", **arguments)

    def put_all(self, items: Sequence[Item], *, absent: Sequence[bool]) -> None:
        """Store several items or none; `absent[i]` asks that item i is not there yet."""
        self.transact([Put(item, new) for item, new in zip(items, absent, strict=True)])

    def transact(self, actions: Sequence[Put | Delete]) -> None:
        """Do all of several things, each to another item, or nothing."""
        items = [_transact_item(self.name, action) for action in actions]
        for attempt in range(_CONFLICTS):
            # With a token, a call repeated after its answer was lost finds itself done.
            token = uuid4().hex
            try:
                self._call("TransactWriteItems", TransactItems=items, ClientRequestToken=token)
            except QuizError as exc:
                if not _is_conflict(exc) or attempt + 1 == _CONFLICTS:
                    raise
                time.sleep(0.02 * 2**attempt)
            else:
                return

    def update(
        self,
        pk: str,
        sk: str,
        expression: str,
        values: Mapping[str, Any] | None = None,
        *,
        names: Mapping[str, str] | None = None,
        condition: str | None = None,
        returning: str = "ALL_NEW",
        show: bool = False,
    ) -> Item:
        """Change an item by an update expression; returns what `returning` asks for.

        Args:
            show: a refusal tells the item as it stands.
        """
        arguments: dict[str, Any] = {
            "TableName": self.name,
            "Key": _key(pk, sk),
            "UpdateExpression": expression,
            "ReturnValues": returning,
        }
        if values:
            arguments["ExpressionAttributeValues"] = to_item(values)
        if names:
            arguments["ExpressionAttributeNames"] = dict(names)
        if condition:
            arguments["ConditionExpression"] = condition
        if show:
            arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return from_item(self._call("UpdateItem", **arguments).get("Attributes", {}))

    def take(self, pk: str, sk: str, condition: str, values: Mapping[str, Any]) -> Item:
        """Delete an item under a condition and return it as it was."""
        response = self._call(
            "DeleteItem",
            TableName=self.name,
            Key=_key(pk, sk),
            ConditionExpression=condition,
            ExpressionAttributeValues=to_item(values),
            ReturnValues="ALL_OLD",
        )
        return from_item(response["Attributes"])

    def delete(self, pk: str, sk: str) -> None:
        """Remove an item; nothing happens where there is none."""
        self._call("DeleteItem", TableName=self.name, Key=_key(pk, sk))

    def query(self, pk: str, prefix: str = "", *, consistent: bool = True) -> Iterator[Item]:
        """Every item of a partition whose `sk` begins with `prefix`, in key order."""
        cursor: Item | None = None
        while True:
            items, cursor = self.page(pk, prefix, cursor=cursor, consistent=consistent)
            yield from items
            if cursor is None:
                return

    def page(
        self,
        pk: str,
        prefix: str = "",
        *,
        cursor: Item | None = None,
        limit: int | None = None,
        newest_first: bool = False,
        consistent: bool = True,
    ) -> tuple[list[Item], Item | None]:
        """One page of a partition, and the cursor of the next one or None."""
        arguments: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": pk}},
            "ConsistentRead": consistent,
            "ScanIndexForward": not newest_first,
        }
        if prefix:
            arguments["KeyConditionExpression"] = "pk = :pk AND begins_with(sk, :sk)"
            arguments["ExpressionAttributeValues"][":sk"] = {"S": prefix}
        if cursor:
            arguments["ExclusiveStartKey"] = to_item(cursor)
        if limit:
            arguments["Limit"] = limit
        response = self._call("Query", **arguments)
        after = response.get("LastEvaluatedKey")
        return [from_item(item) for item in response["Items"]], from_item(after) if after else None

    def write(self, puts: Iterable[Item] = (), deletes: Iterable[tuple[str, str]] = ()) -> None:
        """Store and remove any number of items in batches; safe to repeat."""
        requests: list[dict[str, Any]] = [{"PutRequest": {"Item": to_item(i)}} for i in puts]
        requests += [{"DeleteRequest": {"Key": _key(pk, sk)}} for pk, sk in deletes]
        for start in range(0, len(requests), _BATCH):
            pending = requests[start : start + _BATCH]
            for attempt in range(_BATCH_ATTEMPTS):
                response = self._call("BatchWriteItem", RequestItems={self.name: pending})
                pending = response.get("UnprocessedItems", {}).get(self.name, [])
                if not pending:
                    break
                time.sleep(0.05 * 2**attempt)
            else:
                raise QuizError("unavailable", "storage is overloaded")

    def query_all(self, pks: Sequence[str], prefix: str = "") -> list[Item]:
        """Every item of several partitions, read in parallel, in the partitions' order."""
        if len(pks) == 1:
            return list(self.query(pks[0], prefix))
        with ThreadPoolExecutor(min(8, len(pks))) as pool:
            parts = pool.map(lambda pk: list(self.query(pk, prefix)), pks)
            return [item for part in parts for item in part]


def _transact_item(table: str, action: Put | Delete) -> dict[str, Any]:
    """A part of a transaction in DynamoDB's JSON."""
    if isinstance(action, Delete):
        return {"Delete": {"TableName": table, "Key": _key(action.pk, action.sk)}}
    put: dict[str, Any] = {"TableName": table, "Item": to_item(action.item)}
    if action.absent:
        put["ConditionExpression"] = "attribute_not_exists(pk)"
    elif action.was is not None:
        put |= _condition(action.was)
    return {"Put": put}


def _condition(was: Mapping[str, Any]) -> dict[str, Any]:
    """The condition that an item is there and has these values."""
    terms, names, values = ["attribute_exists(pk)"], {}, {}
    for number, (name, value) in enumerate(was.items()):
        names[f"#n{number}"], values[f":v{number}"] = name, value
        term = f"#n{number} = :v{number}"
        terms.append(f"(attribute_not_exists(#n{number}) OR {term})" if value is None else term)
    condition: dict[str, Any] = {"ConditionExpression": " AND ".join(terms)}
    if names:
        condition["ExpressionAttributeNames"] = names
        condition["ExpressionAttributeValues"] = to_item(values)
    return condition


def _possible(pk: str, sk: str) -> bool:
    """Whether DynamoDB takes the key at all; what clients look up may be anything."""
    return 0 < len(pk.encode()) <= _MAX_PK_BYTES and 0 < len(sk.encode()) <= _MAX_SK_BYTES


def _is_conflict(exc: QuizError) -> bool:
    cause = exc.__cause__
    return isinstance(cause, ApiError) and "TransactionConflict" in _reasons(cause)


def _reasons(exc: ApiError) -> set[str]:
    """Why a transaction was cancelled: the codes of its items."""
    return {str(reason.get("Code")) for reason in exc.document.get("CancellationReasons", [])}


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
