"""Answers with shares of the points, and titles from categories."""

from __future__ import annotations

import pytest

from quizkit.sdk.formats import moodle
from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.moodle import Answer


def answers(*shares: float) -> list[Answer]:
    """Answers a, b, … with these shares."""
    return [Answer(chr(ord("a") + n), share, "", (n + 1, 1)) for n, share in enumerate(shares)]


def right(*shares: float, single: bool) -> str:
    """The letters of the right ones."""
    found = moodle.choice(answers(*shares), single=single, notes=Notes(), mark=(1, 1))
    return "".join(each["text"] for each in found["options"] if isinstance(each, dict))


@pytest.mark.parametrize(
    ("shares", "letters"),
    [((0, 100, 0), "b"), ((50, 100), "b"), ((50, 90, 0), "b"), ((100, 100, 0), "ab"), ((0, 0), "")],
)
def test_where_one_may_be_chosen(shares: tuple[float, ...], letters: str) -> None:
    """The full answer is right; without one, the best."""
    assert right(*shares, single=True) == letters


@pytest.mark.parametrize(
    ("shares", "letters", "grading"),
    [
        ((50, 50, -100), "ab", None),
        ((50, 50, 0), "ab", "balanced"),
        ((33.33333, 33.33333, 33.33333), "abc", None),
        ((33.33333, 33.33333, 33.33333, -33.33333), "abc", "balanced"),
        ((100, 0, 0), "a", None),
    ],
)
def test_where_several_may_be(shares: tuple[float, ...], letters: str, grading: str | None) -> None:
    """All that give anything are right; how wrong ones count decides the grading."""
    found = moodle.choice(answers(*shares), single=False, notes=Notes(), mark=(1, 1))
    assert right(*shares, single=False) == letters
    assert found.get("grading") == grading


def test_numbers_and_spellings() -> None:
    """Several right numbers cannot be said; spellings can."""
    assert moodle.numbers(answers(100, 50)) == answers(100)[0]
    assert moodle.numbers(answers(100, 100)) is None
    assert moodle.numbers(answers(50)) is None
    spelled = [Answer(each, 100, "", (1, 1)) for each in ("a\\*b", "* c *", "x*y", "*")]
    found = moodle.accepted(spelled, Notes(), (1, 1))
    assert found == {"kind": "text", "accept": ["a*b", "c"]}


def test_what_is_shown_after_the_question() -> None:
    """General feedback comes before that to the right answer; others are told."""
    said = [Answer("a", 100, "right", (1, 1)), Answer("b", 0, "wrong", (2, 1))]
    notes = Notes()
    assert moodle.explained("general", said[:1], notes, (1, 1)) == "general"
    assert moodle.explained("", said, notes, (1, 1)) == "right"
    assert moodle.explained("", [], notes, (1, 1)) is None
    assert len(notes.warnings) == 1


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("$course$/top/Rivers", "Rivers"),
        ("Rivers", "Rivers"),
        ("a/b//c", "b/c"),
        ("//x", "/x"),
        ("$course$/top", None),
        ("$module$", None),
    ],
)
def test_titles(path: str, title: str | None) -> None:
    """The last part of a category's path."""
    found = moodle.title_of({path: (3, 1)}, Notes())
    assert found == (None if title is None else (title, (3, 1)))
