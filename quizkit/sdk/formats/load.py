"""One way in for every quiz file: bytes, then data with positions, then the rules of core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Final, TypeAlias

from quizkit.core.errors import InvalidQuiz
from quizkit.core.quiz import Quiz, parse, to_document
from quizkit.sdk.errors import InvalidInput, NotFound, Problem
from quizkit.sdk.formats.catalogue import FORMATS, format_named
from quizkit.sdk.formats.detect import detect
from quizkit.sdk.formats.draft import Draft, cell_name
from quizkit.sdk.formats.media_names import check_media
from quizkit.sdk.formats.source import (
    MAX_BYTES,
    MAX_CONTAINER,
    Mark,
    Path,
    Source,
    Unreadable,
    may_be_large,
    problem_at,
)

#: More than these nobody reads; the rest is counted.
MOST_PROBLEMS: Final = 1_000

Locate: TypeAlias = Callable[[Path], Mark]


@dataclass(frozen=True, slots=True)
class LoadedQuiz:
    """A valid quiz and what it was read from.

    Attributes:
        quiz: the quiz, as the rules know it.
        document: the native document of the same quiz; what `Admin.create_quiz` sends.
        format: name of the file's format, as `--format` takes it.
        name: the name that errors call it by, such as the file's.
        locate: line and column of a part of the document, by its path; of a spreadsheet, row
            and column.
        warnings: what was left out or changed on reading; for people.
        media: files that came inside the quiz file, by the names in `document`.
        text: the source of a native file with its comments; None where there is none.
    """

    quiz: Quiz
    document: dict[str, Any]
    format: str
    name: str
    locate: Locate = field(repr=False, compare=False)
    warnings: tuple[Problem, ...] = ()
    media: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    text: str | None = field(default=None, repr=False, compare=False)

    @property
    def source(self) -> dict[str, str] | None:
        """`{"format", "text"}`, to be stored beside the document for exports with comments."""
        return None if self.text is None else {"format": self.format, "text": self.text}


def open_source(
    source: str | FilePath | bytes,
    name: str | None = None,
    columns: Mapping[str, tuple[str, ...]] | None = None,
) -> Source:
    """The content of a quiz file; no more of it is read than any format may have.

    Args:
        source: a path, or the content itself as bytes.
        name: what to call it in errors; the path where it is None.
        columns: for tables, the names of the columns that hold a field.

    Raises:
        NotFound: no such file.
        InvalidInput: it cannot be read, or is too large.
    """
    if isinstance(source, bytes):
        return Source(source, name or "quiz", columns)
    path = FilePath(source)
    shown = name or str(source)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES and may_be_large(content):
                content += file.read(MAX_CONTAINER - MAX_BYTES)
    except FileNotFoundError as exc:
        raise NotFound(f"There is no file {shown}.") from exc
    except OSError as exc:
        raise invalid(shown, [problem_at((1, 1), f"cannot be read: {exc.strerror}")]) from exc
    except ValueError as exc:  # a null character in the path
        raise NotFound(f"There is no file {shown!r}.") from exc
    return Source(content, shown, columns)


def load(
    source: str | FilePath | bytes | Source,
    name: str | None = None,
    *,
    format: str | None = None,  # noqa: A002  (it is called so on the command line, too)
) -> LoadedQuiz:
    """Read a quiz file.

    Args:
        source: a path, the content itself as bytes, or what `open_source` gave.
        name: what to call it in errors; the path where it is None.
        format: its format, one of `FORMATS`; found from the content where it is None.

    Raises:
        NotFound: no such file.
        InvalidInput: what is in it is no quiz; `problems` has them all, in file order.
        Misuse: there is no such format.
    """
    opened = source if isinstance(source, Source) else open_source(source, name)
    draft = read(opened, format=format)
    problems = [*draft.notes.problems, *check_media(draft)]
    try:
        quiz = parse(draft.document)
    except InvalidQuiz as exc:
        problems += [problem_at(draft.locate(each.path), each.message) for each in exc.problems]
    if problems:
        raise invalid(opened.name, [_placed(draft, each) for each in (*_emptied(draft), *problems)])
    return LoadedQuiz(
        quiz,
        to_document(quiz),
        draft.format,
        opened.name,
        draft.locate,
        tuple(_placed(draft, each) for each in draft.notes.warnings),
        draft.media,
        draft.text,
    )


def read(source: Source, *, format: str | None = None) -> Draft:  # noqa: A002
    """Read a quiz file into a native document, without asking the rules about it.

    Raises:
        InvalidInput: the file is of no known format, or broken.
        Misuse: there is no such format.
    """
    try:
        chosen = FORMATS[detect(source)] if format is None else format_named(format)
        return chosen.read(source)
    except Unreadable as exc:
        raise invalid(source.name, exc.problems) from exc


def _emptied(draft: Draft) -> tuple[Problem, ...]:
    """Why a file that was read has no questions left: what was left out of it."""
    document = draft.document
    empty = isinstance(document, dict) and document.get("questions") == []
    return draft.notes.warnings if empty else ()


def _placed(draft: Draft, problem: Problem) -> Problem:
    """In spreadsheets people look for cells, not for lines."""
    if not draft.cells or problem.line is None or problem.column is None:
        return problem
    cell = cell_name((problem.line, problem.column))
    return Problem(f"cell {cell}: {problem.message}", problem.line, problem.column)


def invalid(name: str, problems: Iterable[Problem]) -> InvalidInput:
    """The error for a quiz file with problems, put in file order."""
    ordered = sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0))
    first, more = ordered[0], len(ordered) - MOST_PROBLEMS
    count = "1 problem" if len(ordered) == 1 else f"{len(ordered)} problems"
    if more > 0:
        left = ordered[MOST_PROBLEMS]
        message = f"from here on there are {more} more problems"
        ordered[MOST_PROBLEMS:] = [Problem(message, left.line, left.column)]
    return InvalidInput(
        f"{name} is not a valid quiz ({count}): line {first.line}, column {first.column}: "
        f"{first.message}.",
        problems=ordered,
        code="invalid_quiz",
        hint=f"see all with: quizkit quiz validate {name}" if len(ordered) > 1 else None,
    )
