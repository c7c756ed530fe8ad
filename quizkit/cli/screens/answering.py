"""What is typed, as an answer, for every kind of question; nothing here reads or waits.

People type the letters that they see; `letters` says what they are, the letters of the places
where nothing else is given.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category

from quizkit.cli.views.letters import Letters, letters_of
from quizkit.core.kinds import MAX_NUMBER
from quizkit.core.quiz_model import MAX_ANSWER
from quizkit.sdk.live_events import Answer, Question

_NUMBER: Final = re.compile(r"[+-]?\d{1,30}(\.\d{0,30})?|[+-]?\.\d{1,30}")
#: A comma before three digits may part thousands; anywhere else it is a decimal comma.
_COMMA: Final = re.compile(r"[+-]?\d{0,30},\d{1,30}")
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_BETWEEN_LETTERS: Final = frozenset(" ,;\t")


class NotAnAnswer(Exception):
    """What was typed is no answer to this question; the message says what would be one."""


def read_answer(question: Question, text: str, letters: Letters | None = None) -> Answer:
    """The answer that a typed text gives, with the ids of options.

    Args:
        letters: what options are called in the text.

    Raises:
        NotAnAnswer: it gives none.
    """
    ids = {letter: name for name, letter in (letters or letters_of(question)).items()}
    match question.kind:
        case "slide":
            raise NotAnAnswer("there is nothing to answer")
        case "number":
            return _number(text)
        case "text":
            return _words(text)
        case "order":
            return [ids[letter] for letter in _order(sorted(ids), text)]
    return sorted(ids[letter] for letter in _letters(question, sorted(ids), text))


def how_to_answer(question: Question) -> str:
    """How to answer with single keys."""
    match question.kind:
        case "slide":
            return "Nothing to answer: read on."
        case "number":
            low_high = span(question)
            return f"Type a number{f' {low_high}' if low_high else ''}, send with Enter."
        case "text":
            return "Type your answer, send with Enter."
        case "order":
            return "Type the letters in order, send with Enter. Backspace takes one back."
        case "multiple":
            return "Mark with letters, send with Enter."
    return "Answer with a letter."


def span(question: Question) -> str:
    """Such as `from 1500 to 1900`; empty where the question names no range."""
    return "" if question.range is None else f"from {question.range[0]} to {question.range[1]}"


def said(answer: Answer, question: Question, letters: Letters | None = None) -> str:
    """An answer as people read it back; options that stand in no order as they are shown."""
    if not isinstance(answer, list):
        return str(answer)
    known = letters or letters_of(question)
    told = [known.get(name, name) for name in answer]
    return ", ".join(told if question.kind == "order" else sorted(told))


def _letters(question: Question, known: list[str], text: str) -> set[str]:
    chosen = set(text.lower()) - _BETWEEN_LETTERS
    fits = chosen and chosen <= set(known)
    if question.kind == "multiple":
        if not fits:
            raise NotAnAnswer(f"answer with letters: {', '.join(known)}; several may be right")
    elif not fits or len(chosen) > 1:
        raise NotAnAnswer(f"answer with one letter: {' or '.join(known)}")
    return chosen


def _order(known: list[str], text: str) -> list[str]:
    given = [letter for letter in text.lower() if letter not in _BETWEEN_LETTERS]
    rule = f"give every letter once, in order: {', '.join(known)}"
    if not set(given) <= set(known):
        raise NotAnAnswer(rule)
    missing = [letter for letter in known if letter not in given]
    if missing:
        raise NotAnAnswer(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing; {rule}"
        )
    if len(given) != len(known):
        raise NotAnAnswer(rule)
    return given


def _number(text: str) -> int | float:
    plain = "".join(text.split()).replace("\u2212", "-")
    if _COMMA.fullmatch(plain) and not _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        why = "without a comma, " if "," in plain else ""
        raise NotAnAnswer(f"answer with a number, {why}such as 42, -7 or 3.5")
    number = float(plain) if "." in plain else int(plain)
    if abs(number) > MAX_NUMBER:
        raise NotAnAnswer("that number is too large")
    return number


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise NotAnAnswer("type an answer first")
    if len(words) > MAX_ANSWER:
        raise NotAnAnswer(f"an answer has at most {MAX_ANSWER} characters, not {len(words)}")
    if any(category(char) == "Cc" for char in words):
        raise NotAnAnswer("an answer is plain text without tabs and control characters")
    return words
