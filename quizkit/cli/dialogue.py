"""The questions that are asked of somebody who types a quiz: one for each thing, in few words.

An empty line takes what is usual, and ends a list. What cannot be is asked again with the
reason, so that every question that comes out of here is one that the platform takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from string import ascii_lowercase
from typing import Any, Final

from quizkit.core.errors import InvalidQuiz
from quizkit.core.quiz import parse
from quizkit.core.quiz_model import MAX_ACCEPT, MAX_ANSWER, MAX_OPTIONS, MAX_TEXT
from quizkit.sdk.errors import InvalidInput

#: Asks for one line; an empty one ends what is being listed. Raises EOFError at the end.
Ask = Callable[[str], str]
Tell = Callable[[str], None]
#: Is told every line that belongs to the question, as soon as it is typed.
Note = Callable[[str], None]

#: What cursor keys and the like send; nobody means it as text.
_KEYS: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O?.)?|[\x00-\x1f\x7f]")
_WORDS: Final = {
    "choice": "choice",
    "several": "choice",
    "multiple": "choice",
    "true/false": "boolean",
    "boolean": "boolean",
    "typed": "text",
    "text": "text",
    "number": "number",
    "order": "order",
    "poll": "poll",
    "slide": "slide",
}
_KINDS: Final = "choice, true/false, typed, number, order, poll, slide"
_YES: Final = ("y", "yes", "t", "true")
_NO: Final = ("n", "no", "f", "false")


class Dialogue:
    """Asks for questions of a quiz.

    Args:
        ask: asks for a line.
        tell: says something to whoever types.
        note: see `Note`.
        folder: where the quiz file lies, and media beside it.
    """

    def __init__(self, ask: Ask, tell: Tell, note: Note, folder: Path) -> None:
        self._ask, self._tell, self._note, self._folder = ask, tell, note, folder

    def question(self, number: int) -> dict[str, Any] | None:
        """One question as a native document has it; None for an empty line after the first."""
        text = self.text(f"question {number}", MAX_TEXT, optional=number > 1)
        if not text:
            return None
        self._note(text)
        while True:
            kind = self._kind()
            made = {"text": text, **self._body(kind), **self._media(), **self._seconds(kind)}
            try:
                parse({"title": "?", "questions": [made]})
            except InvalidQuiz as exc:
                for problem in exc.problems:
                    self._tell(f"  {problem.message}. Once more:")
            else:
                return made

    def text(self, what: str, limit: int, *, optional: bool = False) -> str:
        """A line of text; what is `optional` may be empty."""
        while True:
            text = self._line(what)
            if (text or optional) and len(text) <= limit:
                return text
            self._tell(f"  Type some text, at most {limit} characters.")

    def agrees(self, what: str, *, usual: bool) -> bool:
        """Yes or no; an empty line is the usual answer."""
        return self._either(f"{what} ({'Y/n' if usual else 'y/N'})", usual)

    def _line(self, what: str) -> str:
        return _KEYS.sub("", self._ask(what)).strip()

    def _either(self, what: str, usual: bool | None) -> bool:
        while True:
            typed = self._line(what).lower()
            if not typed and usual is not None:
                return usual
            if typed in _YES or typed in _NO:
                return typed in _YES
            self._tell("  Type y or n." if usual is not None else "  Type t or f.")

    def _kind(self) -> str:
        while True:
            typed = self._line(f"  kind ({_KINDS}; Enter: choice)").lower() or "choice"
            meant = {kind for word, kind in _WORDS.items() if word.startswith(typed)}
            if len(meant) == 1:
                [kind] = meant
                if kind != "choice":
                    self._note(f"kind: {kind}")
                return kind
            self._tell(f"  Type one of these, or how it begins: {_KINDS}.")

    def _body(self, kind: str) -> dict[str, Any]:
        """What belongs to a kind."""
        match kind:
            case "boolean":
                right = self._either("  true or false", None)
                return {"kind": kind, "correct": right}
            case "text":
                return {"kind": kind, "accept": self._accepted()}
            case "number":
                return {"kind": kind, **self._right_number()}
            case "order":
                self._tell("  Type the options in their right order; players see them mixed.")
                return {"kind": kind, "options": self._options()}
            case "poll":
                return {"kind": kind, "options": self._options()}
            case "slide":
                return {"kind": kind}
        return self._choice()

    def _choice(self) -> dict[str, Any]:
        options = self._options()
        right = self._right(options)
        marked = [
            {"text": option, "correct": True} if index in right else option
            for index, option in enumerate(options)
        ]
        parts = len(right) > 1 and self.agrees("  points for a part of them", usual=False)
        return {"options": marked} | ({"grading": "balanced"} if parts else {})

    def _options(self) -> list[str]:
        return self._list("option", MAX_OPTIONS, MAX_TEXT, least=2)

    def _accepted(self) -> list[str]:
        self._tell("  Type every spelling that is right; capitals and extra spaces do not count.")
        return self._list("answer", MAX_ACCEPT, MAX_ANSWER, least=1)

    def _list(self, what: str, most: int, limit: int, *, least: int) -> list[str]:
        """Different texts, until an empty line."""
        found: list[str] = []
        while len(found) < most:
            name = ascii_lowercase[len(found)] if what == "option" else str(len(found) + 1)
            text = self.text(f"  {what} {name}", limit, optional=len(found) >= least)
            if not text:
                break
            if text in found:
                self._tell("  You have this one already.")
                continue
            found.append(text)
            self._note(f"- {text}")
        return found

    def _right(self, options: list[str]) -> set[int]:
        """Indexes of the right options."""
        known = ascii_lowercase[: len(options)]
        while True:
            typed = self._line(f"  right ({', '.join(known)}; several as in ab)").lower()
            letters = re.sub(r"[\s,;]+", "", typed)
            if letters and all(letter in known for letter in letters):
                return {known.index(letter) for letter in letters}
            self._tell(f"  Type the letter of the right option, from {known[0]} to {known[-1]}.")

    def _right_number(self) -> dict[str, Any]:
        right = self._number("  right number")
        self._note(f"correct: {right}")
        off = self._number("  how far off is right, too (0)", usual=0)
        return {"correct": right} | ({"tolerance": off} if off else {})

    def _number(self, what: str, usual: int | None = None) -> int | float:
        while True:
            typed = self._line(what)
            if not typed and usual is not None:
                return usual
            if re.fullmatch(r"[-+]?\d{1,15}", typed):
                return int(typed)
            if re.fullmatch(r"[-+]?\d{0,12}\.\d{1,6}", typed):
                return float(typed)
            self._tell("  Type a number, such as 1822 or 2.5.")

    def _media(self) -> dict[str, Any]:
        """A picture, sound or film, and what those are told who cannot see it."""
        from quizkit.sdk.media import check_named

        while True:
            typed = self._line("  picture, sound or film (a file below this folder; Enter: none)")
            if not typed:
                return {}
            try:
                check_named(typed, self._folder)
            except InvalidInput as exc:
                self._tell(f"  {exc.message}")
                continue
            self._note(f"media: {typed}")
            alt = self.text("  what it shows, for who cannot see it", MAX_TEXT, optional=True)
            if not alt:
                self._tell("  Without it those who cannot see the file will miss something.")
                alt = self.text("  what it shows (Enter: leave it out)", MAX_TEXT, optional=True)
            return {"media": typed} | ({"alt": alt} if alt else {})

    def _seconds(self, kind: str) -> dict[str, Any]:
        """The time limit, where it is not the usual one."""
        what = "  shown for seconds (20)" if kind == "slide" else "  seconds (20)"
        while True:
            typed = self._line(what)
            if not typed:
                return {}
            if re.fullmatch(r"[1-9]\d{0,3}", typed) and int(typed) <= 3_600:
                return {"time_limit": int(typed)}
            self._tell("  Type a whole number of seconds, from 1 to 3600.")
