"""quizkit.core.kinds: what is right, what is stored, what is sent, for every kind."""

from __future__ import annotations

import math
from fractions import Fraction
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizkit.core.kinds import (
    MAX_NUMBER,
    Rules,
    credit,
    folded,
    is_number,
    is_repeat,
    number_of,
    number_text,
    rules_from_row,
    rules_to_row,
    rules_view,
    shuffled,
    stored_form,
    wire_answer,
    wire_key,
)

BALANCED = Rules(grading="balanced")
NEAREST = Rules(nearest=True, range=("1800", "1900"), tolerance="2")


@pytest.mark.parametrize(
    ("kind", "correct", "rules", "answer", "expected"),
    [
        ("choice", ("b",), Rules(), ("b",), 1),
        ("choice", ("b",), Rules(), ("a",), 0),
        ("choice", ("a", "c"), Rules(), ("c", "a"), 1),  # a row from before there were kinds
        ("boolean", ("a",), Rules(), ("a",), 1),
        ("boolean", ("a",), Rules(), ("b",), 0),
        ("multiple", ("a", "c"), Rules(), ("a", "c"), 1),
        ("multiple", ("a", "c"), Rules(), ("a",), 0),
        ("multiple", ("a", "c"), Rules(), ("a", "b", "c"), 0),
        ("multiple", ("a", "c"), BALANCED, ("a", "c"), 1),
        ("multiple", ("a", "c"), BALANCED, ("a",), Fraction(1, 2)),
        ("multiple", ("a", "c"), BALANCED, ("a", "b", "c"), Fraction(1, 2)),
        ("multiple", ("a", "c"), BALANCED, ("a", "b"), 0),
        ("multiple", ("a", "c"), BALANCED, ("b", "d"), 0),
        ("multiple", ("a", "b", "c"), BALANCED, ("a", "b", "d"), Fraction(1, 3)),
        ("order", ("c", "a", "b"), Rules(), ("c", "a", "b"), 1),
        ("order", ("c", "a", "b"), Rules(), ("c", "b", "a"), 0),
        ("order", ("c", "a", "b"), BALANCED, ("c", "b", "a"), Fraction(1, 3)),
        ("order", ("c", "a", "b"), BALANCED, ("a", "b", "c"), 0),
        ("text", ("Zürich",), Rules(), ("  züRICH ",), 1),
        ("text", ("Zürich",), Rules(), ("Zurich",), 0),
        ("text", ("Zürich",), Rules(fold="loose"), ("zurich",), 1),
        ("text", ("New York", "NYC"), Rules(), ("new \u3000 york",), 1),
        ("text", ("New York", "NYC"), Rules(), ("nyc",), 1),
        ("text", ("New York", "NYC"), Rules(), ("newyork",), 0),
        ("text", ("Straße",), Rules(), ("STRASSE",), 1),
        ("text", ("yes.",), Rules(fold="loose"), ("yes",), 0),  # punctuation counts
        ("number", ("1822",), Rules(), ("1822",), 1),
        ("number", ("1822",), Rules(), ("1823",), 0),
        ("number", ("1822",), Rules(tolerance="5"), ("1827",), 1),
        ("number", ("1822",), Rules(tolerance="5"), ("1816.999",), 0),
        ("number", ("0.3",), Rules(tolerance="0.1"), ("0.2",), 1),  # not in binary floats
        ("number", ("1822",), NEAREST, ("1824",), 1),
        ("number", ("1822",), NEAREST, ("1832",), Fraction(9, 10)),
        ("number", ("1822",), NEAREST, ("1797",), Fraction(3, 4)),
        ("number", ("1822",), NEAREST, ("1922",), 0),
        ("number", ("1822",), NEAREST, ("-5000",), 0),
        ("poll", (), Rules(penalty=9), ("a",), 0),
        ("slide", (), Rules(), (), 0),
    ],
)
def test_credit_by_hand(
    kind: str, correct: tuple[str, ...], rules: Rules, answer: tuple[str, ...], expected: Fraction
) -> None:
    """The part of the points for answers of every kind, as worked out on paper."""
    assert credit(kind, correct, rules, answer) == expected


def test_nearest_without_a_range_is_the_tolerance_alone() -> None:
    """No document gives that; a stored row that does must not stop a fold."""
    assert credit("number", ("5",), Rules(nearest=True), ("6",)) == 0


@given(st.integers(-MAX_NUMBER, MAX_NUMBER) | st.floats(-1e15, 1e15))
def test_a_number_is_the_same_after_storage(value: float) -> None:
    """And equal numbers have one text, so that a repeat is known as one."""
    assert number_of(number_text(value)) == value
    assert number_text(number_of(number_text(value))) == number_text(value)
    assert Fraction(number_text(value)) == Fraction(repr(value))


def test_equal_numbers_have_one_text() -> None:
    """Whatever form they had on the wire."""
    assert {number_text(value) for value in (5, 5.0, 50e-1)} == {"5"}
    assert {number_text(value) for value in (0, 0.0, -0.0)} == {"0"}
    assert number_text(0.1) == "0.1"


@pytest.mark.parametrize(
    "value", [True, None, "5", [5], math.nan, math.inf, -math.inf, MAX_NUMBER + 1, 1e300]
)
def test_what_is_no_number(value: object) -> None:
    """Only numbers that every reader of JSON reads alike are."""
    assert not is_number(value)


def test_folding_is_done_once() -> None:
    """Folding what is folded changes nothing, also where case folding undoes a composition."""
    for text in ("ǰ", "İstanbul", "ﬁn", "Ａ  B\tC", "e\u0301"):
        for fold in ("case", "loose"):
            assert folded(folded(text, fold), fold) == folded(text, fold)
    assert folded("e\u0301") == "é"
    assert folded("Ａ  B\tC") == "a b c"
    assert folded("Ångström", "loose") == "angstrom"


@pytest.mark.parametrize(
    ("kind", "stored", "wire"),
    [
        ("choice", ("b",), ["b"]),
        ("boolean", ("a",), ["a"]),
        ("multiple", ("a", "c"), ["a", "c"]),
        ("poll", ("c",), ["c"]),
        ("order", ("c", "a", "b"), ["c", "a", "b"]),
        ("number", ("1822",), 1822),
        ("number", ("2.5",), 2.5),
        ("text", ("1822",), "1822"),
    ],
)
def test_answers_on_the_wire(kind: str, stored: tuple[str, ...], wire: object) -> None:
    """Lists for options, numbers for numbers, text for text; and back."""
    assert wire_answer(kind, stored) == wire
    assert type(wire_answer(kind, stored)) is type(wire)
    assert stored_form(wire) == stored
    assert is_repeat(wire, stored)
    assert wire_answer(kind, None) is None


def test_keys_on_the_wire() -> None:
    """Ids, the number, all spellings, or nothing."""
    assert wire_key("choice", ("b",)) == ["b"]
    assert wire_key("number", ("1822",)) == 1822
    assert wire_key("text", ("Bern", "Berne")) == ["Bern", "Berne"]
    assert wire_key("poll", ()) == []
    assert stored_form(["Bern", "Berne"]) == ("Bern", "Berne")
    assert stored_form(None) == ()


@pytest.mark.parametrize(
    ("wire", "stored", "same"),
    [
        (["c", "a"], ("a", "c"), True),
        (["a", "b"], ("a", "c"), False),
        (["b", "a", "c"], ("a", "b", "c"), False),  # may have been an order
        (["a", "b", "c"], ("a", "b", "c"), True),
        (["a", "b", "c"], ("c", "a", "b"), False),
        (5.0, ("5",), True),
        (5, ("5.5",), False),
        (True, ("1",), False),
        (" Bern ", ("Bern",), True),
        ("bern", ("Bern",), False),
        (None, ("a",), False),
        ({}, (), False),
    ],
)
def test_repeats_of_an_answer(wire: object, stored: tuple[str, ...], same: bool) -> None:
    """Known without the kind, and never taken for one where it may be another answer."""
    assert is_repeat(wire, stored) is same


@pytest.mark.parametrize(
    "rules", [Rules(), BALANCED, NEAREST, Rules(penalty=7, fold="loose", range=("0.5", "1"))]
)
def test_rules_come_back_from_storage(rules: Rules) -> None:
    """Rows hold what is not usual; a row without any has the usual ones."""
    row = rules_to_row(rules)
    assert rules_from_row(row) == rules
    assert rules_from_row(None) == Rules() == rules_from_row({})
    assert (row == {}) is (rules == Rules())


def test_rules_as_results_show_them() -> None:
    """All of them, with numbers as numbers."""
    assert rules_view(NEAREST) == {
        "grading": "all",
        "penalty": 0,
        "tolerance": 2,
        "nearest": True,
        "range": [1800, 1900],
        "fold": "case",
    }
    assert rules_view(Rules())["range"] is None


def test_shuffling_can_be_computed_by_anybody() -> None:
    """Sorted by the digest that the documentation gives; each seed and question has its order."""
    ids = list("abcdefgh")
    by_hand = sorted(ids, key=lambda each: sha256(f"s\nq1\n{each}".encode()).hexdigest())
    assert shuffled(ids, "s", "q1") == by_hand
    assert sorted(by_hand) == ids
    assert len({tuple(shuffled(ids, seed, q)) for seed in "st" for q in ("q1", "q2")}) == 4
