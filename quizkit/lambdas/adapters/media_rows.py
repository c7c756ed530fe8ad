"""What is known about media, on the table of questions.

| pk | sk | what |
|---|---|---|
| `media` | key | a file that is served |
| key | `hold#quiz` | that a quiz names it |
| `holds#quiz` | key | the same, to be found by the quiz |
| key | `lock` | somebody removes it |
"""

from __future__ import annotations

from typing import Any, Final

from quizkit.lambdas.adapters.dynamo import ConditionFailed, Table
from quizkit.lambdas.services.media_library import Hold, Item

_ALL: Final = "media"
_LOCK: Final = "lock"
_PAGE: Final = 25
_FIELDS: Final = ("content_type", "size", "uploaded_at", "owner", "name")
#: Locks of the dead are cleared away some time after they have lost their meaning.
_EXPIRES: Final = 3_600


class DynamoMediaRows:
    """`media_library.MediaRows`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, item: Item) -> None:
        row = {name: getattr(item, name) for name in _FIELDS}
        try:
            self._table.put({"pk": _ALL, "sk": item.key, **row}, if_absent=True)
        except ConditionFailed:
            return

    def get(self, key: str) -> Item | None:
        row = self._table.get(_ALL, key)
        return _item(row) if row else None

    def listing(self, cursor: str | None) -> tuple[list[Item], str | None]:
        start = {"pk": _ALL, "sk": cursor} if cursor else None
        rows, after = self._table.page(_ALL, cursor=start, limit=_PAGE)
        return [_item(row) for row in rows], after["sk"] if after else None

    def delete(self, key: str) -> None:
        self._table.delete(_ALL, key)

    def hold(self, keys: list[str], hold: Hold) -> None:
        rows: list[dict[str, Any]] = []
        for key in keys:
            rows.append({"pk": f"holds#{hold.quiz_id}", "sk": key})
            row = {"pk": key, "sk": f"hold#{hold.quiz_id}"}
            rows.append(row | {"quiz_id": hold.quiz_id, "made_at": hold.at})
        self._table.write(rows)

    def holds(self, key: str) -> list[Hold]:
        return [Hold(row["quiz_id"], row["made_at"]) for row in self._table.query(key, "hold#")]

    def drop(self, key: str, hold: Hold) -> None:
        try:
            self._table.take(key, f"hold#{hold.quiz_id}", "made_at = :at", {":at": hold.at})
        except ConditionFailed:
            return

    def drop_quiz(self, quiz_id: str) -> None:
        mine = f"holds#{quiz_id}"
        keys = [row["sk"] for row in self._table.query(mine)]
        rows = [(key, f"hold#{quiz_id}") for key in keys]
        self._table.write(deletes=rows + [(mine, key) for key in keys])

    def lock(self, key: str, token: str, now: int, stale: int) -> bool:
        row = {"pk": key, "sk": _LOCK, "taken_by": token, "at": now}
        row["expires_at"] = now // 1_000 + _EXPIRES
        for _ in range(2):
            try:
                self._table.put(row, if_absent=True)
            except ConditionFailed as exc:
                found = exc.existing or self._table.get(key, _LOCK)
                if found and found["at"] > stale:
                    return False
                if found:
                    self.unlock(key, found["taken_by"])
            else:
                return True
        return False

    def locked(self, key: str, stale: int) -> bool:
        row = self._table.get(key, _LOCK)
        return row is not None and bool(row["at"] > stale)

    def unlock(self, key: str, token: str) -> None:
        try:
            self._table.take(key, _LOCK, "taken_by = :mine", {":mine": token})
        except ConditionFailed:
            return


def _item(row: dict[str, Any]) -> Item:
    return Item(row["sk"], *(row[name] for name in _FIELDS))
