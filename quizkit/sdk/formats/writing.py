"""What all writers need: the parts of a native question, and saying what is lost.

Writers take a native document as the platform gives it. A format that has no place for
something says so once, with the questions that lose it, and the file is written without it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from quizkit.core.kinds import FOLDS, GRADING
from quizkit.core.quiz import DEFAULT_POINTS, DEFAULT_TIME_LIMIT, FEEDBACK, SCORING
from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.encoding import CONTROLS

#: What a field that is not written would be read as; nothing is lost with it.
QUIZ_DEFAULTS: Final[Mapping[str, Any]] = {
    "scoring": SCORING[0],
    "feedback": FEEDBACK[0],
    "streak_bonus": 0,
    "shuffle": False,
    "tags": [],
}
QUESTION_DEFAULTS: Final[Mapping[str, Any]] = {
    "points": DEFAULT_POINTS,
    "time_limit": DEFAULT_TIME_LIMIT,
    "grading": GRADING[0],
    "penalty": 0,
    "fold": FOLDS[0],
    "tolerance": 0,
    "nearest": False,
}
#: What a question of each kind is made of, besides its text and what all kinds share.
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "choice": ("options",),
    "multiple": ("options", "grading"),
    "boolean": ("correct",),
    "text": ("accept", "fold"),
    "number": ("correct", "tolerance", "nearest", "range"),
    "order": ("options", "grading"),
    "poll": ("options",),
    "slide": (),
}
_POINTS: Final = {"normal": 1_000, "double": 2_000, "none": 0}


def options_of(question: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """The options of a question as texts, each with whether it is right."""
    if question.get("kind") == "boolean" and not question.get("options"):
        right = question.get("correct") is True
        return [("True", right), ("False", not right)]
    # The `correct` of an order says where options belong, not which are right.
    marks = [] if question.get("kind") == "order" else question.get("correct", [])
    named = {str(mark) for mark in (marks if isinstance(marks, list) else [marks])}
    found = []
    for index, each in enumerate(question.get("options", ())):
        node = each if isinstance(each, Mapping) else {"text": each}
        text = str(node["text"])
        right = node.get("correct") is True or bool({text, chr(ord("a") + index)} & named)
        found.append((text, right))
    return found


def in_order(question: Mapping[str, Any]) -> list[str]:
    """The options of an `order` question in their right order."""
    texts = [text for text, _ in options_of(question)]
    named = {chr(ord("a") + index): text for index, text in enumerate(texts)}
    return [named.get(str(each), str(each)) for each in question.get("correct") or texts]


def has_own_options(question: Mapping[str, Any]) -> bool:
    """Whether a true-or-false question has other options than these."""
    return kind_of(question) == "boolean" and bool(question.get("options"))


def kind_of(question: Mapping[str, Any]) -> str:
    """The kind of a question: what it says, or what its options say."""
    kind = question.get("kind")
    if isinstance(kind, str):
        return kind
    right = sum(right for _, right in options_of(question))
    return "choice" if right == 1 else "multiple"


def points_of(question: Mapping[str, Any]) -> int | float:
    """A question's points as a number."""
    points = question.get("points", DEFAULT_POINTS)
    return _POINTS.get(points, DEFAULT_POINTS) if isinstance(points, str) else points


class Losses:
    """Notes about what a format cannot hold.

    Args:
        place: the format, as part of a sentence, such as `a GIFT file`.
        notes: where they go.
    """

    def __init__(self, place: str, notes: Notes) -> None:
        self._place = place
        self._notes = notes

    def quiz(self, document: Mapping[str, Any], kept: Collection[str] = ()) -> None:
        """Say which fields of the quiz are lost."""
        if "title" not in kept:
            self._notes.add(f"{self._place} has no title: when it is read, its name becomes one")
        for key, value in document.items():
            if key not in ("questions", "title", *kept) and value != QUIZ_DEFAULTS.get(key):
                self._notes.add(f"{self._place} has no place for the quiz's {key!r}")

    def kind(self, question: Mapping[str, Any], number: int, held: Collection[str]) -> bool:
        """Whether the format holds questions of this kind; if not, it is said."""
        kind = kind_of(question)
        if kind not in held:
            self.left_out(number, f"{self._place} has no questions of the kind {kind!r}")
        return kind in held

    def question(
        self, question: Mapping[str, Any], number: int, kept: Collection[str] = ()
    ) -> None:
        """Say which fields of a question are lost, besides those that make its kind."""
        held = ("text", "kind", *kept, *PARTS.get(kind_of(question), ()))
        for key, value in question.items():
            if key in held or value == QUESTION_DEFAULTS.get(key):
                continue
            # An order is still right; it is only that the file listed its options otherwise.
            mixed = key == "correct" and kind_of(question) == "order"
            what = "options in another order than the right one" if mixed else repr(key)
            self.note(number, f"{self._place} has no place for {what}")

    def note(self, number: int, message: str) -> None:
        """Say something about a question; the same of several is said once."""
        self._notes.add(message, question=number)

    def left_out(self, number: int, reason: str) -> None:
        """Say that a question is not written."""
        self.note(number, f"left out, since {reason}")

    def plain(self, text: object, number: int | None = None) -> str:
        """Text with line feeds as its only control character, and without what is none."""
        plain = str(text).replace("\r\n", "\n").replace("\r", "\n")
        plain = CONTROLS.sub("", plain)
        if plain != str(text):
            self._notes.add("control characters are lost", question=number)
        return re.sub(r"[\ufffe\uffff]", "", plain).strip()
