"""What people call options, and what programs call them."""

from __future__ import annotations

from string import ascii_lowercase

from quizkit.cli.views.letters import ids_of, letters_of
from quizkit.sdk.live_events import Choice
from tests.cli.samples import question


def test_people_count_places() -> None:
    """The first option shown is a, whatever its id; without a question there is no letter."""
    asked = question(options=(Choice("c", "Perth"), Choice("a", "Sydney"), Choice("b", "Canberra")))
    assert letters_of(asked) == {"c": "a", "a": "b", "b": "c"}
    assert list(letters_of(asked)) == ["c", "a", "b"]
    assert letters_of(question()) == {"a": "a", "b": "b", "c": "c"}
    assert letters_of(None) == {}


def test_programs_keep_ids() -> None:
    """In the order shown."""
    asked = question(options=(Choice("b", "x"), Choice("a", "y")))
    assert list(ids_of(asked).items()) == [("b", "b"), ("a", "a")]


def test_every_option_has_a_letter() -> None:
    """As many as a question may have."""
    many = tuple(Choice(name, name) for name in reversed(ascii_lowercase))
    assert "".join(letters_of(question(options=many)).values()) == ascii_lowercase
