"""`ports.Questions`: one suite over the fake and DynamoDB."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.core.quiz import parse, to_document
from quizkit.lambdas.adapters.quizzes import DynamoQuestions
from quizkit.lambdas.ports import Questions
from tests.fakes.cloud import cloud
from tests.fakes.game import DOCUMENT

NOW = 1_800_000_000_000


def large(count: int) -> dict[str, Any]:
    """A quiz of so many questions."""
    return {
        "title": "Large",
        "description": "Long",
        "attribution": "CC0",
        "scoring": "flat",
        "questions": [
            {"text": f"Question {n}?", "options": ["x", "y"], "correct": "ab"[n % 2]}
            for n in range(count)
        ],
    }


def test_a_quiz_comes_back_as_it_was(questions: Questions) -> None:
    """The document, whole, however many batches it took."""
    for quiz_id, document in (("small", DOCUMENT), ("large", large(120))):
        questions.create(quiz_id, NOW, document)
        assert questions.document(quiz_id) == to_document(parse(document))
    head = questions.head("large")
    assert head is not None
    names = ("quiz_id", "title", "questions", "created_at", "scoring", "feedback", "description")
    assert [head[name] for name in names] == [
        "large",
        "Large",
        120,
        NOW,
        "flat",
        "on_close",
        "Long",
    ]


def test_the_public_part_and_the_key(questions: Questions) -> None:
    """What players may see is in the one, what they may not in the other, nothing in both."""
    questions.create("quiz", NOW, DOCUMENT)
    public, key = questions.public("quiz", 1), questions.key("quiz", 1)
    assert public is not None
    assert key is not None
    shown = {name: value for name, value in public.items() if name not in ("pk", "sk")}
    assert shown == {
        "question_id": "q2",
        "kind": "multiple",
        "text": "Which are capitals?",
        "options": ["Bern", "Geneva", "Rome"],
        "points": 500,
        "time_limit": 10,
        "media": "https://media.example/media/map.png",
    }
    assert key["correct"] == ["a", "c"]
    assert {"correct", "explanation", "source"} & set(public) == set()
    first = questions.key("quiz", 0)
    assert first is not None
    assert first["explanation"] == "Chosen in 1908."


def test_what_is_not_there(questions: Questions) -> None:
    """No quiz, no question: None, and deleting nothing is harmless."""
    questions.create("quiz", NOW, DOCUMENT)
    assert questions.head("none") is None
    assert questions.document("none") is None
    assert questions.public("quiz", 3) is None
    assert questions.public("quiz", -1) is None
    assert questions.key("none", 0) is None
    questions.delete("none")
    assert questions.head("quiz") is not None


def test_deleting(questions: Questions) -> None:
    """Head, questions, keys and the entry in the list go together."""
    questions.create("quiz", NOW, large(40))
    questions.delete("quiz")
    assert questions.head("quiz") is None
    assert questions.public("quiz", 39) is None
    assert questions.key("quiz", 39) is None
    assert questions.listing(None) == ([], None)


def test_lists_are_paged(questions: Questions) -> None:
    """Newest first, fifty a page, each once."""
    for number in range(60):
        questions.create(f"quiz{number:02d}", NOW + number, DOCUMENT)
    first, cursor = questions.listing(None)
    assert cursor is not None
    second, end = questions.listing(cursor)
    assert (len(first), len(second), end) == (50, 10, None)
    found = [quiz["quiz_id"] for quiz in first + second]
    assert found == [f"quiz{number:02d}" for number in range(59, -1, -1)]
    assert first[0] == {
        "quiz_id": "quiz59",
        "title": "Capitals",
        "questions": 3,
        "created_at": NOW + 59,
        "scoring": "speed",
        "feedback": "on_close",
        "owner": "admin",
    }


def test_the_maker_is_kept(questions: Questions) -> None:
    """With the quiz and in the list; it is the admins' unless somebody is named."""
    questions.create("adas", NOW, DOCUMENT, "ada-1")
    questions.create("theirs", NOW + 1, DOCUMENT)
    heads = [questions.head("theirs"), questions.head("adas")]
    assert [head and head["owner"] for head in heads] == ["admin", "ada-1"]
    assert [quiz["owner"] for quiz in questions.listing(None)[0]] == ["admin", "ada-1"]


def test_quizzes_from_before_there_were_owners() -> None:
    """They are the admins'."""
    store = cloud().store()
    questions = DynamoQuestions(store, cloud().store())
    questions.create("old", NOW, DOCUMENT)
    for pk, sk in (("old", "head"), ("quizzes", f"{NOW:013d}#old")):
        store.update(pk, sk, "REMOVE #owner", names={"#owner": "owner"})
    head = questions.head("old")
    assert head is not None
    assert head["owner"] == "admin"
    assert [quiz["owner"] for quiz in questions.listing(None)[0]] == ["admin"]


def test_a_function_without_keys_cannot_read_them() -> None:
    """Where no keys table is given, asking for a key is a bug that shows."""
    store = cloud().store()
    DynamoQuestions(store, cloud().store()).create("quiz", NOW, DOCUMENT)
    keyless = DynamoQuestions(store)
    assert keyless.public("quiz", 0) is not None
    with pytest.raises(ValueError, match="no access"):
        keyless.key("quiz", 0)
    assert "Canberra" in str(keyless.public("quiz", 0))
    assert "correct" not in str(list(store.query("quiz")))


def test_a_salt_is_drawn_once(questions: Questions) -> None:
    """Whoever opens the session again gets the salt that is kept, and nobody changes it."""
    assert questions.salt("session") is None
    assert questions.keep_salt("session", "first", NOW) == "first"
    assert questions.keep_salt("session", "second", NOW) == "first"
    assert questions.salt("session") == "first"


def test_the_whole_key(questions: Questions) -> None:
    """Every question with its right options, in order; nothing of a quiz that is not there."""
    questions.create("small", NOW, DOCUMENT)
    assert questions.whole_key("small") == [("q1", ("b",)), ("q2", ("a", "c")), ("q3", ("b",))]
    assert questions.whole_key("none") == []
