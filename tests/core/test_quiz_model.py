"""quizkit.core.quiz_model: what follows from a question's fields."""

from __future__ import annotations

from quizkit.core.quiz_model import Option, Question, kind_of_options

MARKED = (Option("a", "x"), Option("b", "y", correct=True))


def test_kind_and_key_of_options() -> None:
    """Marks say both, unless the kind is given or the key is no mark."""
    question = Question("q1", "?", MARKED)
    assert (question.kind, question.correct) == ("choice", ("b",))
    both = (Option("a", "x", correct=True), MARKED[1])
    assert Question("q1", "?", both).kind == "multiple"
    assert Question("q1", "?", MARKED, form="multiple").kind == "multiple"
    assert Question("q1", "?", form="number", right=("5",)).correct == ("5",)
    assert [kind_of_options(right) for right in (0, 1, 2)] == ["multiple", "choice", "multiple"]


def test_options_in_their_right_order() -> None:
    """Only where they are is there something to disguise."""
    assert Question("q1", "?", MARKED, form="order", right=("a", "b")).is_in_order
    assert not Question("q1", "?", MARKED, form="order", right=("b", "a")).is_in_order
