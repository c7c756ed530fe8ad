"""Stored quizzes on two tables: what players may see, and the keys.

Two tables, so that a role can be given the one without the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from quizkit.core.owners import ADMINS
from quizkit.core.quiz import Question, parse, to_document
from quizkit.lambdas.adapters.dynamo import ConditionFailed, Table
from quizkit.lambdas.adapters.keys import KEEP_SECONDS

_PAGE: Final = 50
_HEAD: Final = ("quiz_id", "title", "questions", "created_at", "scoring", "feedback", "owner")
#: What heads lack that were stored before they had it.
_OLDER: Final = {"owner": ADMINS}


class DynamoQuestions:
    """`ports.Questions` on the questions table and, where allowed, the keys table."""

    def __init__(self, questions: Table, keys: Table | None = None) -> None:
        self._questions = questions
        self._keys = keys

    @property
    def _key_table(self) -> Table:
        if self._keys is None:
            raise ValueError("this function has no access to keys")
        return self._keys

    def create(
        self, quiz_id: str, created_at: int, document: Mapping[str, Any], owner: str = ADMINS
    ) -> None:
        quiz = parse(document)
        self._key_table.write(
            _key_row(quiz_id, index, question) for index, question in enumerate(quiz.questions)
        )
        self._questions.write(
            _public_row(quiz_id, index, question) for index, question in enumerate(quiz.questions)
        )
        head = {
            "quiz_id": quiz_id,
            "title": quiz.title,
            "questions": len(quiz.questions),
            "created_at": created_at,
            "scoring": quiz.scoring,
            "feedback": quiz.feedback,
            "owner": owner,
            "description": quiz.description,
            "attribution": quiz.attribution,
        }
        # The head comes last: a quiz whose writing was cut short cannot be found.
        self._questions.put({"pk": quiz_id, "sk": "head", **head})
        self._questions.put(
            {"pk": "quizzes", "sk": _entry(created_at, quiz_id), **{k: head[k] for k in _HEAD}}
        )

    def head(self, quiz_id: str) -> dict[str, Any] | None:
        head = self._questions.get(quiz_id, "head")
        return _OLDER | head if head else None

    def public(self, quiz_id: str, index: int) -> dict[str, Any] | None:
        return self._questions.get(quiz_id, f"q#{index:03d}")

    def key(self, quiz_id: str, index: int) -> dict[str, Any] | None:
        return self._key_table.get(quiz_id, f"q#{index:03d}")

    def whole_key(self, quiz_id: str) -> list[tuple[str, tuple[str, ...]]]:
        rows = self._key_table.query(quiz_id, "q#")
        return [(f"q{number}", tuple(row["correct"])) for number, row in enumerate(rows, 1)]

    def keep_salt(self, session_id: str, salt: str, now: int) -> str:
        expires = now // 1_000 + KEEP_SECONDS
        row = {"pk": session_id, "sk": "salt", "salt": salt, "expires_at": expires}
        try:
            self._key_table.put(row, if_absent=True)
        except ConditionFailed as exc:
            return str((exc.existing or {}).get("salt") or self.salt(session_id))
        return salt

    def salt(self, session_id: str) -> str | None:
        row = self._key_table.get(session_id, "salt")
        return str(row["salt"]) if row else None

    def document(self, quiz_id: str) -> dict[str, Any] | None:
        head = self.head(quiz_id)
        if head is None:
            return None
        keys = {row["sk"]: row for row in self._key_table.query(quiz_id, "q#")}
        questions = []
        for row in self._questions.query(quiz_id, "q#"):
            key = keys[row["sk"]]
            right = set(key["correct"])
            options = [
                {"text": text, "correct": True} if chr(ord("a") + i) in right else text
                for i, text in enumerate(row["options"])
            ]
            shown = {name: row[name] for name in ("text", "points", "time_limit", "media")}
            hidden = {name: key[name] for name in ("explanation", "source")}
            questions.append(shown | hidden | {"options": options})
        names = ("title", "description", "attribution", "scoring", "feedback")
        document = {name: head[name] for name in names} | {"questions": questions}
        return to_document(parse(document))

    def listing(self, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
        items, after = self._questions.page(
            "quizzes",
            cursor={"pk": "quizzes", "sk": cursor} if cursor else None,
            limit=_PAGE,
            newest_first=True,
        )
        rows = [{name: (_OLDER | item)[name] for name in _HEAD} for item in items]
        return rows, after["sk"] if after else None

    def delete(self, quiz_id: str) -> None:
        head = self.head(quiz_id)
        if head is None:
            return
        self._questions.delete("quizzes", _entry(head["created_at"], quiz_id))
        self._questions.delete(quiz_id, "head")
        keys = [(quiz_id, f"q#{index:03d}") for index in range(head["questions"])]
        self._questions.write(deletes=keys)
        self._key_table.write(deletes=keys)


def _entry(created_at: int, quiz_id: str) -> str:
    return f"{created_at:013d}#{quiz_id}"


def _public_row(quiz_id: str, index: int, question: Question) -> dict[str, Any]:
    return {
        "pk": quiz_id,
        "sk": f"q#{index:03d}",
        "question_id": question.id,
        "kind": question.kind,
        "text": question.text,
        "options": [option.text for option in question.options],
        "points": question.points,
        "time_limit": question.time_limit,
        "media": question.media,
    }


def _key_row(quiz_id: str, index: int, question: Question) -> dict[str, Any]:
    return {
        "pk": quiz_id,
        "sk": f"q#{index:03d}",
        "correct": list(question.correct),
        "explanation": question.explanation,
        "source": question.source,
    }
