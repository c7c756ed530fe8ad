"""`ports.Questions`: versions of a quiz, over the fake and DynamoDB.

Storage that fails at any call, and edits at once, are tried on DynamoDB alone: the fake does
everything in one step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from quizkit.core.digest import digest
from quizkit.core.errors import QuizError
from quizkit.core.packing import pack, source_digest
from quizkit.core.quiz import parse, to_document
from quizkit.lambdas.adapters import dynamo
from quizkit.lambdas.adapters.dynamo import Table
from quizkit.lambdas.adapters.json_api import JsonApi
from quizkit.lambdas.adapters.quizzes import DynamoQuestions
from quizkit.lambdas.ports import Questions, StaleVersion
from tests.fakes.cloud import cloud
from tests.fakes.game import DOCUMENT

NOW = 1_800_000_000_000
SOURCE = {"format": "yaml", "packed": "eJwDAAAAAAE="}


def quiz(number: int, questions: int = 2) -> dict[str, Any]:
    """One of many quizzes, each with a key of its own."""
    nodes = [
        {"text": f"{number}.{n}?", "options": list("wxyz"), "correct": "abcd"[(number + n) % 4]}
        for n in range(questions)
    ]
    return {"title": f"Quiz {number}", "description": f"The {number}th", "questions": nodes}


def normal(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document as it is stored."""
    return to_document(parse(document))


def test_versions_stay_as_they_were(questions: Questions) -> None:
    """Each with its questions, keys and head, however often the quiz is edited."""
    questions.create("quiz", NOW, quiz(1, 3))
    assert questions.edit("quiz", NOW + 5, quiz(2, 1)) == 2
    assert questions.edit("quiz", NOW + 9, quiz(3, 4)) == 3
    assert questions.versions("quiz") == [
        {"version": 1, "created_at": NOW},
        {"version": 2, "created_at": NOW + 5},
        {"version": 3, "created_at": NOW + 9},
    ]
    for version, count in ((1, 3), (2, 1), (3, 4)):
        document = quiz(version, count)
        assert questions.document("quiz", version) == normal(document)
        head = questions.version("quiz", version)
        assert head is not None
        assert (head["title"], head["questions"]) == (f"Quiz {version}", count)
        assert (head["version"], head["digest"]) == (version, digest(normal(document)))
        assert len(questions.whole_key("quiz", version)) == count
        assert questions.public("quiz", version, count) is None
        public, key = questions.public("quiz", version, 0), questions.key("quiz", version, 0)
        assert public is not None
        assert key is not None
        assert public["text"] == f"{version}.0?"
        assert key["correct"] == ["abcd"[version % 4]]
    newest = questions.head("quiz")
    assert newest is not None
    assert (newest["version"], newest["title"]) == (3, "Quiz 3")
    assert newest["created_at"] == NOW
    assert questions.document("quiz") == normal(quiz(3, 4))
    [line] = questions.listing(None)[0]
    assert (line["version"], line["title"], line["created_at"]) == (3, "Quiz 3", NOW)
    assert line["digest"] == digest(normal(quiz(3, 4)))


def test_versions_that_are_not_there(questions: Questions) -> None:
    """None of anything, and no quiz is edited that is not there."""
    questions.create("quiz", NOW, quiz(1))
    for version in (0, 2, -1):
        assert questions.version("quiz", version) is None
        assert questions.document("quiz", version) is None
        assert questions.public("quiz", version, 0) is None
        assert questions.key("quiz", version, 0) is None
        assert questions.whole_key("quiz", version) == []
        assert questions.source("quiz", version) is None
    assert questions.version("none", 1) is None
    assert questions.versions("none") == []
    assert questions.edit("none", NOW, quiz(1)) is None
    assert questions.head("none") is None


def test_an_edit_of_what_is_not_the_newest(questions: Questions) -> None:
    """Is refused where one was expected, and stores nothing."""
    questions.create("quiz", NOW, quiz(1))
    assert questions.edit("quiz", NOW, quiz(2), expected=1) == 2
    for expected in (1, 3):
        with pytest.raises(StaleVersion):
            questions.edit("quiz", NOW, quiz(3), expected=expected)
    assert questions.document("quiz") == normal(quiz(2))
    assert len(questions.versions("quiz")) == 2


def test_names_are_an_owners_own(questions: Questions) -> None:
    """One of each; another owner has other names, and a deleted quiz has none."""
    assert questions.create("one", NOW, quiz(1), "ada", name="a/b.yaml")
    assert not questions.create("two", NOW + 1, quiz(2), "ada", name="a/b.yaml")
    assert questions.head("two") is None
    assert questions.document("two") is None
    assert questions.public("two", 1, 0) is None
    assert questions.key("two", 1, 0) is None
    assert questions.create("three", NOW + 2, quiz(3), "bob", name="a/b.yaml")
    assert questions.create("four", NOW + 3, quiz(4), "ada", name="A/b.yaml")
    questions.edit("one", NOW + 4, quiz(5))
    names = {line["quiz_id"]: line["name"] for line in questions.listing(None)[0]}
    assert names == {"one": "a/b.yaml", "three": "a/b.yaml", "four": "A/b.yaml"}
    assert questions.delete("one")
    assert questions.create("five", NOW + 5, quiz(5), "ada", name="a/b.yaml")


def test_sources_are_kept_beside_versions(questions: Questions) -> None:
    """Each its own, exchanged and dropped without touching the others."""
    questions.create("quiz", NOW, quiz(1), source=SOURCE)
    questions.edit("quiz", NOW, quiz(2))
    other = {"format": "markdown", "packed": "eJwD"}
    questions.edit("quiz", NOW, quiz(3), source=other)
    assert [questions.source("quiz", n) for n in (1, 2, 3)] == [SOURCE, None, other]
    questions.keep_source("quiz", 2, SOURCE)
    questions.keep_source("quiz", 3, None)
    assert [questions.source("quiz", n) for n in (1, 2, 3)] == [SOURCE, SOURCE, None]


def test_the_newest_source_is_told_by_its_digest(questions: Questions) -> None:
    """In the head and the list; a version without one has none, and so has one that lost it."""

    def told() -> object:
        [line] = questions.listing(None)[0]
        head = questions.head("quiz")
        assert head is not None
        assert head["source_digest"] == line["source_digest"]
        return line["source_digest"]

    first, second = ({"format": "yaml", "packed": pack(text) or ""} for text in ("# 1", "# 2"))
    questions.create("quiz", NOW, quiz(1), source=first)
    assert told() == source_digest(first) != source_digest(second)
    questions.edit("quiz", NOW, quiz(2))
    assert told() is None
    questions.keep_source("quiz", 2, second)
    assert told() == source_digest(second)
    questions.keep_source("quiz", 1, second)
    questions.edit("quiz", NOW, quiz(3), source=first)
    questions.keep_source("quiz", 2, second)
    assert told() == source_digest(first)
    questions.keep_source("quiz", 3, None)
    assert told() is None
    assert [questions.source("quiz", n) for n in (1, 2, 3)] == [second, second, None]
    assert questions.document("quiz") == normal(quiz(3))


def test_a_deleted_quiz_keeps_no_source() -> None:
    """Whose text comes a moment too late leaves no row behind."""
    table = cloud().store()
    questions = DynamoQuestions(table, cloud().store())
    questions.create("quiz", NOW, quiz(1), source=SOURCE)
    assert questions.delete("quiz")
    questions.keep_source("quiz", 1, SOURCE)
    assert questions.source("quiz", 1) is None
    assert list(table.query("quiz")) == []


def test_deleting_takes_every_version(questions: Questions) -> None:
    """Questions, keys, sources and all."""
    questions.create("quiz", NOW, quiz(1, 30), source=SOURCE)
    questions.edit("quiz", NOW, quiz(2, 31), source=SOURCE)
    questions.create("other", NOW, quiz(3), source=SOURCE)
    assert questions.delete("quiz")
    assert not questions.delete("quiz")
    assert questions.versions("quiz") == []
    for version in (1, 2):
        assert questions.version("quiz", version) is None
        assert questions.document("quiz", version) is None
        assert questions.public("quiz", version, 29) is None
        assert questions.key("quiz", version, 29) is None
        assert questions.whole_key("quiz", version) == []
        assert questions.source("quiz", version) is None
    assert questions.document("other") == normal(quiz(3))
    assert questions.source("other", 1) == SOURCE


def test_marks(questions: Questions) -> None:
    """Set and taken back by whoever knows the last one; only they delete by it."""
    assert not questions.mark("quiz", NOW, None)
    questions.create("quiz", NOW, quiz(1))
    assert questions.mark("quiz", NOW + 1, None)
    assert not questions.mark("quiz", NOW + 2, None)
    assert not questions.delete("quiz", NOW + 2)
    head = questions.head("quiz")
    assert head is not None
    assert head["deleting"] == NOW + 1
    assert questions.edit("quiz", NOW, quiz(2)) == 2
    assert questions.mark("quiz", None, NOW + 1)
    assert not questions.delete("quiz", NOW + 1)
    assert questions.mark("quiz", NOW + 3, None)
    assert questions.delete("quiz", NOW + 3)
    assert questions.head("quiz") is None
    assert not questions.mark("quiz", NOW + 4, NOW + 3)


# --- on DynamoDB ---------------------------------------------------------------------------


class Failing(JsonApi):
    """DynamoDB that fails for good at one of its writing calls."""

    def __init__(self, real: JsonApi) -> None:
        self.real = real
        self.left: int | None = None

    def call(self, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Count the writing calls down."""
        if operation not in ("GetItem", "Query") and self.left is not None:
            if self.left == 0:
                raise QuizError("unavailable", "as told")
            self.left -= 1
        return self.real.call(operation, arguments)


def failing() -> tuple[Failing, DynamoQuestions, Sequence[Table]]:
    """Stored quizzes on two new tables whose service can be made to fail."""
    api = Failing(cloud().api("dynamodb", dynamo.TARGET))
    tables = [Table(api, cloud().table()) for _ in range(2)]
    return api, DynamoQuestions(*tables), tables


def test_an_edit_that_is_cut_short_is_never_seen() -> None:
    """At whichever call: the quiz is as it was, and the next edit stores all of its own."""
    cuts, version = 0, None
    while version is None:
        # A store of its own for each: numbers that were taken in vain are not taken again.
        api, questions, _ = failing()
        questions.create("quiz", NOW, quiz(1, 30))
        api.left = cuts
        try:
            version = questions.edit("quiz", NOW, quiz(2, 30), source=SOURCE)
        except QuizError:
            api.left = None
            assert questions.document("quiz") == normal(quiz(1, 30))
            assert [each["version"] for each in questions.versions("quiz")] == [1]
            assert questions.listing(None)[0][0]["title"] == "Quiz 1"
            assert questions.version("quiz", 2) is None
            assert questions.document("quiz", 2) is None
            again = questions.edit("quiz", NOW, quiz(3, 29))
            assert again in (2, 3)
            assert questions.document("quiz") == normal(quiz(3, 29))
            cuts += 1
    assert cuts >= 6
    assert questions.document("quiz") == normal(quiz(2, 30))
    assert questions.source("quiz", version) == SOURCE
    assert len(questions.versions("quiz")) == 2


def test_a_creation_that_is_cut_short_is_never_seen() -> None:
    """At whichever call; its name is free."""
    api, questions, _ = failing()
    cuts = 0
    while True:
        api.left = cuts
        try:
            questions.create("quiz", NOW, quiz(1, 30), name="n", source=SOURCE)
        except QuizError:
            api.left = None
            assert questions.head("quiz") is None
            assert questions.listing(None) == ([], None)
            cuts += 1
        else:
            break
    assert cuts >= 4
    assert questions.document("quiz") == normal(quiz(1, 30))


def test_a_deletion_that_is_cut_short_is_taken_up_again() -> None:
    """At whichever call the quiz is whole or out of sight; a second try leaves nothing."""
    cuts, whole = 0, False
    while not whole:
        api, questions, tables = failing()
        questions.create("quiz", NOW, quiz(1, 30), name="n", source=SOURCE)
        questions.edit("quiz", NOW, quiz(2, 30))
        api.left = cuts
        try:
            whole = questions.delete("quiz")
        except QuizError:
            api.left = None
            out_of_sight_or_whole(questions)
            assert questions.delete("quiz")
            cuts += 1
        for table in tables:
            assert list(table.query("quiz")) == []
            assert list(table.query("names#admin")) == []
    assert cuts >= 5


def out_of_sight_or_whole(questions: Questions) -> None:
    """That a quiz whose deletion was cut short is the one or the other."""
    listed, _ = questions.listing(None)
    if questions.head("quiz") is not None:
        assert len(listed) == 1
        assert questions.document("quiz", 1) == normal(quiz(1, 30))
        return
    assert listed == []
    assert questions.document("quiz") is None
    assert questions.edit("quiz", NOW, quiz(3)) is None
    assert questions.create("again", NOW, quiz(4), name="n")
    assert questions.delete("again")


@pytest.mark.parametrize("old", [False, True])
def test_edits_at_once_are_all_kept(old: bool) -> None:
    """Each makes a version of its own, whole; the newest is the one of the highest number."""
    store, keys = cloud().store(), cloud().store()
    questions = DynamoQuestions(store, keys)
    questions.create("quiz", NOW, quiz(0))
    if old:
        as_before_versions(store, "quiz")
    with ThreadPoolExecutor(8) as pool:
        edits = pool.map(lambda n: questions.edit("quiz", NOW + n, quiz(n)), range(1, 9))
        numbers = list(edits)
    made = {version: n for n, version in enumerate(numbers, 1)}
    assert len(made) == 8
    assert None not in made
    listed = [each["version"] for each in questions.versions("quiz")]
    assert listed == sorted([1, *(number for number in numbers if number)])
    for version, n in made.items():
        assert version is not None
        assert questions.document("quiz", version) == normal(quiz(n))
    head = questions.head("quiz")
    assert head is not None
    assert head["version"] == max(listed)
    assert questions.document("quiz") == questions.document("quiz", max(listed))
    assert questions.document("quiz", 1) == normal(quiz(0))
    [line] = questions.listing(None)[0]
    assert (line["version"], line["title"]) == (head["version"], head["title"])


def test_edits_at_once_of_one_expected_version() -> None:
    """One is taken, the others hear that it has gone on."""
    questions = DynamoQuestions(cloud().store(), cloud().store())
    questions.create("quiz", NOW, quiz(0))

    def edit(n: int) -> int | None:
        try:
            return questions.edit("quiz", NOW, quiz(n), expected=1)
        except StaleVersion:
            return None

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(edit, range(1, 7)))
    [n] = [n for n, number in enumerate(numbers, 1) if number is not None]
    assert len(questions.versions("quiz")) == 2
    assert questions.document("quiz") == normal(quiz(n))


def test_creations_at_once_of_one_name() -> None:
    """One gets it; of the others nothing is left."""
    store, keys = cloud().store(), cloud().store()
    questions = DynamoQuestions(store, keys)
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda n: questions.create(f"q{n}", NOW, quiz(n), name="n"), range(6)))
    assert made.count(True) == 1
    assert [line["quiz_id"] for line in questions.listing(None)[0]] == [f"q{made.index(True)}"]
    for n in range(6):
        assert bool(list(store.query(f"q{n}"))) == bool(list(keys.query(f"q{n}"))) == made[n]


def test_an_edit_meets_a_deletion() -> None:
    """Whichever is first: in the end the quiz is gone, and nothing of the edit is left."""
    for _ in range(5):
        store, keys = cloud().store(), cloud().store()
        questions = DynamoQuestions(store, keys)
        questions.create("quiz", NOW, quiz(1, 10))
        with ThreadPoolExecutor(2) as pool:
            edit = pool.submit(questions.edit, "quiz", NOW, quiz(2, 10))
            gone = pool.submit(questions.delete, "quiz")
            assert gone.result()
            assert edit.result() in (2, None)
        assert questions.head("quiz") is None
        assert questions.versions("quiz") == []
        if edit.result() is None:
            questions.delete("quiz")
        assert list(keys.query("quiz")) == []


def as_before_versions(store: Table, quiz_id: str) -> None:
    """Make a stored quiz one from before there were versions."""
    names = {"#v": "version", "#n": "name", "#d": "digest"}
    for pk, sk in ((quiz_id, "head"), ("quizzes", f"{NOW:013d}#{quiz_id}")):
        store.update(pk, sk, "REMOVE #v, #n, #d", names=names)
    store.delete(quiz_id, "version#000001")


def test_quizzes_from_before_there_were_versions() -> None:
    """They are at version 1, listed, read, edited and deleted like others."""
    store, keys = cloud().store(), cloud().store()
    questions = DynamoQuestions(store, keys)
    questions.create("old", NOW, DOCUMENT)
    as_before_versions(store, "old")
    assert all(row["sk"] == "head" or row["sk"].startswith("q#") for row in store.query("old"))
    head = questions.head("old")
    assert head is not None
    assert (head["version"], head["digest"], head["name"]) == (1, None, None)
    assert questions.versions("old") == [{"version": 1, "created_at": NOW}]
    [line] = questions.listing(None)[0]
    assert (line["version"], line["digest"], line["name"]) == (1, None, None)
    assert questions.document("old", 1) == questions.document("old") == normal(DOCUMENT)
    assert questions.edit("old", NOW + 5, quiz(2, 1), expected=1) == 2
    assert questions.versions("old") == [
        {"version": 1, "created_at": NOW},
        {"version": 2, "created_at": NOW + 5},
    ]
    assert questions.document("old", 1) == normal(DOCUMENT)
    assert questions.document("old") == normal(quiz(2, 1))
    first = questions.version("old", 1)
    assert first is not None
    assert (first["title"], first["questions"], first["description"]) == ("Capitals", 3, None)
    assert questions.delete("old")
    assert list(store.query("old")) == list(keys.query("old")) == []


#: A question of each kind, both forms of an ordering among them.
KINDS: dict[str, Any] = {
    "title": "Kinds",
    "tags": ["a", "b"],
    "language": "en",
    "shuffle": True,
    "streak_bonus": 50,
    "questions": [
        {"text": "One?", "options": ["x", "y"], "correct": "b", "points": "double"},
        {"text": "Some?", "options": ["x", "y", "z"], "correct": ["a", "c"], "grading": "balanced"},
        {"text": "So?", "kind": "boolean", "correct": False, "penalty": 100},
        {"text": "Who?", "kind": "text", "accept": ["Ada", "Ada L."], "fold": "loose"},
        {"text": "When?", "kind": "number", "correct": 1822, "tolerance": 0.5},
        {"text": "Pi?", "kind": "number", "correct": 3.14, "nearest": True, "range": [0, 10]},
        {"text": "Sort!", "kind": "order", "options": ["first", "second", "third", "fourth"]},
        {"text": "Sort!", "kind": "order", "options": ["two", "one"], "correct": ["b", "a"]},
        {"text": "Like it?", "kind": "poll", "options": ["yes", "no"]},
        {"text": "Now this.", "kind": "slide"},
    ],
}


def test_a_digest_is_of_what_comes_back(questions: Questions) -> None:
    """Of every kind of question: whoever has the same file sees that it is stored already."""
    questions.create("quiz", NOW, KINDS)
    questions.edit("quiz", NOW, quiz(2))
    questions.edit("quiz", NOW, KINDS)
    for version in (1, 3):
        head, document = questions.version("quiz", version), questions.document("quiz", version)
        assert head is not None
        assert document is not None
        assert head["digest"] == digest(document) == digest(normal(KINDS))
        assert document == normal(document)
