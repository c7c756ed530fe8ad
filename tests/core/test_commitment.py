"""A commitment binds the whole key, hides it, and can be computed by anybody."""

from __future__ import annotations

from hashlib import sha256

from quizkit.core.commitment import Key, commitment
from quizkit.core.kinds import Rules

KEY = [Key("q1", ("b",)), Key("q2", ("a", "c"), "multiple")]


def test_anybody_can_compute_it() -> None:
    """The text that is hashed is the one that the documentation gives."""
    text = 'pepper\n[["q1",["b"]],["q2",["a","c"]]]'
    assert commitment("pepper", KEY) == sha256(text.encode()).hexdigest()


def test_it_binds_every_part() -> None:
    """Another right option, question, order of questions or salt gives another digest."""
    others = [
        commitment("pepper", [Key("q1", ("c",)), KEY[1]]),
        commitment("pepper", KEY[:1]),
        commitment("pepper", KEY[::-1]),
        commitment("salt", KEY),
    ]
    assert len({commitment("pepper", KEY), *others}) == 5


def test_the_order_of_right_options_does_not_matter() -> None:
    """Options are a set; storage may hand them over in any order."""
    assert commitment("x", [Key("q2", ("c", "a"))]) == commitment("x", [Key("q2", ("a", "c"))])


def test_every_kind_has_its_text() -> None:
    """Numbers as text, spellings and orders as they are, and rules that are not the usual ones."""
    keys = [
        Key("q1", ("1822",), "number", Rules(tolerance="2.5", nearest=True, range=("0", "9"))),
        Key("q2", ("Zürich", "Zurich"), "text", Rules(fold="loose", penalty=5)),
        Key("q3", ("c", "a", "b"), "order", Rules(grading="balanced")),
        Key("q4", (), "poll"),
    ]
    text = (
        'pepper\n[["q1",["1822"],{"nearest":true,"range":["0","9"],"tolerance":"2.5"}],'
        '["q2",["Zürich","Zurich"],{"fold":"loose","penalty":5}],'
        '["q3",["c","a","b"],{"grading":"balanced"}],["q4",[]]]'
    )
    assert commitment("pepper", keys) == sha256(text.encode()).hexdigest()


def test_it_binds_the_rules() -> None:
    """What makes an answer right beside the key cannot change either."""
    rules = [
        Rules(),
        Rules(grading="balanced"),
        Rules(penalty=1),
        Rules(tolerance="1"),
        Rules(nearest=True),
        Rules(range=("0", "1")),
        Rules(fold="loose"),
    ]
    digests = {commitment("pepper", [Key("q1", ("1",), "number", each)]) for each in rules}
    assert len(digests) == len(rules)
