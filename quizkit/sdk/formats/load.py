"""One way in for every quiz file: bytes, then data with positions, then the rules of core."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, TypeAlias

from quizkit.core.errors import InvalidQuiz
from quizkit.core.quiz import Quiz, parse, to_document
from quizkit.sdk.errors import InvalidInput, NotFound, Problem
from quizkit.sdk.formats.json_reader import looks_like_json, read_json
from quizkit.sdk.formats.opentdb import from_opentdb, is_opentdb, native_path
from quizkit.sdk.formats.source import (
    MAX_BYTES,
    Located,
    Mark,
    Path,
    Unreadable,
    decode,
    problem_at,
)
from quizkit.sdk.formats.yaml_reader import read_yaml

Locate: TypeAlias = Callable[[Path], Mark]


@dataclass(frozen=True, slots=True)
class LoadedQuiz:
    """A valid quiz and what it was read from.

    Attributes:
        quiz: the quiz, as the rules know it.
        document: the native document of the same quiz; what `Admin.create_quiz` sends.
        format: `yaml`, `json` or `opentdb`.
        name: the name that errors call it by, such as the file's.
        locate: line and column of a part of the document, by its path.
        warnings: what was left out or changed on reading; for people.
    """

    quiz: Quiz
    document: dict[str, Any]
    format: str
    name: str
    locate: Locate = field(repr=False, compare=False)
    warnings: tuple[str, ...] = ()


def load(source: str | FilePath | bytes, name: str | None = None) -> LoadedQuiz:
    """Read a quiz file; its format is found from its content.

    Args:
        source: a path, or the content itself as bytes.
        name: what to call it in errors; the path where it is None.

    Raises:
        NotFound: no such file.
        InvalidInput: what is in it is no quiz; `problems` has them all, in file order.
    """
    if isinstance(source, bytes):
        return _load(source, name or "quiz")
    path = FilePath(source)
    shown = name or str(source)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as exc:
        raise NotFound(f"There is no file {shown}.") from exc
    except OSError as exc:
        raise invalid(shown, [problem_at((1, 1), f"cannot be read: {exc.strerror}")]) from exc
    return _load(content, shown)


def _load(content: bytes, name: str) -> LoadedQuiz:
    try:
        text = decode(content)
        as_json = looks_like_json(text) or name.lower().endswith(".json")
        located = read_json(text) if as_json else read_yaml(text)
        if is_opentdb(located.value):
            document, warnings = from_opentdb(located)
            return _loaded(document, "opentdb", name, _OpenTdb(located), warnings)
    except Unreadable as exc:
        raise invalid(name, exc.problems) from exc
    return _loaded(located.value, "json" if as_json else "yaml", name, located.find)


@dataclass(frozen=True, slots=True)
class _OpenTdb:
    """Finds the parts of the native document in the response it was made from."""

    located: Located

    def __call__(self, path: Path) -> Mark:
        return self.located.find(native_path(path))


def _loaded(
    document: object, kind: str, name: str, locate: Locate, warnings: tuple[str, ...] = ()
) -> LoadedQuiz:
    try:
        quiz = parse(document)
    except InvalidQuiz as exc:
        problems = [problem_at(locate(each.path), each.message) for each in exc.problems]
        raise invalid(name, problems) from exc
    return LoadedQuiz(quiz, to_document(quiz), kind, name, locate, warnings)


def invalid(name: str, problems: Iterable[Problem]) -> InvalidInput:
    """The error for a quiz file with problems, put in file order."""
    ordered = sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0))
    first = ordered[0]
    count = "1 problem" if len(ordered) == 1 else f"{len(ordered)} problems"
    return InvalidInput(
        f"{name} is not a valid quiz ({count}): line {first.line}, column {first.column}: "
        f"{first.message}.",
        problems=ordered,
        code="invalid_quiz",
        hint=f"see all with: quizkit quiz validate {name}" if len(ordered) > 1 else None,
    )
