"""quizkit.sdk.quiz_diff: what changed, question by question and as a diff."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.quiz import parse, to_document
from quizkit.sdk.quiz_diff import QuizDiff, quiz_diff


def quiz(*questions: str, **fields: Any) -> dict[str, Any]:
    """A quiz of questions given as text and right option, as in `Where? b`."""
    nodes = [
        {"text": text, "options": ["x", "y", "z"], "correct": right}
        for text, _, right in (each.rpartition(" ") for each in questions)
    ]
    return to_document(parse({"title": "T", "questions": nodes, **fields}))


def compare(before: dict[str, Any], after: dict[str, Any]) -> QuizDiff:
    """Their differences, named old and new."""
    return quiz_diff(before, after, ("old", "new"))


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What happened to which question."""
    return [
        (each["change"], each["number_before"], each["number_after"])
        for each in compare(before, after).questions
    ]


def test_the_same_quiz() -> None:
    """Nothing to tell."""
    found = compare(quiz("A? a", "B? b"), quiz("A? a", "B? b"))
    assert found.same
    assert (found.fields, found.questions, found.text) == ((), (), "")


def test_a_question_that_changed() -> None:
    """Found by its text, or by its place where that changed too; others are not named."""
    before = quiz("A? a", "B? b", "C? c")
    assert changes(before, quiz("A? a", "B? c", "C? c")) == [("changed", 2, 2)]
    assert changes(before, quiz("A? a", "Bee? b", "C? c")) == [("changed", 2, 2)]
    [change] = compare(before, quiz("A? a", "B? c", "C? c")).questions
    assert change["before"] == before["questions"][1]
    assert change["after"] == quiz("B? c")["questions"][0]


def test_questions_that_came_and_went() -> None:
    """Their neighbours are the same, though they have other numbers."""
    before, after = quiz("A? a", "B? b", "C? c"), quiz("C? c", "D? a", "A? a", "B? b")
    assert changes(quiz("A? a", "C? c"), quiz("A? a", "B? b", "C? c")) == [("added", None, 2)]
    assert changes(quiz("A? a", "B? b"), quiz("B? b")) == [("removed", 1, None)]
    assert changes(before, quiz("A? b", "C? c")) == [("changed", 1, 1), ("removed", 2, None)]
    assert ("removed", 3, None) in changes(before, after)
    [change] = compare(quiz("A? a"), quiz("A? a", "B? b")).questions
    assert change["before"] is None


def test_the_quiz_itself() -> None:
    """Its own fields are named."""
    found = compare(quiz("A? a"), quiz("A? a", title="U", scoring="flat", description="d"))
    assert found.fields == ("description", "scoring", "title")
    assert found.questions == ()
    assert not found.same


def test_the_diff_is_of_native_yaml() -> None:
    """As people read diffs, with the names of both."""
    text = compare(quiz("A? a", "B? b"), quiz("A? a", "B? c")).text
    lines = text.splitlines()
    assert lines[:2] == ["--- old", "+++ new"]
    changed = [line for line in lines[2:] if line[0] in "+-"]
    assert {line[0] for line in changed} == {"+", "-"}
    assert all("y" in line or "z" in line or "correct" in line for line in changed)


QUIZZES = st.lists(st.sampled_from(["A? a", "A? b", "B? a", "C? c"]), min_size=1, max_size=6)


@given(QUIZZES, QUIZZES)
def test_every_question_is_accounted_for(one: list[str], two: list[str]) -> None:
    """What is added and changed is all of the one that is not in the other, and back again."""
    before, after = quiz(*one), quiz(*two)
    found = compare(before, after)
    gone = [each["number_before"] for each in found.questions if each["number_before"]]
    come = [each["number_after"] for each in found.questions if each["number_after"]]
    kept = [node for n, node in enumerate(before["questions"], 1) if n not in gone]
    assert kept == [node for n, node in enumerate(after["questions"], 1) if n not in come]
    assert found.same is (one == two)
    assert bool(found.text) is not found.same
