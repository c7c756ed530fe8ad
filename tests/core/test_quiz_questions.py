"""quizkit.core.quiz_questions: what each kind of question needs, and has no place for."""

from __future__ import annotations

import math
from typing import Any

import pytest

from quizkit.core.errors import InvalidQuiz
from quizkit.core.kinds import MAX_NUMBER, Rules
from quizkit.core.quiz import Option, Question, parse, to_document

TWO = ["x", "y"]
MARKED = ["x", {"text": "y", "correct": True}]


def quiz(**question: Any) -> dict[str, Any]:
    """A quiz of this one question."""
    return {"title": "T", "questions": [{"text": "Q?", **question}]}


def read(**question: Any) -> Question:
    """The question, as it is read, and as it is read from its own document."""
    found = parse(quiz(**question))
    assert parse(to_document(found)) == found
    return found.questions[0]


def problems(**question: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """What is wrong with the question: places in it, and messages."""
    with pytest.raises(InvalidQuiz) as caught:
        parse(quiz(**question))
    return [(each.path[2:], each.message) for each in caught.value.problems]


def test_what_options_say_needs_no_kind() -> None:
    """An explicit kind that says the same is the same question."""
    assert read(options=MARKED) == read(options=MARKED, kind="choice")
    assert read(options=TWO, correct=["a", "b"]) == read(
        options=TWO, correct=["a", "b"], kind="multiple"
    )
    assert [read(options=MARKED).kind, read(options=TWO, correct=TWO).kind] == [
        "choice",
        "multiple",
    ]
    assert "kind" not in to_document(parse(quiz(options=MARKED, kind="choice")))["questions"][0]


def test_several_may_be_chosen_where_one_is_right() -> None:
    """With the kind, or with grading by parts, which means nothing else."""
    for question in (
        read(options=MARKED, kind="multiple"),
        read(options=MARKED, grading="balanced"),
    ):
        assert (question.kind, question.correct) == ("multiple", ("b",))
    assert read(options=MARKED, grading="all").kind == "choice"
    assert read(options=TWO, correct=TWO, grading="balanced").rules == Rules(grading="balanced")


def test_boolean() -> None:
    """True or false, or two options of one's own."""
    true, false = read(kind="boolean", correct=True), read(kind="boolean", correct=False)
    assert [option.text for option in true.options] == ["True", "False"]
    assert (true.kind, true.correct, false.correct) == ("boolean", ("a",), ("b",))
    own = read(kind="boolean", options=["Ja", "Nein"], correct="Nein")
    assert own.options == (Option("a", "Ja"), Option("b", "Nein", True))
    assert read(kind="boolean", options=["True", "False"], correct="a") == true
    documents = [
        to_document(parse(quiz(kind="boolean", **how)))
        for how in ({"correct": False}, {"options": MARKED})
    ]
    assert [document["questions"][0].get("correct") for document in documents] == [False, None]


def test_text() -> None:
    """Spellings, as they are written; folding is for the comparison."""
    question = read(kind="text", accept=[" Zürich", 1822], fold="loose")
    assert question.right == ("Zürich", "1822")
    assert (question.kind, question.options, question.rules.fold) == ("text", (), "loose")
    assert read(kind="text", accept=["x"]).rules == Rules()


def test_number() -> None:
    """Numbers are kept as they are written, not as binary floats."""
    question = read(kind="number", correct=0.1, tolerance=0.2, penalty=5)
    assert (question.correct, question.rules) == (("0.1",), Rules(tolerance="0.2", penalty=5))
    question = read(kind="number", correct=1822.0, nearest=True, range=[1800, 1900.5])
    assert (question.correct, question.rules) == (
        ("1822",),
        Rules(nearest=True, range=("1800", "1900.5")),
    )
    assert read(kind="number", correct=5, nearest=False, range=[5, 9]).rules.range == ("5", "9")
    assert read(kind="number", correct=0, tolerance=None, nearest=None, range=None).correct == (
        "0",
    )


def test_order() -> None:
    """In the right order, or in another one with the right one beside it."""
    first = read(kind="order", options=["one", "two", "three"])
    assert (first.kind, first.correct, first.is_in_order) == ("order", ("a", "b", "c"), True)
    second = read(kind="order", options=["two", "three", "one"], correct=["c", "two", "b"])
    assert (second.correct, second.is_in_order) == (("c", "a", "b"), False)
    assert read(kind="order", options=TWO, correct=["a", "b"]) == read(kind="order", options=TWO)
    assert read(kind="order", options=TWO, grading="balanced").rules.grading == "balanced"


def test_poll_and_slide() -> None:
    """Nothing is right, and there are no points, whatever the file says of them."""
    poll = read(kind="poll", options=TWO, points="double")
    assert (poll.kind, poll.correct, poll.points, len(poll.options)) == ("poll", (), 0, 2)
    slide = read(kind="slide", media="x.png", alt="An x", time_limit=8)
    assert (slide.kind, slide.correct, slide.points, slide.options) == ("slide", (), 0, ())
    assert (slide.alt, slide.media, slide.time_limit) == ("An x", "x.png", 8)
    for found in (poll, slide):
        document = to_document(
            parse(quiz(kind=found.kind, **({"options": TWO} if found.options else {})))
        )
        assert "points" not in document["questions"][0]


@pytest.mark.parametrize(
    ("points", "expected"), [("normal", 1_000), ("double", 2_000), ("none", 0), (7, 7)]
)
def test_points_have_names(points: object, expected: int) -> None:
    """Words that other tools use."""
    assert read(options=MARKED, points=points).points == expected


@pytest.mark.parametrize(
    ("question", "place", "message"),
    [
        ({"kind": "riddle"}, ("kind",), "'kind' must be one of: choice, multiple"),
        ({"kind": ["poll"]}, ("kind",), "'kind' must be one of"),
        ({"kind": "choice", "options": TWO, "correct": TWO}, ("options",), "2 options are right"),
        ({"options": MARKED, "points": "triple"}, ("points",), "normal, double, none"),
        ({"options": MARKED, "penalty": -1}, ("penalty",), "whole number from 0"),
        ({"options": MARKED, "grading": "half"}, ("grading",), "one of: all, balanced"),
        (
            {"options": MARKED, "accept": ["x"]},
            ("accept",),
            "'accept' is for questions of the kind text",
        ),
        ({"kind": "choice", "options": MARKED, "grading": "all"}, ("grading",), "multiple, order"),
        ({"kind": "boolean"}, (), "'correct' must be true or false"),
        ({"kind": "boolean", "correct": "x"}, ("correct",), "must be true or false"),
        ({"kind": "boolean", "options": TWO}, ("options",), "of two options one is right"),
        (
            {"kind": "boolean", "options": [*MARKED, "z"]},
            ("options",),
            "of two options one is right",
        ),
        ({"kind": "text"}, (), "'accept' is missing"),
        ({"kind": "text", "accept": []}, ("accept",), "'accept' is missing"),
        ({"kind": "text", "accept": "x"}, ("accept",), "must be a list of texts"),
        ({"kind": "text", "accept": ["x"] * 51}, ("accept",), "51 texts; at most 50"),
        ({"kind": "text", "accept": ["x", ""]}, ("accept", 1), "text 2 of 'accept' is empty"),
        ({"kind": "text", "accept": ["x" * 201]}, ("accept", 0), "201 characters; at most 200"),
        ({"kind": "text", "accept": [True]}, ("accept", 0), "must be text"),
        ({"kind": "text", "accept": ["x"], "fold": "strict"}, ("fold",), "one of: case, loose"),
        ({"kind": "text", "accept": ["x"], "options": TWO}, ("options",), "'options' is for"),
        ({"kind": "number"}, (), "'correct' must be a number"),
        ({"kind": "number", "correct": "5"}, ("correct",), "must be a number"),
        ({"kind": "number", "correct": True}, ("correct",), "must be a number"),
        ({"kind": "number", "correct": math.nan}, ("correct",), "must be a number"),
        ({"kind": "number", "correct": MAX_NUMBER + 1}, ("correct",), "must be a number"),
        (
            {"kind": "number", "correct": 5, "tolerance": -1},
            ("tolerance",),
            "must be a number from 0 on",
        ),
        ({"kind": "number", "correct": 5, "nearest": "yes"}, ("nearest",), "true or false"),
        ({"kind": "number", "correct": 5, "nearest": True}, ("nearest",), "needs 'range"),
        ({"kind": "number", "correct": 5, "range": 5}, ("range",), "a list of two numbers"),
        ({"kind": "number", "correct": 5, "range": [5]}, ("range",), "a list of two numbers"),
        ({"kind": "number", "correct": 5, "range": ["0", 9]}, ("range", 0), "must be a number"),
        ({"kind": "number", "correct": 5, "range": [9, 0]}, ("range",), "the lower one"),
        ({"kind": "number", "correct": 5, "range": [5, 5]}, ("range",), "the lower one"),
        ({"kind": "number", "correct": 5, "range": [6, 9]}, ("range",), "is out of 'range'"),
        ({"kind": "order"}, (), "'options' is missing"),
        ({"kind": "order", "options": MARKED}, ("options",), "none of them marked"),
        ({"kind": "order", "options": TWO, "correct": ["a"]}, ("correct",), "every option once"),
        ({"kind": "order", "options": TWO, "correct": ["a", "a"]}, ("correct",), "every option"),
        ({"kind": "poll", "options": MARKED}, ("options",), "no option of a poll is right"),
        ({"kind": "poll", "options": TWO, "correct": "a"}, ("correct",), "'correct' is for"),
        ({"kind": "slide", "points": 5}, ("points",), "'points' is for"),
    ],
)
def test_problems_of_kinds(
    question: dict[str, Any], place: tuple[str | int, ...], message: str
) -> None:
    """One thing wrong is one problem, at its place, with words that help."""
    ((found, text),) = problems(**question)
    assert found == place
    assert message in text


def test_a_number_without_its_key_and_range_has_both_problems() -> None:
    """Nothing that depends on what is missing is said."""
    assert [place for place, _ in problems(kind="number", range=[0, 9])] == [()]
