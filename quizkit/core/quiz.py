"""What a quiz is, and how its native document becomes one.

A document is what YAML or JSON gives: dicts, lists, strings, numbers. `parse` turns it
into a `Quiz` or raises `InvalidQuiz` with every problem at once, each with its path, so
that a front end can point at lines. A parsed quiz is split in two on storage: what
players may see (`public_question`) and the key (`Question.correct`, `explanation`),
so that permissions can keep the second from whatever answers players.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any, Final, cast

from quizkit.core.errors import InvalidQuiz, Problem

MAX_QUESTIONS: Final = 500
MAX_OPTIONS: Final = len(ascii_lowercase)
MAX_TITLE: Final = 200
MAX_TEXT: Final = 1_000
MAX_EXPLANATION: Final = 4_000
MAX_POINTS: Final = 1_000_000
MAX_TIME_LIMIT: Final = 3_600

DEFAULT_POINTS: Final = 1_000
DEFAULT_TIME_LIMIT: Final = 20

SCORING: Final = ("speed", "flat")
FEEDBACK: Final = ("on_close", "immediate")

_QUIZ_KEYS: Final = (
    "title",
    "description",
    "scoring",
    "feedback",
    "attribution",
    "questions",
)
_QUESTION_KEYS: Final = (
    "text",
    "options",
    "correct",
    "points",
    "time_limit",
    "explanation",
    "media",
    "source",
)
_OPTION_KEYS: Final = ("text", "correct")


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a question; `id` is `a`, `b`, `c`, … in the order of the file."""

    id: str
    text: str
    correct: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        id: `q1`, `q2`, … in the order of the file.
        points: what a right answer is worth at best, 0 or more.
        time_limit: seconds.
        media: a file name relative to the quiz file, a URL or an object key; or None.
        source: where the fact comes from, for whoever checks the quiz; or None.
    """

    id: str
    text: str
    options: tuple[Option, ...]
    points: int = DEFAULT_POINTS
    time_limit: int = DEFAULT_TIME_LIMIT
    explanation: str | None = None
    media: str | None = None
    source: str | None = None

    @property
    def correct(self) -> tuple[str, ...]:
        """Ids of the right options, in order."""
        return tuple(option.id for option in self.options if option.correct)

    @property
    def kind(self) -> str:
        """`choice` where one option is right, `multiple` where several are."""
        return "choice" if len(self.correct) == 1 else "multiple"


@dataclass(frozen=True, slots=True)
class Quiz:
    """A whole quiz, valid by construction through `parse`."""

    title: str
    questions: tuple[Question, ...]
    scoring: str = "speed"
    feedback: str = "on_close"
    description: str | None = None
    attribution: str | None = None


class _Reader:
    """Reads one document and keeps every problem with its path."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, path: tuple[str | int, ...], message: str) -> None:
        self.problems.append(Problem(path, message))

    def unknown_keys(
        self, node: Mapping[str, Any], known: tuple[str, ...], path: tuple[str | int, ...]
    ) -> None:
        for key in node:
            if key not in known:
                message = f"unknown field {_shown(key)!r}; known: {', '.join(known)}"
                self.problem((*path, _plain(key) or _shown(key)), message)

    def text(
        self, node: Mapping[str, Any], key: str, path: tuple[str | int, ...], limit: int
    ) -> str:
        """A required, non-blank string of at most `limit` characters."""
        if key not in node:
            self.problem(path, f"{key!r} is missing")
            return ""
        return self.words(node[key], repr(key), (*path, key), limit)

    def words(self, value: object, name: str, path: tuple[str | int, ...], limit: int) -> str:
        """A non-blank string of at most `limit` characters, called `name` in problems."""
        text = _plain(value)
        if text is None:
            self.problem(path, f"{name} must be text (put it in quotes)")
            return ""
        text = text.strip()
        if not text:
            self.problem(path, f"{name} is empty")
        elif len(text) > limit:
            self.problem(path, f"{name} has {len(text)} characters; at most {limit}")
        elif not _encodable(text):
            self.problem(path, f"{name} holds a lone surrogate, which is not text")
        return text

    def optional_text(
        self, node: Mapping[str, Any], key: str, path: tuple[str | int, ...], limit: int
    ) -> str | None:
        if node.get(key) is None:
            return None
        return self.text(node, key, path, limit)

    def whole(
        self,
        node: Mapping[str, Any],
        key: str,
        path: tuple[str | int, ...],
        bounds: tuple[int, int, int],
    ) -> int:
        """A whole number within (low, high), or the default where it is absent."""
        low, high, default = bounds
        value = node.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.problem((*path, key), f"{key!r} must be a whole number from {low} to {high}")
            return default
        return value

    def choice(self, node: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str:
        value = node.get(key, known[0])
        if value not in known:
            self.problem((key,), f"{key!r} must be one of: {', '.join(known)}")
            return known[0]
        return cast(str, value)

    def items(self, node: Mapping[str, Any], key: str, path: tuple[str | int, ...]) -> list[Any]:
        if key not in node:
            self.problem(path, f"{key!r} is missing")
            return []
        value = node[key]
        if not isinstance(value, list):
            self.problem((*path, key), f"{key!r} must be a list")
            return []
        return value


def _plain(value: object) -> str | None:
    """A string or a number as text; None for what is neither.

    YAML reads `- 1969` or `- yes` as a number or a boolean; as an option's text both are
    plain text to the author, so numbers are taken and only booleans refused.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return str(value)
    except ValueError:  # an integer of thousands of digits, which Python does not print
        return None


def _shown(value: object) -> str:
    """How a problem names something that should be text, short enough to read."""
    text = _plain(value)
    return f"a {type(value).__name__}" if text is None else text[:60]


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse(document: object) -> Quiz:
    """Read a native quiz document.

    Args:
        document: a dict in the shape of docs/formats.md, as YAML or JSON gives it.

    Returns:
        The quiz; question and option ids are given by position.

    Raises:
        InvalidQuiz: with every problem found; nothing else is raised, whatever comes in.
    """
    reader = _Reader()
    if not isinstance(document, Mapping):
        raise InvalidQuiz((Problem((), "a quiz is a mapping with 'title' and 'questions'"),))
    reader.unknown_keys(document, _QUIZ_KEYS, ())
    title = reader.text(document, "title", (), MAX_TITLE)
    nodes = reader.items(document, "questions", ())
    if not nodes and isinstance(document.get("questions"), list):
        reader.problem(("questions",), "a quiz needs at least one question")
    if len(nodes) > MAX_QUESTIONS:
        reader.problem(("questions",), f"{len(nodes)} questions; at most {MAX_QUESTIONS}")
        nodes = []
    quiz = Quiz(
        title=title,
        questions=tuple(_question(reader, node, index) for index, node in enumerate(nodes)),
        scoring=reader.choice(document, "scoring", SCORING),
        feedback=reader.choice(document, "feedback", FEEDBACK),
        description=reader.optional_text(document, "description", (), MAX_EXPLANATION),
        attribution=reader.optional_text(document, "attribution", (), MAX_TEXT),
    )
    if reader.problems:
        raise InvalidQuiz(tuple(reader.problems))
    return quiz


def _question(reader: _Reader, node: object, index: int) -> Question:
    path: tuple[str | int, ...] = ("questions", index)
    if not isinstance(node, Mapping):
        reader.problem(path, "a question is a mapping with 'text' and 'options'")
        node = {"text": "?", "options": [{"text": "?", "correct": True}, "??"]}
    reader.unknown_keys(node, _QUESTION_KEYS, path)
    return Question(
        id=f"q{index + 1}",
        text=reader.text(node, "text", path, MAX_TEXT),
        options=_options(reader, node, path),
        points=reader.whole(node, "points", path, (0, MAX_POINTS, DEFAULT_POINTS)),
        time_limit=reader.whole(node, "time_limit", path, (1, MAX_TIME_LIMIT, DEFAULT_TIME_LIMIT)),
        explanation=reader.optional_text(node, "explanation", path, MAX_EXPLANATION),
        media=reader.optional_text(node, "media", path, MAX_TEXT),
        source=reader.optional_text(node, "source", path, MAX_TEXT),
    )


def _options(
    reader: _Reader, node: Mapping[str, Any], path: tuple[str | int, ...]
) -> tuple[Option, ...]:
    nodes = reader.items(node, "options", path)
    path = (*path, "options")
    if not isinstance(node.get("options"), list):
        return ()
    if not 2 <= len(nodes) <= MAX_OPTIONS:
        reader.problem(path, f"a question has 2 to {MAX_OPTIONS} options, not {len(nodes)}")
        return ()
    options = tuple(
        _option(reader, child, (*path, index), ascii_lowercase[index])
        for index, child in enumerate(nodes)
    )
    options = _marked_from_question(reader, node, path[:-1], options)
    if not any(option.correct for option in options):
        reader.problem(path, "no option is marked right: give one of them 'correct: true'")
    seen: dict[str, str] = {}
    for index, option in enumerate(options):
        twin = seen.setdefault(option.text, option.id)
        if twin != option.id and option.text:
            reader.problem((*path, index), f"the same text as option {twin!r}")
    return options


def _marked_from_question(
    reader: _Reader,
    node: Mapping[str, Any],
    path: tuple[str | int, ...],
    options: tuple[Option, ...],
) -> tuple[Option, ...]:
    """Apply the short form `correct: b` (or a list): ids or texts of the right options."""
    if "correct" not in node:
        return options
    value = node["correct"]
    marks = value if isinstance(value, list) else [value]
    right = set()
    for mark in marks:
        name = _plain(mark)
        found = [option.id for option in options if name in (option.id, option.text)]
        if not found:
            reader.problem(
                (*path, "correct"),
                f"'correct' names {_shown(mark)!r}, which is not among the options "
                f"{options[0].id!r} to {options[-1].id!r}",
            )
        elif len(found) > 1:
            reader.problem(
                (*path, "correct"),
                f"{name!r} is one option's id and another's text: mark the right one "
                "with 'correct: true'",
            )
        right.update(found)
    return tuple(
        Option(option.id, option.text, option.correct or option.id in right) for option in options
    )


def _option(reader: _Reader, node: object, path: tuple[str | int, ...], option_id: str) -> Option:
    if not isinstance(node, Mapping):
        return Option(option_id, reader.words(node, f"option {option_id!r}", path, MAX_TEXT))
    reader.unknown_keys(node, _OPTION_KEYS, path)
    correct = node.get("correct", False)
    if not isinstance(correct, bool):
        reader.problem((*path, "correct"), "'correct' must be true or false")
    return Option(option_id, reader.text(node, "text", path, MAX_TEXT), correct is True)


def to_document(quiz: Quiz) -> dict[str, Any]:
    """The native document of a quiz; `parse` of it gives an equal quiz."""
    document: dict[str, Any] = {"title": quiz.title}
    if quiz.description is not None:
        document["description"] = quiz.description
    if quiz.attribution is not None:
        document["attribution"] = quiz.attribution
    document["scoring"] = quiz.scoring
    document["feedback"] = quiz.feedback
    document["questions"] = [_question_document(question) for question in quiz.questions]
    return document


def _question_document(question: Question) -> dict[str, Any]:
    document: dict[str, Any] = {
        "text": question.text,
        "options": [
            {"text": option.text, "correct": True} if option.correct else option.text
            for option in question.options
        ],
        "points": question.points,
        "time_limit": question.time_limit,
    }
    for key in ("explanation", "media", "source"):
        value = getattr(question, key)
        if value is not None:
            document[key] = value
    return document
