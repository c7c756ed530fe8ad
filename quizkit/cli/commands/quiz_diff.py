"""`quizkit quiz diff`: what differs between quizzes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quizkit.cli.commands.quiz import QuizId, Version, group
from quizkit.cli.context import Cli
from quizkit.cli.quiz_files import load_file, media_folder
from quizkit.cli.render import clean

if TYPE_CHECKING:
    from quizkit.sdk.documents import QuizDocument


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    group.command("diff")(diff)


def diff(
    context: typer.Context,
    quiz: QuizId,
    other: Annotated[
        str | None,
        typer.Argument(
            help="A version's number, another quiz or a file; the version before by default.",
            metavar="[OTHER]",
        ),
    ] = None,
    version: Version = None,
) -> None:
    """What differs between versions of a quiz, two quizzes, or a quiz and a file."""
    from quizkit.sdk.quiz_diff import quiz_diff

    cli = Cli.of(context)
    found = cli.admin.get_quiz(quiz, version)
    mine = _Side(_which(found), found["document"])
    if other is None or other.isdecimal():
        before, after = _version_before(cli, found, other), mine
    else:
        before, after = mine, _other_side(cli, other)
    if before is None:
        cli.out.note(f"version {found['version']} is the first one of {quiz}")
        before = after
    compared = quiz_diff(before.document, after.document, (before.name, after.name))
    document = {
        "quiz_id": quiz,
        "from": before.name,
        "to": after.name,
        "same": compared.same,
        "fields": compared.fields,
        "questions": compared.questions,
        "diff": compared.text,
    }
    same = f"{before.name} and {after.name} say the same"
    cli.out.result(document, *(clean(line) for line in compared.text.splitlines() or [same]))


@dataclass(frozen=True, slots=True)
class _Side:
    """One of two quizzes that are compared: how it is called, and its native document."""

    name: str
    document: Mapping[str, Any]


def _which(found: QuizDocument) -> str:
    return f"{found['quiz_id']} version {found['version']}"


def _version_before(cli: Cli, found: QuizDocument, number: str | None) -> _Side | None:
    """The version with this number; where it is None the one before, if there is one."""
    older = [each["version"] for each in found["versions"] if each["version"] < found["version"]]
    if number is None and not older:
        return None
    wanted = cli.admin.get_quiz(found["quiz_id"], int(number) if number else max(older))
    return _Side(_which(wanted), wanted["document"])


def _other_side(cli: Cli, other: str) -> _Side:
    """A file, its media named as they would be stored, or another quiz."""
    if other != "-" and not Path(other).exists():
        found = cli.admin.get_quiz(other)
        return _Side(_which(found), found["document"])
    from quizkit.sdk.media import find_media, with_keys

    loaded = load_file(other)
    with media_folder(other, loaded) as folder:
        return _Side(loaded.name, with_keys(loaded.document, find_media(loaded, folder)))
