"""Quiz files that a command names: opened, read, and checked with their media."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from quizkit.cli.render import clean
from quizkit.sdk.errors import InvalidInput, Misuse, Problem

if TYPE_CHECKING:
    from quizkit.cli.render import Output
    from quizkit.sdk.formats import LoadedQuiz
    from quizkit.sdk.formats.source import Source


def open_file(name: str, columns: list[str] | None = None) -> Source:
    """A quiz file's content, or that of standard input for `-`.

    Args:
        columns: `--map` as it was given.
    """
    from quizkit.sdk.formats import open_source
    from quizkit.sdk.formats.source import MAX_CONTAINER, STDIN

    if name == "-":
        return open_source(sys.stdin.buffer.read(MAX_CONTAINER + 1), STDIN, _mapped(columns))
    return open_source(name, columns=_mapped(columns))


def load_file(name: str, form: str | None = None, columns: list[str] | None = None) -> LoadedQuiz:
    """Read a quiz file, or standard input for `-`."""
    from quizkit.sdk.formats import load

    return load(open_file(name, columns), format=form)


def load_all(
    out: Output,
    names: Sequence[str],
    form: str | None = None,
    columns: list[str] | None = None,
) -> list[tuple[str, LoadedQuiz]]:
    """Read several quiz files and check them with their media, before anything is sent.

    Raises:
        InvalidInput: with every problem of every file; where there are several, they have been
            said as `file:line:column message`.
        NotFound: a file is not there.
    """
    loaded: list[tuple[str, LoadedQuiz]] = []
    bad: list[tuple[str, InvalidInput]] = []
    for name in names:
        try:
            quiz = load_file(name, form, columns)
            check_media(name, quiz)
        except InvalidInput as exc:
            bad.append((name, exc))
        else:
            loaded.append((name, quiz))
    if bad:
        raise _refused(out, bad, several=len(names) > 1)
    return loaded


def _refused(
    out: Output, bad: Sequence[tuple[str, InvalidInput]], *, several: bool
) -> InvalidInput:
    """The one error for all files that are not valid; tells their problems."""
    problems = [
        replace(each, file=name)
        for name, exc in bad
        for each in exc.problems or (Problem(exc.message.rstrip(".")),)
    ]
    if len(problems) > 1:
        out.say(*(at(each.file or "", each) for each in problems))
    # The hint of one file's many problems says how to see them all, which has been done.
    error, hint = bad[0][1], bad[0][1].hint if len(problems) == 1 else None
    if not several:
        return InvalidInput(error.message, problems=error.problems, hint=hint, code=error.code)
    count = "1 file is" if len(bad) == 1 else f"{len(bad)} files are"
    many = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    where = f": {at(problems[0].file or '', problems[0])}" if len(problems) == 1 else "."
    message = f"{count} not valid ({many}), so nothing was stored{where}"
    return InvalidInput(message, problems=problems, hint=hint, code="invalid_quiz")


def check_media(name: str, quiz: LoadedQuiz) -> None:
    """Look at the media files that a quiz names; raises `InvalidInput` with all problems."""
    from quizkit.sdk.media import find_media

    with media_folder(name, quiz) as folder:
        find_media(quiz, folder)


def media_folder(name: str, quiz: LoadedQuiz) -> AbstractContextManager[Path | None]:
    """Where a quiz's media are: they lie beside its file or came inside of it."""
    from quizkit.sdk.formats.media_files import unpacked

    beside = None if name == "-" else Path(name).absolute().parent
    return unpacked(quiz.media) if quiz.media else nullcontext(beside)


def at(name: str, problem: Problem) -> str:
    """`file:line:column message`."""
    place = "" if problem.line is None else f":{problem.line}:{problem.column}"
    return f"{clean(name)}{place} {clean(problem.message)}"


def _mapped(columns: list[str] | None) -> dict[str, tuple[str, ...]]:
    """`--map` as the columns of each field."""
    from quizkit.sdk.formats.layouts import FIELDS

    found: dict[str, tuple[str, ...]] = {}
    for pair in (each for given in columns or () for each in given.split(",")):
        name, equals, column = (part.strip() for part in pair.partition("="))
        name = "question" if name == "text" else name
        if not equals or not column or name not in FIELDS:
            raise Misuse(
                f"--map takes FIELD=COLUMN, not {pair!r}.", hint=f"fields: {', '.join(FIELDS)}"
            )
        found[name] = (*found.get(name, ()), column)
    return found
