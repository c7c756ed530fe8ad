"""quizkit.core.errors: codes, statuses, and how problems of a quiz read."""

from __future__ import annotations

import pytest

from quizkit.core.errors import STATUS, InvalidQuiz, Problem, QuizError, Rejected


@pytest.mark.parametrize("code", sorted(STATUS))
def test_every_code_has_a_status(code: str) -> None:
    """Each code is a refusal or a failure in HTTP's terms, and stays as it is spelt."""
    error = Rejected(code, "no")
    assert isinstance(error, QuizError)
    assert (error.code, error.message, str(error)) == (code, "no", "no")
    assert 400 <= error.status < 600
    assert code == code.lower()


def test_one_problem_is_the_message() -> None:
    """An invalid quiz says where its problem is."""
    error = InvalidQuiz((Problem(("questions", 2, "text"), "'text' is empty"),))
    assert (error.code, error.status) == ("invalid_quiz", 422)
    assert error.message == "questions.2.text: 'text' is empty"


def test_more_problems_are_counted() -> None:
    """The message shows the first problem and how many more there are; none is dropped."""
    problems = (Problem((), "one"), Problem(("title",), "two"), Problem((), "three"))
    error = InvalidQuiz(problems)
    assert error.message == "document: one (and 2 more)"
    assert error.problems == problems
