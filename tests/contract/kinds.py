"""One question of every kind, what is right about each, and the rules worked out once more.

Nothing of quizkit is imported: what an answer is worth follows here from the document and the
rules of docs/formats.md alone, in fractions.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Any, TypeAlias

Document: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = list[str] | int | float | str

HALF = Fraction(1, 2)
WORDS = {"normal": 1_000, "double": 2_000, "none": 0}
#: Ten steps, so that a shuffle that changes nothing does not happen.
STEPS = ["wake", "wash", "dress", "eat", "leave", "walk", "work", "return", "read", "sleep"]
BONUS = 10


def every_kind(**fields: Any) -> dict[str, Any]:
    """A quiz with every kind of question, every way of grading and every word for points."""
    questions: list[dict[str, Any]] = [
        {"kind": "slide", "text": "Welcome"},
        {"text": "One", "options": ["w", {"text": "x", "correct": True}, "y"], "points": 500},
        {
            "kind": "boolean",
            "text": "True or not",
            "correct": False,
            "points": "double",
            "penalty": 250,
        },
        {
            "kind": "multiple",
            "text": "All of them",
            "options": ["w", "x", "y", "z"],
            "correct": ["b", "d"],
            "points": "normal",
            "penalty": 100,
        },
        {
            "kind": "multiple",
            "text": "A part counts",
            "options": ["v", "w", "x", "y", "z"],
            "correct": ["a", "c", "e"],
            "grading": "balanced",
        },
        {
            "kind": "text",
            "text": "As it is spelt",
            "accept": ["Vault Word", "Second Vault"],
            "points": 300,
            "penalty": 50,
        },
        {
            "kind": "text",
            "text": "Accents do not count",
            "accept": ["Ångström Vault"],
            "fold": "loose",
            "points": 300,
        },
        {
            "kind": "number",
            "text": "About",
            "correct": 1822.5,
            "tolerance": 5.25,
            "points": 400,
            "penalty": 40,
        },
        {
            "kind": "number",
            "text": "The nearer the better",
            "correct": 8848.86,
            "tolerance": 1,
            "nearest": True,
            "range": [7000, 10000],
        },
        {"kind": "order", "text": "A day", "options": STEPS, "points": 600, "penalty": 60},
        {
            "kind": "order",
            "text": "Prefixes",
            "options": ["mega", "tera", "kilo", "giga"],
            "correct": ["tera", "giga", "mega", "kilo"],
            "grading": "balanced",
            "points": 1_001,
        },
        {"kind": "poll", "text": "Tea or coffee", "options": ["tea", "coffee"]},
        {
            "text": "For nothing",
            "options": [{"text": "x", "correct": True}, "y"],
            "points": "none",
        },
    ]
    limited = [
        {"time_limit": 20, "explanation": f"vault-explanation-{number}"} | question
        for number, question in enumerate(questions, start=1)
    ]
    return {
        "title": "Every kind",
        "streak_bonus": BONUS,
        "shuffle": True,
        "questions": limited,
    } | fields


def kind_of(question: Document) -> str:
    """The kind of a question of the document."""
    return str(question.get("kind", "choice"))


def ids_of(question: Document) -> frozenset[str]:
    """The ids of the right options, where options are chosen."""
    options = question.get("options", [])
    marked = {
        chr(ord("a") + place)
        for place, option in enumerate(options)
        if isinstance(option, Mapping) and option.get("correct")
    }
    if kind_of(question) == "boolean":
        marked = {"a" if question["correct"] else "b"}
    return frozenset(marked or question.get("correct", ()))


def in_order(question: Document) -> list[str]:
    """The texts of the options of an ordering, in the right order."""
    texts: list[str] = question.get("correct", question["options"])
    return texts


def points_of(question: Document) -> int:
    """The points that a question is worth at best."""
    points = question.get("points", 1_000)
    return WORDS[points] if isinstance(points, str) else int(points)


def folded(text: str, *, loose: bool) -> str:
    """A typed text as it is compared."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if loose:
        plain = "".join(
            char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char)
        )
    return " ".join(plain.split())


def credit(question: Document, answer: Answer, texts: Mapping[str, str]) -> Fraction:
    """The part of the points that an answer is worth.

    Args:
        texts: of the options by id, as the question was shown.
    """
    balanced = question.get("grading") == "balanced"
    match kind_of(question):
        case "poll" | "slide":
            return Fraction(0)
        case "text":
            loose = question.get("fold") == "loose"
            accepted = {folded(each, loose=loose) for each in question["accept"]}
            return Fraction(int(folded(str(answer), loose=loose) in accepted))
        case "number":
            return _nearness(question, answer)
        case "order":
            given = [texts[each] for each in list(_ids(answer))]
            hits = sum(one == two for one, two in zip(given, in_order(question), strict=True))
            return Fraction(hits, len(given)) if balanced else Fraction(int(hits == len(given)))
    chosen, right = set(_ids(answer)), ids_of(question)
    if not balanced:
        return Fraction(int(chosen == right))
    return max(Fraction(0), Fraction(len(chosen & right) - len(chosen - right), len(right)))


def _ids(answer: Answer) -> Sequence[str]:
    assert isinstance(answer, list), answer
    return answer


def _nearness(question: Document, answer: Answer) -> Fraction:
    off = abs(Fraction(str(answer)) - Fraction(str(question["correct"])))
    if off <= Fraction(str(question.get("tolerance", 0))):
        return Fraction(1)
    if not question.get("nearest"):
        return Fraction(0)
    low, high = (Fraction(str(end)) for end in question["range"])
    return max(Fraction(0), 1 - off / (high - low))


def worth(
    quiz: Document,
    given: Sequence[tuple[Answer, int] | None],
    shown: Sequence[Mapping[str, str]],
) -> list[tuple[int, bool]]:
    """Points, and whether it was right, of one player's answers to the questions in order.

    Args:
        given: each answer with the milliseconds that it took; None where there is none.
        shown: the options' texts by id, a question each.
    """
    found: list[tuple[int, bool]] = []
    streak = 0
    for question, answered, texts in zip(quiz["questions"], given, shown, strict=True):
        if kind_of(question) in ("poll", "slide"):
            found.append((0, False))
            continue
        part = Fraction(0) if answered is None else credit(question, answered[0], texts)
        streak = streak + 1 if part == 1 else 0
        if answered is None:
            found.append((0, False))
        elif part == 0:
            found.append((-question.get("penalty", 0), False))
        else:
            points = points_of(question) * part
            if quiz.get("scoring", "speed") == "speed" and answered[1] >= 500:
                points *= 1 - Fraction(answered[1], 1_000) / question["time_limit"] / 2
            bonus = quiz.get("streak_bonus", 0) * min(max(streak - 1, 0), 5)
            found.append((floor(points + HALF) + bonus, part == 1))
    return found
