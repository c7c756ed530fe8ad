"""A quiz typed at the terminal: asked for question by question, in a file from the first on.

After every question the YAML file is written anew, whole, so that neither a failing upload
nor Ctrl-C loses what was typed; a question that was cut short stands in it as a comment.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_lowercase
from typing import Any, Final

from quizkit.core.quiz import MAX_OPTIONS, MAX_QUESTIONS, MAX_TEXT, MAX_TITLE
from quizkit.sdk.errors import InvalidInput, Misuse

#: Asks for one line; an empty one ends what is being listed. Raises EOFError at the end.
Ask = Callable[[str], str]
Tell = Callable[[str], None]

HEAD: Final = "# Typed with: quizkit quiz create. What else may stand here: docs/formats.md."
#: What cursor keys and the like send; nobody means it as text.
_KEYS: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O?.)?|[\x00-\x1f\x7f]")


@dataclass
class Typed:
    """What has been typed.

    Attributes:
        document: the quiz so far, in the native format.
        unfinished: lines of a question that is not complete.
    """

    document: dict[str, Any]
    unfinished: list[str] = field(default_factory=list)


class Author:
    """Asks for a quiz and keeps it in a file.

    Args:
        ask: asks for a line.
        tell: says something to whoever types.
        path: gives the file to write, once the title is known.
    """

    def __init__(self, ask: Ask, tell: Tell, path: Callable[[str], Path]) -> None:
        self._ask, self._tell, self._name = ask, tell, path
        self._typed = Typed({})
        self.path: Path | None = None

    def write_quiz(self) -> Path:
        """Ask for everything; gives the file.

        Raises:
            InvalidInput: it ended before there was a question.
        Misuse: the file cannot be written.
            KeyboardInterrupt: Ctrl-C; `path` has what was typed until then.
        """
        try:
            self._everything()
        except EOFError:
            pass
        except BaseException:
            self._save()
            raise
        self._typed.unfinished.clear()
        if not self._typed.document.get("questions"):
            raise InvalidInput("There is no question yet, so there is no quiz to store.")
        self._save()
        assert self.path is not None
        return self.path

    def _everything(self) -> None:
        title = self._text("title of the quiz", MAX_TITLE)
        self._typed.document = {"title": title, "questions": []}
        self.path = self._name(title)
        self._save()
        self._tell("An empty line ends a list: options, and in the end the questions.")
        questions = self._typed.document["questions"]
        while len(questions) < MAX_QUESTIONS:
            question = self._question(len(questions) + 1)
            if question is None:
                return
            questions.append(question)
            self._typed.unfinished.clear()
            self._save()

    def _question(self, number: int) -> dict[str, Any] | None:
        """One question; None for an empty line after the first."""
        text = self._text(f"question {number}", MAX_TEXT, optional=number > 1)
        if not text:
            return None
        self._typed.unfinished.append(text)
        options = self._options()
        right = self._right(options)
        marked = [
            {"text": option, "correct": True} if index in right else option
            for index, option in enumerate(options)
        ]
        question: dict[str, Any] = {"text": text, "options": marked}
        seconds = self._seconds()
        return question | ({"time_limit": seconds} if seconds else {})

    def _options(self) -> list[str]:
        options: list[str] = []
        while len(options) < MAX_OPTIONS:
            letter = ascii_lowercase[len(options)]
            option = self._text(f"  option {letter}", MAX_TEXT, optional=len(options) > 1)
            if not option:
                break
            if option in options:
                self._tell(f"  This is option {ascii_lowercase[options.index(option)]} already.")
                continue
            options.append(option)
            self._typed.unfinished.append(f"- {option}")
        return options

    def _right(self, options: list[str]) -> set[int]:
        """Indexes of the right options."""
        known = ascii_lowercase[: len(options)]
        while True:
            typed = self._ask(f"  right ({', '.join(known)}; several as in ab)").lower()
            letters = re.sub(r"[\s,;]+", "", typed)
            if letters and all(letter in known for letter in letters):
                return {known.index(letter) for letter in letters}
            self._tell(f"  Type the letter of the right option, from {known[0]} to {known[-1]}.")

    def _seconds(self) -> int | None:
        """The time limit; None for the usual one."""
        while True:
            typed = self._ask("  seconds (20)").strip()
            if not typed:
                return None
            if re.fullmatch(r"[1-9]\d{0,3}", typed) and int(typed) <= 3_600:
                return int(typed)
            self._tell("  Type a whole number of seconds, from 1 to 3600.")

    def _text(self, what: str, limit: int, *, optional: bool = False) -> str:
        while True:
            text = _KEYS.sub("", self._ask(what)).strip()
            if (text or optional) and len(text) <= limit:
                return text
            self._tell(f"  Type some text, at most {limit} characters.")

    def _save(self) -> None:
        """Write the file anew, whole or not at all."""
        if self.path is None:
            return
        from quizkit.sdk.formats.native import yaml_text

        text = f"{HEAD}\n{yaml_text(self._typed.document)}"
        if self._typed.unfinished:
            lines = ["", "# Not finished:", *(f"#   {line}" for line in self._typed.unfinished)]
            text += "\n".join(lines) + "\n"
        beside = self.path.with_name(f".{self.path.name}.tmp")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(self.path)
        except OSError as exc:
            raise Misuse(f"{self.path} cannot be written: {exc.strerror}.") from exc


def free_path(title: str, folder: Path) -> Path:
    """A file named for a title, where none is yet."""
    words = re.findall(r"[^\W_]+", title.casefold())
    stem = "-".join(words)[:60].strip("-") or "quiz"
    number = 1
    while True:
        path = folder / (f"{stem}.yaml" if number == 1 else f"{stem}-{number}.yaml")
        if not path.exists():
            return path
        number += 1
