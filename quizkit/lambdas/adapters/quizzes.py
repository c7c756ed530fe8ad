"""Stored quizzes on two tables: what players may see, and the keys; and sessions' salts on a third.

So a role can be given one without the others: the function that moves sessions writes salts
and cannot change a key.

A quiz has versions, and none ever changes. A version takes its number by putting a row that
nobody else can put, writes its questions below that number, and is there once one transaction
has made the row whole and the head name it: whatever is cut short before that is never seen.
Edits at once take different numbers; the head's compare-and-set lets none of them go missing.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from quizkit.core.commitment import Key
from quizkit.core.errors import QuizError
from quizkit.core.owners import ADMINS
from quizkit.core.packing import source_digest
from quizkit.core.quiz import Quiz, joined, parse, stored_parts, to_document
from quizkit.lambdas.adapters.dynamo import ConditionFailed, Delete, Item, Put, Table
from quizkit.lambdas.adapters.keys import KEEP_SECONDS
from quizkit.lambdas.adapters.quiz_rows import (
    HEAD,
    OLDER,
    entry_key,
    list_entry,
    name_key,
    question_key,
    question_rows,
    quiz_fields,
    source_key,
    source_row,
    stored_key,
    version_key,
    version_row,
)
from quizkit.lambdas.ports import StaleVersion

_PAGE: Final = 50
#: What a quiz has whatever its version.
_OF_QUIZ: Final = ("quiz_id", "owner", "name", "deleting")
#: How often the head is tried again that somebody else has changed.
_ATTEMPTS: Final = 20
#: What versions lack that were stored before questions had kinds.
_LATER: Final = ("language", "streak_bonus", "shuffle")


class DynamoQuestions:
    """`ports.Questions` on the questions table and, where allowed, the keys table."""

    def __init__(
        self, questions: Table, keys: Table | None = None, salts: Table | None = None
    ) -> None:
        self._questions = questions
        self._keys = keys
        self._salts = salts

    @property
    def _key_table(self) -> Table:
        if self._keys is None:
            raise ValueError("this function has no access to keys")
        return self._keys

    @property
    def _salt_table(self) -> Table:
        if self._salts is None:
            raise ValueError("this function has no access to salts")
        return self._salts

    def create(
        self,
        quiz_id: str,
        created_at: int,
        document: Mapping[str, Any],
        owner: str = ADMINS,
        *,
        name: str | None = None,
        source: Mapping[str, str] | None = None,
    ) -> bool:
        quiz = parse(document)
        self._write(quiz_id, 1, quiz, source)
        head = {
            "quiz_id": quiz_id,
            "created_at": created_at,
            "owner": owner,
            "name": name,
            "source_digest": source_digest(source),
            **quiz_fields(quiz, 1),
        }
        # The head comes last: a quiz whose writing was cut short cannot be found.
        actions = [
            Put(version_row(quiz_id, created_at, quiz, 1)),
            Put({"pk": quiz_id, "sk": "head", **head}),
            Put(list_entry(head)),
        ]
        if name is not None:
            pk, sk = name_key(owner, name)
            actions.append(Put({"pk": pk, "sk": sk, "quiz_id": quiz_id}, absent=True))
        try:
            self._questions.transact(actions)
        except ConditionFailed:
            self._drop(quiz_id, 1, len(quiz.questions))
            return False
        return True

    def edit(
        self,
        quiz_id: str,
        created_at: int,
        document: Mapping[str, Any],
        *,
        source: Mapping[str, str] | None = None,
        expected: int | None = None,
    ) -> int | None:
        quiz, head = parse(document), self._head(quiz_id)
        if head is None:
            return None
        _expect(head, expected)
        if "digest" not in head:
            self._keep_first(head)
        version = self._claim(quiz_id, head.get("version", 1))
        self._write(quiz_id, version, quiz, source)
        try:
            kept = source_digest(source)
            if self._commit(quiz_id, created_at, quiz, version, kept, expected):
                return version
        except StaleVersion:
            self._drop(quiz_id, version, len(quiz.questions))
            raise
        self._drop(quiz_id, version, len(quiz.questions))
        return None

    def head(self, quiz_id: str) -> dict[str, Any] | None:
        head = self._head(quiz_id)
        return OLDER | head if head else None

    def version(self, quiz_id: str, version: int) -> dict[str, Any] | None:
        head = self.head(quiz_id)
        if head is None:
            return None
        row = self._questions.get(quiz_id, version_key(version))
        if row is not None and not row.get("draft"):
            return {name: head[name] for name in _OF_QUIZ} | row
        # Quizzes from before there were versions have no row of their first one.
        return head if row is None and version == head["version"] else None

    def versions(self, quiz_id: str) -> list[dict[str, int]]:
        rows = [
            {"version": row["version"], "created_at": row["created_at"]}
            for row in self._questions.query(quiz_id, "version#")
            if not row.get("draft")
        ]
        head = None if rows else self.head(quiz_id)
        return [{"version": 1, "created_at": head["created_at"]}] if head else rows

    def source(self, quiz_id: str, version: int) -> dict[str, str] | None:
        row = self._questions.get(quiz_id, source_key(version))
        return {name: row[name] for name in ("format", "packed")} if row else None

    def keep_source(self, quiz_id: str, version: int, source: Mapping[str, str] | None) -> None:
        row: Put | Delete = Delete(quiz_id, source_key(version))
        if source is not None:
            row = Put(source_row(quiz_id, version, source))
        for _ in range(_ATTEMPTS):
            head = self._head(quiz_id)
            if head is None:
                return
            actions: list[Put | Delete] = [row]
            if head.get("version", 1) == version:
                after = {**OLDER, **head, "source_digest": source_digest(source)}
                actions += [Put(after, was=_seen(head)), Put(list_entry(after))]
            if self._swap(actions):
                return
        raise _busy()

    def public(self, quiz_id: str, version: int, index: int) -> dict[str, Any] | None:
        return self._questions.get(quiz_id, question_key(version, index))

    def key(self, quiz_id: str, version: int, index: int) -> dict[str, Any] | None:
        return self._key_table.get(quiz_id, question_key(version, index))

    def whole_key(self, quiz_id: str, version: int) -> list[Key]:
        rows = self._key_table.query(quiz_id, question_rows(version))
        return [stored_key(f"q{number}", row) for number, row in enumerate(rows, 1)]

    def keep_salt(self, session_id: str, salt: str, now: int) -> str:
        expires = now // 1_000 + KEEP_SECONDS
        row = {"pk": session_id, "sk": "salt", "salt": salt, "expires_at": expires}
        try:
            self._salt_table.put(row, if_absent=True)
        except ConditionFailed as exc:
            return str((exc.existing or {}).get("salt") or self.salt(session_id))
        return salt

    def salt(self, session_id: str) -> str | None:
        row = self._salt_table.get(session_id, "salt")
        return str(row["salt"]) if row else None

    def document(self, quiz_id: str, version: int | None = None) -> dict[str, Any] | None:
        head = self.head(quiz_id) if version is None else self.version(quiz_id, version)
        if head is None:
            return None
        rows = question_rows(head["version"])
        keys = {row["sk"]: row for row in self._key_table.query(quiz_id, rows)}
        publics = self._questions.query(quiz_id, rows)
        questions = tuple(joined(row, keys[row["sk"]]) for row in publics)
        names = ("title", "description", "attribution", "scoring", "feedback")
        facts = {name: head[name] for name in names}
        facts |= {name: head[name] for name in _LATER if name in head}
        facts["tags"] = tuple(head.get("tags", ()))
        return to_document(Quiz(**facts, questions=questions))

    def listing(self, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        items, after = self._questions.page(
            "quizzes",
            cursor={"pk": "quizzes", "sk": cursor} if cursor else None,
            limit=_PAGE,
            newest_first=True,
        )
        rows = [{name: (OLDER | item)[name] for name in HEAD} for item in items]
        return rows, after["sk"] if after else None

    def mark(self, quiz_id: str, until: int | None, was: int | None) -> bool:
        for _ in range(_ATTEMPTS):
            head = self._head(quiz_id)
            if head is None or head.get("deleting") != was:
                return False
            if self._swap([Put({**head, "deleting": until}, was=_seen(head))]):
                return True
        raise _busy()

    def delete(self, quiz_id: str, mark: int | None = None) -> bool:
        for _ in range(_ATTEMPTS):
            head = self._questions.get(quiz_id, "head")
            if head is None or (mark is not None and head.get("deleting") != mark):
                return False
            if head.get("deleted"):
                break
            # Out of sight first, in one step. The head stays until the rest is gone, so that a
            # deletion that was cut short can be taken up again.
            actions: list[Put | Delete] = [
                Put({**head, "deleted": True}, was=_seen(head)),
                Delete("quizzes", entry_key(head)),
            ]
            if head.get("name") is not None:
                actions.append(Delete(*name_key(head["owner"], head["name"])))
            if self._swap(actions):
                break
        else:
            raise _busy()
        for table in (self._key_table, self._questions):
            keys = [(quiz_id, row["sk"]) for row in table.query(quiz_id) if row["sk"] != "head"]
            table.write(deletes=keys)
        self._questions.delete(quiz_id, "head")
        return True

    # --- how versions are written ------------------------------------------------------

    def _head(self, quiz_id: str) -> Item | None:
        head = self._questions.get(quiz_id, "head")
        return None if head is None or head.get("deleted") else head

    def _claim(self, quiz_id: str, newest: int) -> int:
        """Take the next number that nobody has."""
        version = newest
        while True:
            version += 1
            row = {"pk": quiz_id, "sk": version_key(version), "draft": True}
            try:
                self._questions.put(row, if_absent=True)
            except ConditionFailed:
                continue
            return version

    def _write(
        self, quiz_id: str, version: int, quiz: Quiz, source: Mapping[str, str] | None
    ) -> None:
        """Write all of a version but what makes it seen."""
        # The seed is nowhere else: whoever had it could tell the order of what was mixed.
        parts = stored_parts(quiz, secrets.token_hex(16))
        keys = [{"pk": quiz_id, "sk": question_key(version, n)} for n in range(len(parts))]
        self._key_table.write(at | key for at, (_, key) in zip(keys, parts, strict=True))
        self._questions.write(at | public for at, (public, _) in zip(keys, parts, strict=True))
        if source is not None:
            self._questions.put(source_row(quiz_id, version, source))

    def _commit(
        self,
        quiz_id: str,
        created_at: int,
        quiz: Quiz,
        version: int,
        kept: str | None,
        expected: int | None,
    ) -> bool:
        """Let a version be seen; False where the quiz is gone."""
        row = version_row(quiz_id, created_at, quiz, version)
        fields = {**quiz_fields(quiz, version), "source_digest": kept}
        for _ in range(_ATTEMPTS):
            head = self._head(quiz_id)
            if head is None:
                return False
            _expect(head, expected)
            # Whoever took a later number is the newest, also if they were quicker.
            newest = version > head.get("version", 1)
            after = {**OLDER, **head, **(fields if newest else {})}
            if self._swap([Put(row), Put(after, was=_seen(head)), Put(list_entry(after))]):
                return True
        raise _busy()

    def _swap(self, actions: list[Put | Delete]) -> bool:
        """Do all of it, unless the head has changed since it was read."""
        try:
            self._questions.transact(actions)
        except ConditionFailed:
            return False
        return True

    def _keep_first(self, head: Item) -> None:
        """Give the only version of a quiz from before there were versions a row of its own."""
        names = ("created_at", "title", "questions", "scoring", "feedback")
        row = {name: head[name] for name in (*names, "description", "attribution")}
        key = {"pk": head["quiz_id"], "sk": version_key(1), "version": 1, "digest": None}
        row |= {"language": None, "tags": [], "streak_bonus": 0, "shuffle": False}
        try:
            self._questions.put(key | row, if_absent=True)
        except ConditionFailed:
            return  # somebody else has

    def _drop(self, quiz_id: str, version: int, questions: int) -> None:
        """Remove what was written of a version that is not to be."""
        keys = [(quiz_id, question_key(version, index)) for index in range(questions)]
        self._key_table.write(deletes=keys)
        others = [(quiz_id, source_key(version)), (quiz_id, version_key(version))]
        self._questions.write(deletes=[*keys, *others])


def _seen(head: Item) -> dict[str, Any]:
    """What must not have changed of a head since it was read."""
    return {name: head.get(name) for name in ("version", "deleting", "deleted")}


def _expect(head: Item, expected: int | None) -> None:
    if expected is not None and head.get("version", 1) != expected:
        raise StaleVersion


def _busy() -> QuizError:
    return QuizError("unavailable", "others are changing this quiz; try again")
