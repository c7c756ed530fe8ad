"""quizkit.lambdas.adapters.dynamo: values, pages, batches, and where vendor errors stop."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.errors import QuizError
from quizkit.lambdas.adapters import dynamo
from quizkit.lambdas.adapters.connections import Connections, NoAnswer
from quizkit.lambdas.adapters.dynamo import (
    ConditionFailed,
    Delete,
    Put,
    Table,
    from_attribute,
    from_item,
    to_attribute,
)
from quizkit.lambdas.adapters.json_api import ApiError, JsonApi
from quizkit.lambdas.adapters.signing import Credentials, Signer
from tests.fakes.cloud import cloud

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**37), 10**37) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(VALUES)
def test_values_come_back_as_they_were(value: Any) -> None:
    """Plain values and no others, so that everything read can be put into JSON."""
    assert from_attribute(to_attribute(value)) == value


@pytest.mark.parametrize("value", [1.5, Decimal(1), b"x", {1}, object()])
def test_other_values_are_refused(value: object) -> None:
    """What would come back as something else is not stored."""
    with pytest.raises(TypeError):
        to_attribute(value)


def test_numbers_are_whole_and_plain() -> None:
    """No Decimal ever comes out."""
    item = from_item({"n": {"N": "10"}, "l": {"L": [{"N": "-5"}]}})
    assert item == {"n": 10, "l": [-5]}
    assert type(item["n"]) is int


def test_sets_grow_by_updates() -> None:
    """What is added twice is there once; a set comes back as a list."""
    table = cloud().store()
    for name in ("ada", "bob", "ada"):
        table.update("p", "s", "ADD crew :name", {":name": frozenset((name,))})
    found = table.get("p", "s")
    assert found is not None
    assert sorted(found["crew"]) == ["ada", "bob"]


def test_queries_read_every_page() -> None:
    """More than a megabyte, more than one answer: all of it, in order."""
    table = cloud().store()
    filler = "x" * 380_000
    for number in range(6):
        table.put({"pk": "p", "sk": f"a{number}", "filler": filler})
    table.put({"pk": "p", "sk": "b", "filler": ""})
    assert [item["sk"] for item in table.query("p", "a")] == [f"a{n}" for n in range(6)]
    assert len(table.query_all(["p", "none"])) == 7
    first, cursor = table.page("p", limit=2)
    assert [item["sk"] for item in first] == ["a0", "a1"]
    assert cursor == {"pk": "p", "sk": "a1"}
    rest, end = table.page("p", "a", cursor=cursor, newest_first=False)
    assert rest[0]["sk"] == "a2"
    assert end is None or end["sk"] < "b"


class _Api(JsonApi):
    """DynamoDB whose answers are given."""

    def __init__(self, *answers: Any) -> None:
        connections = Connections("http://127.0.0.1:1", connect_seconds=1, read_seconds=1)
        signer = Signer(Credentials("test", "test"), "dynamodb", "us-east-1")
        super().__init__(connections, signer, target=dynamo.TARGET, attempts=1)
        self.answers = list(answers)
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    def call(self, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, arguments))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        document: dict[str, Any] = answer
        return document


def test_every_page_is_asked_for() -> None:
    """The cursor of one answer is the beginning of the next question."""
    key = {"pk": {"S": "p"}, "sk": {"S": "1"}}
    api = _Api(
        {"Items": [{"sk": {"S": "1"}}], "LastEvaluatedKey": key},
        {"Items": [], "LastEvaluatedKey": key},
        {"Items": [{"sk": {"S": "2"}}]},
    )
    assert [item["sk"] for item in Table(api, "t").query("p")] == ["1", "2"]
    starts = [arguments.get("ExclusiveStartKey") for _, arguments in api.calls]
    assert starts == [None, key, key]
    assert all(arguments["ConsistentRead"] for _, arguments in api.calls)
    assert {name for name, _ in api.calls} == {"Query"}


def test_unprocessed_items_are_written_again() -> None:
    """What a busy table leaves over is not lost; what it leaves for good is an error."""
    put = {"PutRequest": {"Item": {"pk": {"S": "p"}, "sk": {"S": "1"}}}}
    left = {"UnprocessedItems": {"t": [put]}}
    api = _Api(left, {"UnprocessedItems": {}})
    Table(api, "t").write([{"pk": "p", "sk": "0"}, {"pk": "p", "sk": "1"}])
    assert api.calls[1][1]["RequestItems"] == {"t": [put]}


def test_batches_are_as_large_as_allowed() -> None:
    """Sixty items are three calls."""
    api = _Api({}, {}, {})
    Table(api, "t").write(
        [{"pk": "p", "sk": str(n)} for n in range(40)], deletes=[("p", str(n)) for n in range(20)]
    )
    sizes = [len(arguments["RequestItems"]["t"]) for _, arguments in api.calls]
    assert sizes == [25, 25, 10]


def test_vendor_errors_stop_here() -> None:
    """No table, no network: `unavailable`, with the vendor's exception as its cause."""
    with pytest.raises(QuizError) as caught:
        Table(cloud().api("dynamodb", dynamo.TARGET), "no-such-table").get("p", "s")
    assert caught.value.code == "unavailable"
    assert caught.value.__cause__ is not None
    with pytest.raises(QuizError) as caught:
        Table(_Api(NoAnswer("x")), "t").get("p", "s")
    assert caught.value.code == "unavailable"


def _cancelled(*codes: str) -> ApiError:
    """What DynamoDB says of a transaction that it did not carry out."""
    reasons = [{"Code": code} for code in codes]
    return ApiError("TransactionCanceledException", {"CancellationReasons": reasons})


def test_transactions_that_meet_are_tried_again() -> None:
    """Two at once on one item: the later one finds out what became of the earlier one."""
    rows = [{"pk": "p", "sk": "1"}, {"pk": "p", "sk": "2"}]
    met = _cancelled("None", "TransactionConflict")
    api = _Api(met, met, {})
    Table(api, "t").put_all(rows, absent=[True, True])
    assert len(api.calls) == 3
    api = _Api(met, _cancelled("None", "ConditionalCheckFailed"))
    with pytest.raises(ConditionFailed):
        Table(api, "t").put_all(rows, absent=[True, True])
    for answers in ([met] * 5, [_cancelled("ThrottlingError", "None")]):
        api = _Api(*answers)
        with pytest.raises(QuizError) as caught:
            Table(api, "t").put_all(rows, absent=[True, True])
        assert caught.value.code == "unavailable"
        assert api.answers == []


def test_conditions() -> None:
    """A refused put shows what stood in its way; a refused transaction stores nothing."""
    table = cloud().store()
    table.put({"pk": "p", "sk": "1", "n": 1}, if_absent=True)
    with pytest.raises(ConditionFailed) as caught:
        table.put({"pk": "p", "sk": "1", "n": 2}, if_absent=True)
    assert caught.value.existing == {"pk": "p", "sk": "1", "n": 1}
    with pytest.raises(ConditionFailed):
        table.put_all([{"pk": "p", "sk": "2"}, {"pk": "p", "sk": "1"}], absent=[True, True])
    assert table.get("p", "2") is None
    table.put_all([{"pk": "p", "sk": "2"}, {"pk": "p", "sk": "1"}], absent=[True, False])
    assert table.get("p", "1") == {"pk": "p", "sk": "1"}
    table.delete("p", "1")
    table.delete("p", "1")
    assert table.get("p", "1") is None


def test_transactions_do_all_or_nothing() -> None:
    """Items are put where none was, or where one is as expected, and others removed with them."""
    table = cloud().store()
    head = {"pk": "p", "sk": "head", "version": 1, "name": None}
    table.transact([Put(head), Put({"pk": "p", "sk": "old"}, absent=True)])
    newer = {**head, "version": 2}
    for was in ({"version": 2}, {"version": 1, "name": "x"}, {"version": 1, "other": 7}):
        with pytest.raises(ConditionFailed):
            table.transact([Put(newer, was=was), Delete("p", "old")])
    with pytest.raises(ConditionFailed):
        table.transact([Put({"pk": "p", "sk": "none"}, was={}), Delete("p", "old")])
    with pytest.raises(ConditionFailed):
        table.transact([Put(newer, absent=True), Delete("p", "old")])
    assert list(table.query("p")) == [head, {"pk": "p", "sk": "old"}]
    as_it_is = {"version": 1, "name": None, "never": None}
    table.transact([Put(newer, was=as_it_is), Delete("p", "old"), Delete("p", "none")])
    assert list(table.query("p")) == [newer]
    table.transact([Put(head, was={})])
    assert list(table.query("p")) == [head]
