"""The SDK's errors: codes, hints, and what the platform's refusals become."""

from __future__ import annotations

import pytest

from quizkit.core.errors import STATUS
from quizkit.sdk import errors


def subclasses(of: type[errors.QuizkitError]) -> set[type[errors.QuizkitError]]:
    """All classes below one, at any depth."""
    return {of}.union(*(subclasses(below) for below in of.__subclasses__()))


def test_every_error_stands_in_the_tree() -> None:
    """The module's docstring names every error that there is."""
    documented = errors.__doc__ or ""
    own = {e for e in subclasses(errors.QuizkitError) if e.__module__ == errors.__name__}
    assert all(error.__name__ in documented for error in own)


def test_each_class_has_a_code_of_its_own() -> None:
    """No two classes of the tree share a default code."""
    own = [e for e in subclasses(errors.QuizkitError) if e.__module__ == errors.__name__]
    assert len({error.default_code for error in own}) == len(own)


@pytest.mark.parametrize("code", sorted(STATUS))
def test_every_code_of_the_platform_becomes_an_error(code: str) -> None:
    """Whatever the wire protocol can say keeps its code and message on the way to the caller."""
    error = errors.refusal({"code": code, "message": "because"})
    assert (error.code, error.message, str(error)) == (code, "because", "because")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("quiz_not_found", errors.NotFound),
        ("pin_not_found", errors.NotFound),
        ("unauthorized", errors.CredentialsError),
        ("quiz_in_use", errors.Conflict),
        ("unavailable", errors.Unreachable),
        ("too_many_requests", errors.Refused),
        ("invalid_nickname", errors.Refused),
        ("of_the_future", errors.Refused),
    ],
)
def test_codes_have_their_classes(code: str, kind: type[errors.QuizkitError]) -> None:
    """The class, which decides the exit code, follows from the platform's code."""
    assert type(errors.refusal({"code": code, "message": "m"}, hint="h")) is kind


def test_an_invalid_quiz_keeps_its_problems() -> None:
    """Problems arrive with their places, whether given by path, by line or as plain text."""
    error = errors.refusal(
        {
            "code": "invalid_quiz",
            "message": "2 problems",
            "problems": [
                {"path": ["questions", 0], "message": "no text"},
                {"line": 3, "column": 5, "message": "no options"},
                "odd",
            ],
        }
    )
    assert isinstance(error, errors.InvalidInput)
    assert [str(problem) for problem in error.problems] == [
        "questions.0: no text",
        "3:5: no options",
        "odd",
    ]


def test_a_refusal_without_words_is_still_one() -> None:
    """An answer that names no code and no message does not break the caller."""
    error = errors.refusal({})
    assert isinstance(error, errors.Refused)
    assert error.message == error.code == "refused"


def test_a_missing_extra_says_how_to_get_it() -> None:
    """The hint is the very command to run."""
    error = errors.MissingExtra("deploy", "Deploying")
    assert error.hint == 'run: pip install "quizkit[deploy]"'
    assert isinstance(error, errors.Unreachable)


def test_a_problem_says_as_much_of_its_place_as_is_known() -> None:
    """Line and column stand before the message where they are known."""
    assert str(errors.Problem("m", 2)) == "2: m"
    assert str(errors.Problem("m", 2, 7)) == "2:7: m"
