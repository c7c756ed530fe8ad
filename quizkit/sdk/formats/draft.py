"""What a reader makes of a file: a native document on its way to the rules.

A reader fills a `Draft`: the document by docs/formats.md, the place of each part in the file,
what it had to leave out (`Notes`), and files that came inside. It decides nothing that core
decides: texts that are too long or options without a right one go on as they are, so that all
problems of a file are told together, in core's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from quizkit.core.quiz import MAX_QUESTIONS
from quizkit.sdk.errors import Problem
from quizkit.sdk.formats.source import Located, Mark, Path, Unreadable, problem_at

#: Where reading stops; up to here the rules tell how many there are too many.
MOST_QUESTIONS: Final = 10_000


class Notes:
    """What people should know about a file that was read or written.

    The same note from many places is told once: at the first of them with their number, or
    with the numbers of the questions.
    """

    def __init__(self) -> None:
        self._said: dict[str, tuple[Mark | None, list[int], int]] = {}
        self.problems: list[Problem] = []

    def add(self, message: str, mark: Mark | None = None, *, question: int | None = None) -> None:
        """Note something that was left out or changed.

        Args:
            mark: where in the file.
            question: in which question, counted from 1, where there is no file yet.
        """
        first, questions, count = self._said.get(message, (mark, [], 0))
        numbered = questions if question is None else [*questions, question]
        self._said[message] = (first, numbered, count + 1)

    def problem(self, message: str, mark: Mark) -> None:
        """Note something that makes the file no quiz."""
        self.problems.append(problem_at(mark, message))

    def take(self, other: Notes) -> None:
        """Take in what was noted elsewhere."""
        self._said |= other._said
        self.problems += other.problems

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """All notes in the order in which they first came up."""
        found = []
        for message, (mark, questions, count) in self._said.items():
            text = f"{_numbered(questions)}: {message}" if questions else message
            times = f" ({count} times)" if count > 1 and not questions else ""
            found.append(Problem(text + times, *(mark or ())))
        return tuple(found)


def _numbered(questions: list[int]) -> str:
    """`question 3`, or `questions 3, 4, 9 and 12 more`."""
    numbers = list(dict.fromkeys(questions))
    if len(numbers) == 1:
        return f"question {numbers[0]}"
    more = f" and {len(numbers) - 10} more" if len(numbers) > 10 else ""
    return f"questions {', '.join(map(str, numbers[:10]))}{more}"


@dataclass
class Draft:
    """A native document with the places of its parts.

    Attributes:
        document: plain data; a dict in the shape of docs/formats.md if the file is any good.
        marks: the place of each part by its path.
        notes: what was left out, and problems besides those that the rules find.
        media: files that came inside, by the name that the document calls them by.
        text: the source text, where the format is native and keeps comments.
        cells: whether places are rows and columns of a spreadsheet.
        format: name of the format, as `--format` takes it.
    """

    document: Any
    marks: dict[Path, Mark] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)
    media: dict[str, bytes] = field(default_factory=dict)
    text: str | None = None
    cells: bool = False
    format: str = ""

    @classmethod
    def titled(cls, title: str, mark: Mark = (1, 1)) -> Draft:
        """A draft without questions."""
        return cls({"title": title, "questions": []}, {(): (1, 1), ("title",): mark})

    def add(
        self, question: Mapping[str, Any], mark: Mark, marks: Mapping[Path, Mark] | None = None
    ) -> None:
        """Append a question; fields that are None are absent.

        Args:
            mark: where the question begins.
            marks: places of its parts, by their path inside the question.

        Raises:
            Unreadable: there are thousands of questions already.
        """
        index = len(self.document["questions"])
        if index >= MOST_QUESTIONS:
            message = f"more than {MOST_QUESTIONS} questions; a quiz has at most {MAX_QUESTIONS}"
            raise Unreadable(problem_at(mark, message))
        kept = {key: value for key, value in question.items() if value is not None}
        self.document["questions"].append(kept)
        self.marks[("questions", index)] = mark
        for path, place in (marks or {}).items():
            self.marks[("questions", index, *path)] = place

    def locate(self, path: Path) -> Mark:
        """Line and column of a part of the document."""
        return Located(self.document, self.marks).find(path)


def option(text: str, right: bool) -> str | dict[str, Any]:
    """An option in its shortest native form."""
    return {"text": text, "correct": True} if right else text


def mixed(question: str, right: str, wrong: Iterable[str]) -> list[str | dict[str, Any]]:
    """Options of which the source names the right one first, put in another order.

    The order is that of a digest of the texts: it looks random, and the same file always
    gives the same quiz.
    """

    asked = sha256(f"{question}\0".encode("utf-8", "surrogatepass"))

    def place(answer: str) -> bytes:
        digest = asked.copy()
        digest.update(answer.encode("utf-8", "surrogatepass"))
        return digest.digest()

    return [option(answer, answer == right) for answer in sorted([right, *wrong], key=place)]


def tidy(value: Decimal) -> int | float:
    """A number as documents have it: whole where it is, and as it was written."""
    whole = value == value.to_integral_value() and abs(value) < 10**18
    return int(value) if whole else float(value)


def cell_name(mark: Mark) -> str:
    """A place in a spreadsheet as people there call it, such as `C9`."""
    row, column = mark
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"
