"""A commitment binds the whole key, hides it, and can be computed by anybody."""

from __future__ import annotations

from hashlib import sha256

from quizkit.core.commitment import commitment

KEY = [("q1", ("b",)), ("q2", ("a", "c"))]


def test_anybody_can_compute_it() -> None:
    """The text that is hashed is the one that the documentation gives."""
    text = 'pepper\n[["q1",["b"]],["q2",["a","c"]]]'
    assert commitment("pepper", KEY) == sha256(text.encode()).hexdigest()


def test_it_binds_every_part() -> None:
    """Another right option, question, order of questions or salt gives another digest."""
    others = [
        commitment("pepper", [("q1", ("c",)), KEY[1]]),
        commitment("pepper", KEY[:1]),
        commitment("pepper", KEY[::-1]),
        commitment("salt", KEY),
    ]
    assert len({commitment("pepper", KEY), *others}) == 5


def test_the_order_of_right_options_does_not_matter() -> None:
    """Options are a set; storage may hand them over in any order."""
    assert commitment("x", [("q2", ("c", "a"))]) == commitment("x", [("q2", ("a", "c"))])
