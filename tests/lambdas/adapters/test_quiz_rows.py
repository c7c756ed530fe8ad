"""How a stored quiz is laid out: what is stored already must be found by its old keys."""

from __future__ import annotations

import pytest

from quizkit.core.digest import digest
from quizkit.core.quiz import parse, to_document
from quizkit.lambdas.adapters import quiz_rows as rows
from tests.fakes.game import DOCUMENT

QUIZ = parse(DOCUMENT)
NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("key", "written"),
    [
        (rows.version_key(1), "version#000001"),
        (rows.source_key(12), "source#000012"),
        (rows.question_key(1, 0), "q#000"),
        (rows.question_key(1, 499), "q#499"),
        (rows.question_key(2, 7), "v000002#q#007"),
        (rows.entry_key({"created_at": 5, "quiz_id": "q-1"}), "0000000000005#q-1"),
        (rows.name_key("ada", "a/b.yaml"), ("names#ada", "name#a/b.yaml")),
    ],
)
def test_keys(key: object, written: object) -> None:
    """As they are in tables that were filled long ago."""
    assert key == written


def test_a_versions_questions_are_found_by_their_beginning() -> None:
    """And no other version's, nor anything else of the quiz."""
    for version in (1, 2, 21):
        begin = rows.question_rows(version)
        assert rows.question_key(version, 3).startswith(begin)
        assert not any(rows.question_key(n, 3).startswith(begin) for n in (3, 12, 210))
        assert not rows.version_key(version).startswith(begin)
        assert not rows.source_key(version).startswith(begin)


def test_a_line_of_the_list_has_what_is_told_and_no_more() -> None:
    """Of a head with all that is known, and of one that is filled up with what was missing."""
    known = {"quiz_id": "q-1", "created_at": NOW, **rows.quiz_fields(QUIZ, 3)}
    line = rows.list_entry({**rows.OLDER, **known})
    assert set(line) == {"pk", "sk", *rows.HEAD}
    assert (line["version"], line["title"], line["questions"]) == (3, QUIZ.title, 3)
    assert line["digest"] == digest(to_document(QUIZ))
    assert (line["name"], line["source_digest"], line["owner"]) == (None, None, "admin")
    with pytest.raises(KeyError):
        rows.list_entry(known)


def test_versions_and_sources() -> None:
    """Lie beside one another under the quiz."""
    version = rows.version_row("q-1", NOW, QUIZ, 2)
    assert (version["pk"], version["sk"], version["created_at"]) == ("q-1", "version#000002", NOW)
    assert "source_digest" not in version
    source = rows.source_row("q-1", 2, {"format": "yaml", "packed": "x"})
    assert source == {"pk": "q-1", "sk": "source#000002", "format": "yaml", "packed": "x"}


def test_keys_from_before_there_were_kinds() -> None:
    """Are those of choices, by the usual rules."""
    old = rows.stored_key("q1", {"correct": ["b"]})
    assert old == rows.stored_key("q1", {"correct": ["b"], "kind": "choice", "rules": {}})
    assert old.correct == ("b",)
