"""The kinds of questions: what is right, what is stored, what is sent.

    choice, boolean   one option               poll    one option, none of them right
    multiple          several options          slide   nothing to answer
    order             all options, in order
    number            a number, by distance    text    a text, by accepted spellings

An answer and a key are stored as tuples of strings, whatever the kind: ids of options, a
number in its shortest form, or texts. `wire_answer` and `wire_key` give what clients see of
them, `stored_form` goes the other way. Numbers are read as they are written and compared as
fractions, so no rounding of binary floats decides who is right.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, TypeAlias

KINDS: Final = ("choice", "multiple", "boolean", "text", "number", "order", "poll", "slide")
#: Kinds in which options are chosen, so that it can be counted how often each was.
CHOSEN: Final = frozenset({"choice", "multiple", "boolean", "poll"})
#: Kinds in which exactly one option is chosen.
SINGLE: Final = frozenset({"choice", "boolean", "poll"})
#: Kinds that give no points, and neither make nor break a streak.
UNSCORED: Final = frozenset({"poll", "slide"})

GRADING: Final = ("all", "balanced")
FOLDS: Final = ("case", "loose")
#: Whole numbers beyond this are not the same to every reader of JSON.
MAX_NUMBER: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Rules:
    """How an answer is held against the key; numbers are texts, see `number_text`.

    Attributes:
        grading: of `multiple` and `order`; `all` or nothing, or `balanced`.
        penalty: points that a wrong answer takes.
        tolerance: of `number`: how far off is right.
        nearest: of `number`: there is a part of the points for being near.
        range: of `number`: the lowest and the highest that can be meant; with `nearest`
            there are no points as far off as the one is from the other.
        fold: of `text`: `case`, or `loose`, where accents do not count either.
    """

    grading: str = "all"
    penalty: int = 0
    tolerance: str = "0"
    nearest: bool = False
    range: tuple[str, str] | None = None
    fold: str = "case"


DEFAULT_RULES: Final = Rules()


def rules_to_row(rules: Rules) -> dict[str, Any]:
    """The rules that are not the usual ones, as storage takes them."""
    usual = asdict(DEFAULT_RULES)
    found = {name: value for name, value in asdict(rules).items() if value != usual[name]}
    return found | ({"range": list(rules.range)} if rules.range else {})


def rules_from_row(row: Mapping[str, Any] | None) -> Rules:
    """The rules in what is stored; the usual ones where that is nothing."""
    values = {name: row[name] for name in Rules.__dataclass_fields__ if name in row} if row else {}
    bounds = values.get("range")
    return Rules(**values | ({"range": (bounds[0], bounds[1])} if bounds else {}))


def rules_view(rules: Rules) -> dict[str, Any]:
    """All rules with numbers as numbers, as results show them."""
    bounds = rules.range
    return {
        "grading": rules.grading,
        "penalty": rules.penalty,
        "tolerance": number_of(rules.tolerance),
        "nearest": rules.nearest,
        "range": None if bounds is None else [number_of(each) for each in bounds],
        "fold": rules.fold,
    }


# --- numbers and texts ---------------------------------------------------------------


def is_number(value: object) -> bool:
    """Whether a JSON value is a number that every reader of JSON understands alike."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= MAX_NUMBER  # so not infinite, and not NaN, which is less than nothing


def number_text(value: int | float) -> str:
    """A number as it is stored: the same text for the same number, `5` also for 5.0."""
    return str(int(value)) if value == int(value) else repr(value)


def number_of(text: str) -> int | float:
    """The number in a stored text, as JSON shows it."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def folded(text: str, fold: str = "case") -> str:
    """A typed text as it is compared: case, width and runs of blanks do not count."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if fold == "loose":
        parts = unicodedata.normalize("NFKD", plain)
        plain = "".join(char for char in parts if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFKC", plain).split())


@lru_cache(maxsize=256)
def _accepted(correct: tuple[str, ...], fold: str) -> frozenset[str]:
    return frozenset(folded(spelling, fold) for spelling in correct)


# --- right and wrong -----------------------------------------------------------------


def credit(kind: str, correct: tuple[str, ...], rules: Rules, answer: tuple[str, ...]) -> Fraction:
    """The part of the points that an answer earns, from 0 to 1.

    Args:
        correct, answer: as they are stored.
    """
    if kind in UNSCORED:
        return Fraction(0)
    if kind == "text":
        return Fraction(folded(answer[0], rules.fold) in _accepted(correct, rules.fold))
    if kind == "number":
        return _nearness(correct[0], rules, answer[0])
    if kind == "order":
        if rules.grading == "all":
            return Fraction(answer == correct)
        places = sum(given == right for given, right in zip(answer, correct, strict=False))
        return Fraction(places, len(correct))
    chosen, right = set(answer), set(correct)
    if rules.grading == "all" or kind != "multiple":
        return Fraction(chosen == right)
    return Fraction(max(0, len(chosen & right) - len(chosen - right)), len(right))


def _nearness(correct: str, rules: Rules, answer: str) -> Fraction:
    distance = abs(Fraction(answer) - Fraction(correct))
    if distance <= Fraction(rules.tolerance):
        return Fraction(1)
    if not rules.nearest or rules.range is None:
        return Fraction(0)
    low, high = rules.range
    return max(Fraction(0), 1 - distance / (Fraction(high) - Fraction(low)))


# --- what clients see ----------------------------------------------------------------

#: Ids of options, a number or a text; None where there is no answer.
WireAnswer: TypeAlias = list[str] | int | float | str | None


def wire_answer(kind: str, answer: tuple[str, ...] | None) -> WireAnswer:
    """A stored answer as clients see it: ids, a number, a text; None where there is none."""
    if answer is None:
        return None
    if kind == "number":
        return number_of(answer[0])
    return answer[0] if kind == "text" else list(answer)


def wire_key(kind: str, correct: tuple[str, ...]) -> list[str] | int | float:
    """A stored key as clients see it: ids (in order), a number, accepted spellings, or []."""
    return number_of(correct[0]) if kind == "number" else list(correct)


def stored_form(wire: object) -> tuple[str, ...]:
    """What is stored of an answer or a key that was valid when clients saw it."""
    if isinstance(wire, str):
        return (wire,)
    if isinstance(wire, int | float):
        return (number_text(wire),)
    return tuple(wire) if isinstance(wire, list | tuple) else ()


def is_repeat(wire: object, stored: tuple[str, ...]) -> bool:
    """Whether a message gives a stored answer again, where the kind is no longer known.

    Ids in another order are the same answer, unless they may have been an order: those of
    several options from the first on.
    """
    if isinstance(wire, str):
        return (wire.strip(),) == stored
    if is_number(wire):
        return stored_form(wire) == stored
    if not isinstance(wire, list):
        return False
    given = tuple(map(str, wire))
    ordered = stored == tuple(map(chr, range(ord("a"), ord("a") + len(stored))))
    return given == stored or (not ordered and tuple(sorted(given)) == stored)


def shuffled(ids: Iterable[str], seed: str, question_id: str) -> list[str]:
    """Ids in the order that a seed gives them for this question; anybody can compute it.

    That of the hexadecimal SHA-256 of seed, question and id, with a line feed between.
    """
    return sorted(
        ids, key=lambda each: sha256(f"{seed}\n{question_id}\n{each}".encode()).hexdigest()
    )
