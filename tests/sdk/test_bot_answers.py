"""What bots answer, by kind of question."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.quiz import parse
from quizkit.sdk.bot_answers import Right, another, guess, key_of, settled
from quizkit.sdk.live_events import Answer, Choice, Question


def question(kind: str = "choice", options: str = "abc") -> Question:
    """A question with these option ids."""
    choices = tuple(Choice(option, option.upper()) for option in options)
    return Question("q1", 0, 1, kind, "?", choices, 20)


def test_key_of_a_quiz() -> None:
    """The key names the right options by question id."""
    question = {"text": "?", "options": ["x", {"text": "y", "correct": True}]}
    assert key_of(parse({"title": "T", "questions": [question]})) == {"q1": ["b"]}


def test_key_of_every_kind() -> None:
    """Right options by id; an order by texts, since the platform gives it other ids."""
    questions = [
        {"text": "?", "options": ["x", {"text": "y", "correct": True}]},
        {"text": "?", "kind": "boolean", "correct": False},
        {"text": "?", "kind": "text", "accept": ["Canberra", "ACT"]},
        {"text": "?", "kind": "number", "correct": 7.5, "tolerance": 1},
        {"text": "?", "kind": "order", "options": ["first", "second", "third"]},
        {"text": "?", "kind": "order", "options": ["2", "1"], "correct": ["b", "a"]},
        {"text": "?", "kind": "poll", "options": ["x", "y"]},
        {"text": "?", "kind": "slide"},
    ]
    key = key_of(parse({"title": "T", "questions": questions}))
    assert list(key.values()) == [
        ["b"], ["b"], ["Canberra", "ACT"], 7.5, ["first", "second", "third"], ["1", "2"], [], [],
    ]  # fmt: skip


KINDS = ("choice", "multiple", "boolean", "text", "number", "order", "poll")


def is_answer(asked: Question, answer: object) -> bool:
    """Whether an answer has the form that the platform takes for this question."""
    ids = [option.id for option in asked.options]
    match asked.kind:
        case "text":
            return isinstance(answer, str) and 0 < len(answer.strip()) <= 200
        case "number":
            return isinstance(answer, int | float) and abs(answer) < 2**53
    if not isinstance(answer, list) or not set(answer) <= set(ids):
        return False
    match asked.kind:
        case "order":
            return sorted(answer) == ids
        case "multiple":
            return len(answer) > 0 and answer == sorted(set(answer))
    return len(answer) == 1


def test_skill_is_how_often_the_answer_is_right() -> None:
    """Never, always, and about half of the time; without a key it is chance."""
    rng = Random(1)
    asked = question("multiple")
    assert all(guess(asked, ["c", "a"], 1.0, rng) == ["a", "c"] for _ in range(50))
    right = sum(guess(asked, ["a", "b", "c"], 0.5, rng) == ["a", "b", "c"] for _ in range(1_000))
    assert 400 < right < 750
    answers = [guess(question(), None, 1.0, rng) for _ in range(100)]
    assert all(answer in (["a"], ["b"], ["c"]) for answer in answers)
    assert all([letter] in answers for letter in "abc")


@pytest.mark.parametrize(
    ("kind", "right", "answers"),
    [
        ("text", ["Canberra", "canberra act"], ["Canberra", "canberra act"]),
        ("number", 0, [0]),
        ("number", -2.5, [-2.5]),
        # However the file has them, options to be ordered are known by their texts.
        ("order", ["C", "A", "B"], [["c", "a", "b"]]),
        ("order", ["c", "a", "b"], [["c", "a", "b"]]),
        ("boolean", ["b"], [["b"]]),
    ],
)
def test_what_is_right_by_kind(kind: str, right: Right, answers: list[Answer]) -> None:
    """Who knows types an accepted spelling, gives the number, puts options in their order."""
    rng = Random(2)
    given = [guess(question(kind), right, 1.0, rng) for _ in range(30)]
    assert all(answer in answers for answer in given)
    assert all(answer in given for answer in answers)


@pytest.mark.parametrize(
    ("kind", "right"),
    [("text", ["Canberra"]), ("number", 1_822), ("order", ["C", "A", "B"]), ("multiple", ["b"])],
)
def test_without_skill_most_answers_are_wrong(kind: str, right: Right) -> None:
    """Who does not know is right by chance at best."""
    rng = Random(3)
    knows = guess(question(kind), right, 1.0, rng)
    lucky = sum(guess(question(kind), right, 0.0, rng) == knows for _ in range(200))
    assert lucky < 70


def test_numbers_are_plausible() -> None:
    """They lie in the range, or about the right one; whole where the question is about such."""
    rng = Random(4)
    ranged = replace(question("number"), range=(10, 20))
    assert {guess(ranged, None, 0, rng) for _ in range(300)} == set(range(10, 21))
    fine = replace(question("number"), range=(0.5, 1.5))
    assert {type(guess(fine, None, 0, rng)) for _ in range(20)} == {float}
    near = [guess(question("number"), 1_000, 0, rng) for _ in range(50)]
    assert all(isinstance(number, int) and 500 <= number <= 1_500 for number in near)
    assert len({guess(question("number"), 0, 0, rng) for _ in range(50)}) > 5


def test_slides_are_not_answered() -> None:
    """There is nothing to answer, whatever somebody knows."""
    slide = question("slide", options="")
    assert guess(slide, (), 1.0, Random(1)) is None
    assert guess(slide, None, 0.0, Random(1)) is None


@given(kind=st.sampled_from(KINDS), seed=st.integers(), skill=st.floats(0, 1))
def test_guesses_are_answers(kind: str, seed: int, skill: float) -> None:
    """Whatever is guessed is what the platform takes for the kind of question."""
    right: dict[str, Right] = {"number": 7.25, "order": ["B", "A", "C"], "poll": ()}
    answer = guess(question(kind), right.get(kind, ["b"]), skill, Random(seed))
    assert is_answer(question(kind), answer)


@given(kind=st.sampled_from(KINDS), seed=st.integers())
def test_a_contradiction_differs(kind: str, seed: int) -> None:
    """The other answer is one, and is not the first."""
    rng = Random(seed)
    asked = question(kind)
    answer = guess(asked, None, 0, rng)
    assert answer is not None
    other = another(asked, answer, rng)
    assert other != answer
    assert is_answer(asked, other)


def test_where_there_is_no_other_answer() -> None:
    """A choice of one option cannot be contradicted, and one option has one order."""
    assert another(question(options="a"), ["a"], Random(1)) is None
    assert another(question("order", options="a"), ["a"], Random(1)) is None
    assert another(question("number"), 2**52, Random(1)) == 0


def test_answers_as_they_are_sent() -> None:
    """Options are sorted, unless their order is the answer; a text is not a list of letters."""
    assert settled(question("multiple"), ("c", "a")) == ["a", "c"]
    assert settled(question("order"), ("c", "a", "b")) == ["c", "a", "b"]
    assert settled(question("text"), "ba") == "ba"
    assert settled(question("number"), 0) == 0
