"""What is allowed in a quiz and mostly a mistake: said by `quiz validate`, never refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from quizkit.sdk.errors import Problem
from quizkit.sdk.formats.source import Mark, Path, problem_at
from quizkit.sdk.formats.writing import kind_of, options_of

#: A phone 360 points wide shows about 38 characters a line at the size of a button's label,
#: and two lines of it beside three other options; Kahoot's limit is the same.
PHONE_OPTION: Final = 75
#: With four options this comes about by chance once in 256 times.
SAME_PLACE: Final = 5

Locate = Callable[[Path], Mark]


def advice(document: Mapping[str, Any], locate: Locate) -> tuple[Problem, ...]:
    """Warnings about a valid document, in the order of the file."""
    questions = list(enumerate(document["questions"]))
    found = [
        *_twins(questions, locate),
        *_long(questions, locate),
        *_places(questions, locate),
        *_unseen(questions, locate),
    ]
    return tuple(sorted(found, key=lambda each: (each.line or 0, each.column or 0)))


def _twins(questions: list[tuple[int, Any]], locate: Locate) -> Iterable[Problem]:
    """Questions that were asked before."""
    first: dict[tuple[str, ...], int] = {}
    for index, question in questions:
        if kind_of(question) == "slide":
            continue
        # The same text above other options is another question, such as “Which one is right?”.
        asked = (_folded(question["text"]), *sorted(_folded(t) for t, _ in options_of(question)))
        twin = first.setdefault(asked, index)
        if twin != index:
            yield problem_at(
                locate(("questions", index, "text")), f"the same question as number {twin + 1}"
            )


def _long(questions: list[tuple[int, Any]], locate: Locate) -> Iterable[Problem]:
    """Options that a phone does not show whole."""
    for index, question in questions:
        for place, (text, _) in enumerate(options_of(question)):
            if len(text) > PHONE_OPTION:
                yield problem_at(
                    locate(("questions", index, "options", place)),
                    f"this option has {len(text)} characters; a phone shows {PHONE_OPTION}",
                )


def _places(questions: list[tuple[int, Any]], locate: Locate) -> Iterable[Problem]:
    """Right options at the same place time after time."""
    run, last = 0, -1
    for index, question in questions:
        options = options_of(question)
        if kind_of(question) != "choice":
            continue
        place = next((n for n, (_, right) in enumerate(options) if right), -1)
        run = run + 1 if place == last else 1
        last = place
        if run == SAME_PLACE:
            letter = chr(ord("a") + place)
            yield problem_at(
                locate(("questions", index, "options")),
                f"option {letter!r} is right for the {SAME_PLACE}th time running",
            )


def _unseen(questions: list[tuple[int, Any]], locate: Locate) -> Iterable[Problem]:
    """Media that some cannot see, and that nothing describes."""
    for index, question in questions:
        if question.get("media") and not question.get("alt"):
            place = locate(("questions", index, "media"))
            yield problem_at(place, "the media has no 'alt': a text for those who cannot see it")


def _folded(text: object) -> str:
    return " ".join(unicodedata.normalize("NFKC", str(text)).casefold().split())
