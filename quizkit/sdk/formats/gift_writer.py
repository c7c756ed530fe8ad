"""Quizzes as Moodle's GIFT, as `gift` reads it back.

Texts are plain here and may be HTML there: where they could be taken for it, they are marked
`[plain]`. Partial credit is all that Moodle knows for several right answers; all-or-nothing
is written with wrong answers that take everything, which comes closest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from quizkit.core.kinds import FOLDS
from quizkit.sdk.formats.draft import Notes
from quizkit.sdk.formats.html_text import looks_like_html
from quizkit.sdk.formats.writing import Losses, has_own_options, kind_of, options_of

_KINDS: Final = ("choice", "multiple", "boolean", "text", "number", "slide")


def write(document: Mapping[str, Any], notes: Notes) -> str:
    """A quiz as GIFT; questions that it cannot hold are left out."""
    losses = Losses("GIFT", notes)
    losses.quiz(document, kept=("title",))
    title = " ".join(losses.plain(document["title"]).split("\n"))
    blocks = [f"$CATEGORY: {_escaped(title.replace('/', '//'))}"]
    for number, question in enumerate(document["questions"], 1):
        block = _question(question, number, losses)
        if block is not None:
            blocks.append(block)
    return "\n\n".join(blocks) + "\n"


def _question(question: Mapping[str, Any], number: int, losses: Losses) -> str | None:
    if not losses.kind(question, number, _KINDS):
        return None
    kind = kind_of(question)
    losses.question(question, number, kept=("explanation",))
    if kind == "number" and (question.get("nearest") or question.get("range")):
        losses.note(number, "GIFT knows a tolerance, not which answer is nearest")
    if kind == "text" and question.get("fold", FOLDS[0]) != FOLDS[0]:
        losses.note(number, "GIFT has no place for 'fold'")
    write = _Writer(losses, number)
    text = write.text(question["text"], first=True)
    explanation = question.get("explanation")
    if kind == "slide":
        if explanation:
            losses.note(number, "a text without answers has no place for 'explanation'")
        return text
    answers = write.answers(question, kind)
    if answers is None:
        return None
    if explanation:
        answers.append(f"####{write.text(explanation)}")
    opening = "{#" if kind == "number" else "{"
    return "\n".join([text + opening, *(f"\t{line}" for line in answers), "}"])


class _Writer:
    """Writes the parts of one question."""

    def __init__(self, losses: Losses, number: int) -> None:
        self._losses, self._number = losses, number

    def text(self, text: object, *, first: bool = False) -> str:
        """A text that cannot be taken for anything else."""
        plain = self._losses.plain(text, self._number)
        marked = plain.startswith(("[", "//", "$CATEGORY")) if first else plain.startswith("[")
        return ("[plain]" if marked or looks_like_html(plain) else "") + _escaped(plain)

    def answers(self, question: Mapping[str, Any], kind: str) -> list[str] | None:
        """The lines between the braces; None where GIFT would read them as another kind."""
        if kind == "boolean" and not has_own_options(question):
            return ["TRUE" if question["correct"] is True else "FALSE"]
        if kind == "boolean":
            self._losses.note(self._number, "GIFT knows True and False only, not two other options")
        if kind == "number":
            tolerance = question.get("tolerance") or 0
            return [
                f"={question['correct']}:{tolerance}" if tolerance else f"={question['correct']}"
            ]
        if kind == "text":
            spellings = [self.text(each).replace("*", "\\*") for each in question["accept"]]
            if any("->" in each for each in spellings):
                self._losses.left_out(self._number, "“->” makes it a matching in GIFT")
                return None
            return [f"=%100%{each}" for each in spellings]
        options = options_of(question)
        if kind in ("choice", "boolean"):
            return [
                f"={self.text(text)}" if right else f"~{self._unweighted(text)}"
                for text, right in options
            ]
        return self._weighted(options, balanced=question.get("grading") == "balanced")

    def _weighted(self, options: list[tuple[str, bool]], *, balanced: bool) -> list[str]:
        """Several right answers, each with its share of the points."""
        right = sum(right for _, right in options)
        share = f"{100 / max(right, 1):.5g}"
        wrong = f"-{share}" if balanced else "-100"
        if balanced and right == len(options):
            self._losses.note(self._number, "GIFT has no place for 'grading'")
        elif not balanced:
            self._losses.note(self._number, "Moodle gives a part of the points for a part right")
        return [f"~%{share if right else wrong}%{self.text(text)}" for text, right in options]

    def _unweighted(self, text: object) -> str:
        """A wrong answer, without a percentage that is a part of its text."""
        written = self.text(text)
        return f"%0%{written}" if re.match(r"%-?\d", written) else written


def _escaped(text: str) -> str:
    """Text with backslashes before what has a meaning, line ends among it."""
    return re.sub(r"([\\~=#{}:])", r"\\\1", text).replace("\n", "\\n")
