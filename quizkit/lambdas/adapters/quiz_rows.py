"""How a stored quiz is laid out: the keys and the rows of its head, versions, questions and texts.

Nothing here reads or writes; where the rows lie is told in `adapters.keys`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from quizkit.core.commitment import Key
from quizkit.core.digest import digest
from quizkit.core.kinds import rules_from_row
from quizkit.core.owners import ADMINS
from quizkit.core.quiz import Quiz, to_document
from quizkit.lambdas.adapters.dynamo import Item

#: What the list of quizzes tells of each.
HEAD: Final = (
    "quiz_id",
    "title",
    "questions",
    "created_at",
    "scoring",
    "feedback",
    "owner",
    "version",
    "name",
    "digest",
    "source_digest",
)
#: What heads lack that were stored before they had it.
OLDER: Final = {
    "owner": ADMINS,
    "version": 1,
    "name": None,
    "digest": None,
    "source_digest": None,
    "deleting": None,
}


def quiz_fields(quiz: Quiz, version: int) -> dict[str, Any]:
    """What a version says of the quiz as a whole."""
    return {
        "version": version,
        "digest": digest(to_document(quiz)),
        "title": quiz.title,
        "questions": len(quiz.questions),
        "scoring": quiz.scoring,
        "feedback": quiz.feedback,
        "description": quiz.description,
        "attribution": quiz.attribution,
        "language": quiz.language,
        "tags": list(quiz.tags),
        "streak_bonus": quiz.streak_bonus,
        "shuffle": quiz.shuffle,
    }


def name_key(owner: str, name: str) -> tuple[str, str]:
    """The key under which a name is taken; no name makes it look like a row of a quiz."""
    return f"names#{owner}", f"name#{name}"


def entry_key(head: Item) -> str:
    """The sort key of its line in the list: the oldest quiz comes first."""
    return f"{head['created_at']:013d}#{head['quiz_id']}"


def list_entry(head: Item) -> Item:
    """A quiz's line in the list."""
    return {"pk": "quizzes", "sk": entry_key(head), **{name: head[name] for name in HEAD}}


def version_key(version: int) -> str:
    """The sort key of what a version says of the quiz as a whole."""
    return f"version#{version:06d}"


def source_key(version: int) -> str:
    """The sort key of what a version was read from."""
    return f"source#{version:06d}"


def source_row(quiz_id: str, version: int, source: Mapping[str, str]) -> Item:
    """What a version was read from; `source` is `{"format", "packed"}`."""
    return {"pk": quiz_id, "sk": source_key(version), **source}


def question_rows(version: int) -> str:
    """What the keys of a version's questions begin with; the first's are as they always were."""
    return "q#" if version == 1 else f"v{version:06d}#q#"


def question_key(version: int, index: int) -> str:
    """The sort key of a question, and of its key; `index` counts from 0."""
    return f"{question_rows(version)}{index:03d}"


def version_row(quiz_id: str, created_at: int, quiz: Quiz, version: int) -> Item:
    """What makes a version seen; `created_at` is in epoch milliseconds."""
    key = {"pk": quiz_id, "sk": version_key(version), "created_at": created_at}
    return key | quiz_fields(quiz, version)


def stored_key(question_id: str, row: Item) -> Key:
    """A row of the keys table as a key; those from before there were kinds are of choices."""
    rules = rules_from_row(row.get("rules"))
    return Key(question_id, tuple(row["correct"]), row.get("kind", "choice"), rules)
