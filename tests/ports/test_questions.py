"""`ports.Questions`: one suite over the fake and DynamoDB."""

from __future__ import annotations

from typing import Any

import pytest

from quizkit.core.commitment import Key
from quizkit.core.digest import digest
from quizkit.core.kinds import rules_from_row
from quizkit.core.quiz import parse, to_document
from quizkit.lambdas.adapters.quizzes import DynamoQuestions
from quizkit.lambdas.ports import Questions
from tests.fakes.cloud import cloud
from tests.fakes.game import DOCUMENT

NOW = 1_800_000_000_000


KINDS: dict[str, Any] = {
    "title": "Kinds",
    "language": "de",
    "tags": ["x", "y"],
    "streak_bonus": 50,
    "shuffle": True,
    "questions": [
        {"text": "S", "kind": "slide", "media": "x.png", "alt": "An x"},
        {"text": "B", "kind": "boolean", "correct": False, "penalty": 9},
        {"text": "T", "kind": "text", "accept": ["Zürich", "Zurich"], "fold": "loose"},
        {"text": "N", "kind": "number", "correct": 0.1, "tolerance": 1e-7},
        {"text": "N", "kind": "number", "correct": 5, "nearest": True, "range": [-2.5, 9]},
        {"text": "O", "kind": "order", "options": [*"uvwxyz"], "grading": "balanced"},
        {"text": "O", "kind": "order", "options": ["one", "two"], "correct": ["b", "a"]},
        {"text": "P", "kind": "poll", "options": ["x", "y"]},
        {"text": "M", "kind": "multiple", "options": ["x", "y"], "correct": "x"},
    ],
}


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
    public, key = questions.public("quiz", 1, 1), questions.key("quiz", 1, 1)
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
        "alt": None,
        "grading": "all",
        "penalty": 0,
        "range": None,
    }
    assert key["correct"] == ["a", "c"]
    assert {"correct", "explanation", "source"} & set(public) == set()
    first = questions.key("quiz", 1, 0)
    assert first is not None
    assert first["explanation"] == "Chosen in 1908."


def test_what_is_not_there(questions: Questions) -> None:
    """No quiz, no question: None, and deleting nothing is harmless."""
    questions.create("quiz", NOW, DOCUMENT)
    assert questions.head("none") is None
    assert questions.document("none") is None
    assert questions.public("quiz", 1, 3) is None
    assert questions.public("quiz", 1, -1) is None
    assert questions.key("none", 1, 0) is None
    questions.delete("none")
    assert questions.head("quiz") is not None


def test_deleting(questions: Questions) -> None:
    """Head, questions, keys and the entry in the list go together."""
    questions.create("quiz", NOW, large(40))
    questions.delete("quiz")
    assert questions.head("quiz") is None
    assert questions.public("quiz", 1, 39) is None
    assert questions.key("quiz", 1, 39) is None
    assert questions.listing(None) == ([], None)


def test_lists_are_paged(questions: Questions) -> None:
    """Newest first, fifty a page, each once."""
    for number in range(60):
        questions.create(f"quiz{number:02d}", NOW + number, DOCUMENT)
    first, cursor = questions.listing(None)
    assert cursor is not None
    second, end = questions.listing(cursor)
    assert (len(first), len(second), end) == (50, 10, None)
    # A cursor need not be of a row that is there: this one is of the last row's moment.
    assert questions.listing(f"{cursor.partition('#')[0]}#~") == ([first[-1], *second], None)
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
        "version": 1,
        "name": None,
        "digest": digest(to_document(parse(DOCUMENT))),
        "source_digest": None,
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
    assert keyless.public("quiz", 1, 0) is not None
    with pytest.raises(ValueError, match="no access"):
        keyless.key("quiz", 1, 0)
    with pytest.raises(ValueError, match="no access"):
        keyless.salt("session")
    assert "Canberra" in str(keyless.public("quiz", 1, 0))
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
    assert questions.whole_key("small", 1) == [
        Key("q1", ("b",), "choice"),
        Key("q2", ("a", "c"), "multiple"),
        Key("q3", ("b",), "choice"),
    ]
    assert questions.whole_key("none", 1) == []


def test_every_kind_comes_back_as_it_was(questions: Questions) -> None:
    """Whatever was mixed on storing; the newest version has its own fields, the first its own."""
    questions.create("kinds", NOW, KINDS)
    assert questions.document("kinds") == to_document(parse(KINDS))
    plain = {"title": "Plain", "questions": [{"text": "S", "kind": "slide"}]}
    assert questions.edit("kinds", NOW + 1, plain) == 2
    assert questions.document("kinds", 2) == to_document(parse(plain))
    assert questions.document("kinds", 1) == to_document(parse(KINDS))
    head = questions.head("kinds")
    assert head is not None
    assert (head["streak_bonus"], head["shuffle"]) == (0, False)


def test_the_parts_of_every_kind(questions: Questions) -> None:
    """The keys agree with what they are the keys of, and no public part has any of it."""
    questions.create("kinds", NOW, KINDS)
    for index, key in enumerate(questions.whole_key("kinds", 1)):
        public, hidden = questions.public("kinds", 1, index), questions.key("kinds", 1, index)
        assert public is not None
        assert hidden is not None
        assert (public["question_id"], public["kind"]) == (key.question_id, key.kind)
        assert tuple(hidden["correct"]) == key.correct
        assert rules_from_row(hidden["rules"]) == key.rules
        assert not {"correct", "rules", "mixed", "explanation", "source"} & set(public)
        if key.kind == "order":
            texts = dict(zip("abcdef", public["options"], strict=False))
            assert [texts[each] for each in key.correct] in ([*"uvwxyz"], ["two", "one"])


def test_the_order_is_not_that_of_the_file(questions: Questions) -> None:
    """P3: among several quizzes of the same text the options come in many orders."""
    if isinstance(questions, DynamoQuestions):
        orders = set()
        for number in range(12):
            questions.create(f"order-{number}", NOW, KINDS)
            row = questions.public(f"order-{number}", 1, 5)
            assert row is not None
            orders.add(tuple(row["options"]))
        assert len(orders) > 6
